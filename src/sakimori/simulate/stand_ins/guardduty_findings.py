"""Findings of GuardDuty, which moto has not: samples that the account orders, listed and shown."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from moto.guardduty.models import guardduty_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_PAGE: Final = 50
_USUAL: Final = ("Recon:EC2/PortProbeUnprotectedPort", "UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom")
_SEVERITY: Final = 5.0


def create_samples(desk: Desk) -> Mapping[str, Any]:
    """Make a sample finding of each type; one that was made already occurs again."""
    detector = _detector(desk)
    kept = desk.state.services.guardduty_findings.setdefault(detector, {})
    now = f"{desk.state.clock():%Y-%m-%dT%H:%M:%S}.000Z"
    for kind in desk.parameters().get("FindingTypes") or _USUAL:
        identifier = hashlib.md5(f"{detector} {kind}".encode(), usedforsecurity=False).hexdigest()
        known = kept.get(identifier)
        kept[identifier] = _finding(desk, identifier, kind, now) if known is None else _again(known, now)
    return {}


def listed(desk: Desk) -> Mapping[str, Any]:
    """A page of ids; of the criteria, that of the last change is heeded."""
    asked = desk.parameters()
    changed = (asked.get("FindingCriteria") or {}).get("Criterion", {}).get("updatedAt", {})
    least = changed.get("GreaterThanOrEqual", changed.get("Gte", 0))
    found = [each["Id"] for each in _kept(desk).values() if _milliseconds(each["UpdatedAt"]) >= least]
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or _PAGE)
    page = {"FindingIds": found[start : start + size]}
    return {**page, "NextToken": str(start + size)} if start + size < len(found) else page


def shown(desk: Desk) -> Mapping[str, Any]:
    """The findings of these ids."""
    wanted: Sequence[str] = desk.parameters()["FindingIds"]
    if len(wanted) > _PAGE:
        raise ServiceError(
            "BadRequestException", "The request is rejected because too many finding ids were given.", 400
        )
    return {"Findings": [each for identifier, each in _kept(desk).items() if identifier in wanted]}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "guardduty:CreateSampleFindings": create_samples,
    "guardduty:GetFindings": shown,
    "guardduty:ListFindings": listed,
}


def _detector(desk: Desk) -> str:
    detector = str(desk.parameters()["DetectorId"])
    if detector not in guardduty_backends[desk.state.account_id][desk.call.region].list_detectors():
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise ServiceError("BadRequestException", message, 400)
    return detector


def _kept(desk: Desk) -> Mapping[str, dict[str, Any]]:
    return desk.state.services.guardduty_findings.get(_detector(desk), {})


def _finding(desk: Desk, identifier: str, kind: str, now: str) -> dict[str, Any]:
    partition, account, region = desk.state.partition, desk.state.account_id, desk.call.region
    detector = _detector(desk)
    return {
        "AccountId": account,
        "Arn": f"arn:{partition}:guardduty:{region}:{account}:detector/{detector}/finding/{identifier}",
        "CreatedAt": now,
        "UpdatedAt": now,
        "Description": "A sample finding, for which nothing happened.",
        "Id": identifier,
        "Partition": partition,
        "Region": region,
        "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-99999999"}},
        "SchemaVersion": "2.0",
        "Service": {
            "AdditionalInfo": {"Value": '{"sample":true}', "Type": "default"},
            "Archived": False,
            "Count": 1,
            "DetectorId": detector,
            "EventFirstSeen": now,
            "EventLastSeen": now,
            "ResourceRole": "TARGET",
            "ServiceName": "guardduty",
        },
        "Severity": _SEVERITY,
        "Title": f"[SAMPLE] {kind}",
        "Type": kind,
    }


def _again(known: dict[str, Any], now: str) -> dict[str, Any]:
    service = {**known["Service"], "Count": known["Service"]["Count"] + 1, "EventLastSeen": now}
    return {**known, "UpdatedAt": now, "Service": service}


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)
