"""OCSF 1.7.0 Compliance Finding events (class 2003, profile `cloud`), one JSON object a line.

Source: Open Cybersecurity Schema Framework 1.7.0, events/findings/compliance_finding.json
and the objects it names. Fail, pass and unknown are the compliance states Fail, Pass and
Warning ("did not yield a result due to missing information").
"""

from datetime import UTC, datetime
from typing import Final, TextIO

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.version import __version__
from sakimori.model.words import Confidence, Severity, Status
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.plain_values import as_json
from sakimori.outputs.report.words import short_resource
from sakimori.texts.language import Language

VERSION: Final = "1.7.0"

_CLASS: Final = 2003
SEVERITY: Final = {
    Severity.INFORMATIONAL: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
CONFIDENCE: Final = {Confidence.LOW: (1, "Low"), Confidence.MEDIUM: (2, "Medium"), Confidence.HIGH: (3, "High")}
_COMPLIANCE: Final = {Status.PASS: (1, "Pass"), Status.UNKNOWN: (2, "Warning"), Status.FAIL: (3, "Fail")}
_CREATE: Final = (1, "Create")
_UPDATE: Final = (2, "Update")
_CLOSE: Final = (3, "Close")
_AWS_ACCOUNT: Final = (10, "AWS Account")
_RULE_ANALYTIC: Final = (1, "Rule")


def write_ocsf(assessment: Assessment, stream: TextIO, language: Language) -> None:
    """One event per verdict, and a closing one for each fixed finding whose resource is no longer there."""
    writer = _Events(assessment, language)
    closed = {verdict.id: verdict for verdict in assessment.changes.fixed}
    for verdict in assessment.verdicts:
        identity = verdict.id
        is_fixed = verdict.status is Status.PASS and closed.pop(identity, None) is not None
        stream.write(as_json(writer.event(verdict, identity, _CLOSE if is_fixed else writer.activity(identity))) + "\n")
    for identity, verdict in closed.items():
        stream.write(as_json(writer.event(verdict, identity, _CLOSE)) + "\n")


class _Events:
    """Makes the events of one assessment; what they share is made once."""

    def __init__(self, assessment: Assessment, language: Language) -> None:
        self._still_open = assessment.changes.still_open
        self._language: Language = language
        self._rules: dict[str, RuleSummary] = {rule.id: rule for rule in assessment.rules}
        self._aliases = {covered.account.id: covered.account.alias for covered in assessment.accounts}
        self._time = milliseconds(assessment.as_of)
        self._run = assessment.run

    def activity(self, identity: str) -> tuple[int, str]:
        return _UPDATE if identity in self._still_open else _CREATE

    def event(self, verdict: Verdict, identity: str, activity: tuple[int, str]) -> dict[str, object]:
        severity = SEVERITY[Severity.INFORMATIONAL if verdict.status is Status.PASS else verdict.severity]
        confidence = CONFIDENCE[verdict.confidence]
        state = _state(verdict, activity)
        event: dict[str, object] = {
            "activity_id": activity[0], "activity_name": activity[1],
            "category_uid": 2, "category_name": "Findings", "class_uid": _CLASS, "class_name": "Compliance Finding",
            "type_uid": _CLASS * 100 + activity[0], "type_name": f"Compliance Finding: {activity[1]}",
            "time": self._time, "severity_id": severity[0], "severity": severity[1],
            "confidence_id": confidence[0], "confidence": confidence[1], "status_id": state[0], "status": state[1],
            "message": verdict.message.in_(self._language),
            "metadata": self._metadata(verdict, identity),
            "cloud": self._cloud(verdict),
            "finding_info": self._finding(verdict, identity),
            "compliance": self._compliance(verdict),
            "resources": [_resource(verdict)],
        }  # fmt: skip
        if verdict.evidence:
            event["evidences"] = [{"data": verdict.evidence}]
        rule = self._rules.get(verdict.rule)
        if rule is not None:
            event["remediation"] = {"desc": rule.fix.in_(self._language), "references": rule.references}
        if verdict.mute is not None:
            event["comment"] = verdict.mute.reason
        return event

    def _metadata(self, verdict: Verdict, identity: str) -> dict[str, object]:
        return {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {"name": "sakimori", "vendor_name": "sakimori", "version": __version__, "lang": self._language},
            "event_code": verdict.rule,
            "uid": f"{self._run}/{identity}",
            "correlation_uid": self._run,
        }

    def _cloud(self, verdict: Verdict) -> dict[str, object]:
        account: dict[str, object] = {"uid": verdict.account, "type_id": _AWS_ACCOUNT[0], "type": _AWS_ACCOUNT[1]}
        alias = self._aliases.get(verdict.account)
        if alias:
            account["name"] = alias
        return {"provider": "AWS", "account": account, "region": verdict.region, "cloud_partition": verdict.partition}

    def _finding(self, verdict: Verdict, identity: str) -> dict[str, object]:
        rule = self._rules.get(verdict.rule)
        info: dict[str, object] = {
            "uid": identity,
            "title": rule.title.in_(self._language) if rule else verdict.rule,
            "types": ["posture"],
            "analytic": {"uid": verdict.rule, "type_id": _RULE_ANALYTIC[0], "type": _RULE_ANALYTIC[1]},
        }
        if verdict.first_seen:
            info["first_seen_time"] = info["created_time"] = milliseconds(verdict.first_seen)
        if verdict.last_seen:
            info["last_seen_time"] = milliseconds(verdict.last_seen)
        return info

    def _compliance(self, verdict: Verdict) -> dict[str, object]:
        state = _COMPLIANCE[verdict.status]
        compliance: dict[str, object] = {"control": verdict.rule, "status_id": state[0], "status": state[1]}
        if verdict.reason:
            compliance["status_code"] = verdict.reason
        if verdict.parameters:
            compliance["control_parameters"] = [
                {"name": name, "value": value if isinstance(value, str) else as_json(value)}
                for name, value in verdict.parameters.items()
            ]
        rule = self._rules.get(verdict.rule)
        if rule is not None and rule.frameworks:
            compliance["standards"] = sorted({framework for framework, _ in rule.frameworks})
            compliance["requirements"] = related(rule.frameworks)
        return compliance


def _state(verdict: Verdict, activity: tuple[int, str]) -> tuple[int, str]:
    """The life of the finding, which OCSF keeps apart from the state of compliance."""
    if activity == _CLOSE or verdict.status is Status.PASS:
        return 4, "Resolved"
    if verdict.status is Status.UNKNOWN:
        return 0, "Unknown"
    return (3, "Suppressed") if verdict.mute else (1, "New")


def _resource(verdict: Verdict) -> dict[str, object]:
    return {
        "uid": verdict.resource,
        "name": short_resource(verdict.resource),
        "type": verdict.resource_type,
        "region": verdict.region,
        "cloud_partition": verdict.partition,
    }


def milliseconds(value: datetime) -> int:
    """Milliseconds since 1970; a time without a zone is UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
