"""Findings in the form of OCSF: as Security Hub (GetFindingsV2, EventBridge) and Security Lake tell them.

Any class of the category Findings: Security (2001), Vulnerability (2002), Compliance (2003), Detection (2004), Incident (2005),
Data Security (2006) and Application Security Posture (2007).
Source: OCSF 1.8.0, events/findings and objects/{finding_info,attack,compliance,vulnerability}.json; Security Hub API
Reference, OcsfFindingIdentifier.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.findings.imported import inspector
from sakimori.findings.imported.asff import guardduty_type, producer_of
from sakimori.findings.imported.guardduty import tactic
from sakimori.findings.imported.principals import behind, principal_of
from sakimori.findings.imported.told import Told, Where, as_detection, closed_word, tactic_of
from sakimori.findings.imported.values import count, first_text, items, known, member, moment, number, text, texts
from sakimori.model.detection import Detection
from sakimori.model.words import Confidence, Severity

_FIRST_CLASS, _LAST_CLASS = 2001, 2099
_SEVERITIES: Final = {
    1: Severity.INFORMATIONAL, 2: Severity.LOW, 3: Severity.MEDIUM, 4: Severity.HIGH, 5: Severity.CRITICAL,
    6: Severity.CRITICAL,
}  # fmt: skip
_CONFIDENCES: Final = {1: Confidence.LOW, 2: Confidence.MEDIUM, 3: Confidence.HIGH}
_CLOSED: Final = frozenset({3, 4, 5, 6})
"""Suppressed, resolved, archived, deleted."""
_CLOSING: Final = 3
"""The activity Close."""
_PASSED: Final = 1


def recognises(found: Mapping[str, Any]) -> bool:
    """Whether these members are a finding of OCSF."""
    uid = number(found, "class_uid")
    return uid is not None and _FIRST_CLASS <= uid <= _LAST_CLASS and ("finding_info" in found or "finding" in found)


def detection(found: Mapping[str, Any], where: Where) -> Detection | None:
    """The detection of a finding; None where it has no identity, kind or time."""
    info = found.get("finding_info") or found.get("finding")
    product = first_text(found, ("metadata", "product", "name"), ("metadata", "product", "uid"))
    producer, account = producer_of(product.rpartition("/")[2]), text(found, "cloud", "account", "uid")
    types = texts(info, "types")
    kind = _kind(found, info, producer, types)
    identity = text(info, "uid")
    partition = identity.split(":")[1] if identity.startswith("arn:") and identity.count(":") > 1 else ""
    told = Told(
        producer=producer,
        native_id=identity.rpartition("/")[2] if producer == "macie" else identity,
        kind=kind,
        title=text(info, "title"),
        description=text(info, "desc", most=4_000),
        severity=_SEVERITIES.get(int(number(found, "severity_id") or 0), Severity.MEDIUM),
        confidence=_CONFIDENCES.get(int(number(found, "confidence_id") or 0), Confidence.MEDIUM),
        first_at=_moment(info, "first_seen_time") or _moment(info, "created_time") or _moment(found, "time"),
        last_at=_moment(info, "last_seen_time") or _moment(info, "modified_time") or _moment(found, "time"),
        updated_at=_moment(info, "modified_time") or _moment(found, "time"),
        count=count(found, "count"),
        account=account,
        region=text(found, "cloud", "region"),
        partition=partition or first_text(found, ("resources", "cloud_partition")),
        principal=_principal(found, account, partition),
        origins=tuple(_origins(found)),
        resources=tuple(_resources(found)),
        tactics=(tactic(kind), *(tactic_of(each) for each in _attacks(found, info, "tactic", "name"))),
        techniques=tuple(each for each in _attacks(found, info, "technique", "uid") if each.startswith("T")),
        evidence=known(
            product=product if producer == "securityhub" else "",
            control=text(found, "compliance", "control"),
            status=text(found, "status"),
        ),
        is_closed=_is_closed(found),
    )
    return as_detection(told, where)


def _kind(found: Mapping[str, Any], info: object, producer: str, types: tuple[str, ...]) -> str:
    if producer == "guardduty" and types:
        return guardduty_type(types[0]) if "/" in types[0] and types[0].startswith("TTPs") else types[0]
    if producer == "inspector" and (vulnerability := text(found, "vulnerabilities", "cve", "uid")):
        return inspector.kind_of("PACKAGE_VULNERABILITY", vulnerability)
    return text(found, "compliance", "control") or (types[0] if types else text(info, "title"))


def _moment(value: object, name: str) -> Any:
    return moment(value, name) or moment(value, f"{name}_dt")


def _is_closed(found: Mapping[str, Any]) -> bool:
    return (
        number(found, "status_id") in _CLOSED
        or closed_word(text(found, "status"))
        or number(found, "activity_id") == _CLOSING
        or number(found, "compliance", "status_id") == _PASSED
    )


def _actors(found: Mapping[str, Any]) -> Iterator[object]:
    yield member(found, "actor")
    yield from (member(each, "actor") for each in items(found, "evidences"))


def _principal(found: Mapping[str, Any], account: str, partition: str) -> str:
    for actor in _actors(found):
        user = member(actor, "user")
        issuer = first_text(actor, ("session", "issuer"))
        if issuer.startswith("arn:"):
            return behind(issuer)
        named = first_text(user, ("uid",), ("uid_alt",))
        if named.startswith("arn:"):
            return behind(named)
        if user is not None:
            return principal_of(
                kind=text(user, "type"),
                name=text(user, "name"),
                principal_id=named,
                account=account,
                partition=partition,
            )
    return ""


def _origins(found: Mapping[str, Any]) -> Iterator[str]:
    for each in (found, *items(found, "evidences")):
        yield first_text(each, ("src_endpoint", "ip"), ("src_endpoint", "svc_name"), ("src_endpoint", "hostname"))


def _resources(found: Mapping[str, Any]) -> Iterator[str]:
    for each in (*items(found, "resources"), *items(found, "resource")):
        yield first_text(each, ("uid",), ("name",))


def _attacks(found: Mapping[str, Any], info: object, part: str, name: str) -> Iterator[str]:
    for each in (*items(info, "attacks"), *items(found, "attacks")):
        yield first_text(each, (part, name), (f"{part}s", name))
