"""OCSF 1.7.0 Detection Finding events (class 2004), one JSON object a line.

Source: Open Cybersecurity Schema Framework 1.7.0, events/findings/detection_finding.json and objects/{finding_info,attack}.json.
"""

from collections.abc import Iterable
from typing import Final, TextIO

from sakimori.model.detection import Detection
from sakimori.model.version import __version__
from sakimori.outputs.report.ocsf_events import CONFIDENCE, SEVERITY, VERSION, milliseconds
from sakimori.outputs.report.plain_values import as_json
from sakimori.texts.language import Language

_CLASS: Final = 2004
_CREATE: Final = (1, "Create")
_AWS_ACCOUNT: Final = (10, "AWS Account")
_RULE: Final = (1, "Rule")
_ATTACK_VERSION: Final = "18.1"


def write_detection_events(detections: Iterable[Detection], stream: TextIO, language: Language) -> None:
    """One event a detection."""
    stream.writelines(as_json(detection_event(each, language)) + "\n" for each in detections)


def detection_event(found: Detection, language: Language) -> dict[str, object]:
    """One detection as a Detection Finding."""
    severity, confidence = SEVERITY[found.severity], CONFIDENCE[found.confidence]
    event: dict[str, object] = {
        "activity_id": _CREATE[0], "activity_name": _CREATE[1],
        "category_uid": 2, "category_name": "Findings", "class_uid": _CLASS, "class_name": "Detection Finding",
        "type_uid": _CLASS * 100 + _CREATE[0], "type_name": f"Detection Finding: {_CREATE[1]}",
        "time": milliseconds(found.last_at), "start_time": milliseconds(found.first_at), "end_time": milliseconds(found.last_at),
        "count": found.count, "severity_id": severity[0], "severity": severity[1],
        "confidence_id": confidence[0], "confidence": confidence[1], "status_id": 1, "status": "New",
        "message": found.message.in_(language), "is_alert": found.severity.rank >= 2,  # noqa: PLR2004 - medium and above
        "metadata": {
            "version": VERSION, "profiles": ["cloud"], "uid": found.id, "log_name": found.source or None,
            "product": {"name": "sakimori", "vendor_name": "sakimori", "version": __version__, "lang": language},
        },
        "cloud": {"provider": "AWS", "region": found.region or None, "account": {"uid": found.account, "type_id": _AWS_ACCOUNT[0], "type": _AWS_ACCOUNT[1]}},
        "finding_info": {
            "uid": found.id, "title": found.title.in_(language), "desc": found.message.in_(language),
            "first_seen_time": milliseconds(found.first_at), "last_seen_time": milliseconds(found.last_at),
            "analytic": {"type_id": _RULE[0], "type": _RULE[1], "name": found.rule, "uid": found.rule},
            "attacks": _attacks(found) or None, "related_events_count": found.count,
        },
        "resources": [{"uid": each} for each in found.resources] or None,
        "evidences": [_evidence(found)],
    }  # fmt: skip
    return {key: _without(value) for key, value in event.items() if value is not None}


def _attacks(found: Detection) -> list[dict[str, object]]:
    tactics = [{"name": each.replace("-", " ").title()} for each in found.tactics]
    if not found.techniques:
        return [{"tactic": each, "version": _ATTACK_VERSION} for each in tactics]
    made: list[dict[str, object]] = []
    for each in found.techniques:
        technique, _, sub = each.partition(".")
        attack: dict[str, object] = {"technique": {"uid": technique}, "version": _ATTACK_VERSION}
        if sub:
            attack["sub_technique"] = {"uid": each}
        if tactics:
            attack["tactic"] = tactics[0]
        made.append(attack)
    return made


def _evidence(found: Detection) -> dict[str, object]:
    evidence: dict[str, object] = {"data": {"event_ids": list(found.event_ids), "origins": list(found.origins)}}
    if found.principal:
        evidence["actor"] = {"user": {"uid": found.principal, "name": found.principal.rsplit("/", 1)[-1]}}
    if found.origins:
        evidence["src_endpoint"] = {"name": found.origins[0]} if not found.origins[0][:1].isdigit() else {"ip": found.origins[0]}  # fmt: skip
    return evidence


def _without(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without(each) for each in value]
    return value
