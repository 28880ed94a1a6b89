"""GuardDuty's features, Macie's session and Detective's graphs, where moto answers otherwise than AWS or not at all."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.guardduty.models import Detector, guardduty_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

# "CreateDetector", GuardDuty API reference: a feature that is not named is on, Runtime Monitoring excepted.
_ALWAYS_ON: Final = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
_ON_BY_DEFAULT: Final = (
    "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS",
)  # fmt: skip
_RUNTIME: Final = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")
_NOT_ENABLED: Final = "Macie is not enabled."


def create_detector(desk: Desk) -> Answer:
    """A new detector with its features."""
    _check(desk)
    before = set(_detectors(desk))
    answer = desk.moto()
    for detector_id in set(_detectors(desk)) - before:
        _set_features(desk, _detectors(desk)[detector_id], kept={})
    return answer


def update_detector(desk: Desk) -> Answer:
    """Change a detector; a feature that is not named stays as it is."""
    _check(desk)
    detector = _detectors(desk).get(desk.parameters()["DetectorId"])
    kept = {each["name"]: each["status"] for each in detector.features} if detector else {}
    answer = desk.moto()
    if detector:
        _set_features(desk, detector, kept=kept)
    return answer


def administrator(desk: Desk) -> Mapping[str, Any]:
    """The administrator whose member the account is; nothing for one that is nobody's."""
    _detector_id(desk)
    found = guardduty_backends[desk.state.account_id][desk.call.region].admin_account_ids
    return {"Administrator": {"AccountId": found[0], "RelationshipStatus": "Enabled"}} if found else {}


def publishing_destinations(desk: Desk) -> Mapping[str, Any]:
    """Where a detector's findings are exported."""
    told = ("DestinationId", "DestinationType", "Status")
    found = desk.state.services.destinations.get(_detector_id(desk), ())
    return {"Destinations": [{name: each[name] for name in told} for each in found]}


def publishing_destination(desk: Desk) -> Mapping[str, Any]:
    """One of them with its address."""
    for each in desk.state.services.destinations.get(_detector_id(desk), ()):
        if each["DestinationId"] == desk.parameters()["DestinationId"]:
            return each
    raise ServiceError("BadRequestException", "The request is rejected because the destination does not exist.")


def create_publishing_destination(desk: Desk) -> Mapping[str, Any]:
    """Export a detector's findings to a bucket; one destination at most."""
    detector_id = _detector_id(desk)
    made = {
        "DestinationId": secrets.token_hex(16),
        "DestinationType": "S3",
        "Status": "PUBLISHING",
        "DestinationProperties": desk.parameters().get("DestinationProperties", {}),
    }
    if desk.state.services.destinations.setdefault(detector_id, []):
        raise ServiceError("BadRequestException", "The request is rejected because a destination already exists.")
    desk.state.services.destinations[detector_id].append(made)
    return {"DestinationId": made["DestinationId"]}


def macie_session(desk: Desk) -> Mapping[str, Any]:
    """The Region's session; without one the call is refused in AWS's words."""
    return _session(desk)


def macie_administrator(desk: Desk) -> Mapping[str, Any]:
    """The administrator whose member the account is; nothing for one that is nobody's."""
    _session(desk)
    found = desk.state.services.administrators.get("macie2")
    return {"administrator": {"accountId": found, "relationshipStatus": "Enabled"}} if found else {}


def enable_macie(desk: Desk) -> Mapping[str, Any]:
    """Turn Macie on, at work or paused."""
    region, asked, now = desk.call.region, desk.parameters(), desk.state.clock()
    if region in desk.state.services.macie:
        raise ServiceError("ConflictException", "Macie has already been enabled", 409)
    role = f"arn:{desk.state.partition}:iam::{desk.state.account_id}:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie"
    desk.state.services.macie[region] = {
        "createdAt": now,
        "updatedAt": now,
        "findingPublishingFrequency": asked.get("findingPublishingFrequency", "FIFTEEN_MINUTES"),
        "serviceRole": role,
        "status": asked.get("status", "ENABLED"),
    }
    return {}


def update_macie(desk: Desk) -> Mapping[str, Any]:
    """Pause it, or let it go on."""
    asked = desk.parameters()
    changed = {name: asked[name] for name in ("findingPublishingFrequency", "status") if name in asked}
    desk.state.services.macie[desk.call.region] = {**_session(desk), **changed, "updatedAt": desk.state.clock()}
    return {}


def disable_macie(desk: Desk) -> Mapping[str, Any]:
    """Turn it off."""
    _session(desk)
    desk.state.services.macie.pop(desk.call.region)
    return {}


def graphs(desk: Desk) -> Mapping[str, Any]:
    """The behavior graph that the account administers in the Region."""
    found = desk.state.services.graphs.get(desk.call.region)
    return {"GraphList": [{"Arn": found}] if found else []}


def create_graph(desk: Desk) -> Mapping[str, Any]:
    """Turn Detective on in the Region."""
    region = desk.call.region
    if region in desk.state.services.graphs:
        raise ServiceError("ConflictException", "The account already has a behavior graph.", 409)
    arn = f"arn:{desk.state.partition}:detective:{region}:{desk.state.account_id}:graph:{secrets.token_hex(16)}"
    desk.state.services.graphs[region] = arn
    return {"GraphArn": arn}


def delete_graph(desk: Desk) -> Mapping[str, Any]:
    """Turn it off."""
    if desk.state.services.graphs.get(desk.call.region) != desk.parameters()["GraphArn"]:
        raise ServiceError("ResourceNotFoundException", "The behavior graph was not found.", 404)
    desk.state.services.graphs.pop(desk.call.region)
    return {}


def invitations(desk: Desk) -> Mapping[str, Any]:
    """Graphs of other accounts that ask for this account's data, or have it."""
    return {"Invitations": list(desk.state.services.invitations.get(desk.call.region, ()))}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "detective:CreateGraph": create_graph,
    "detective:DeleteGraph": delete_graph,
    "detective:ListGraphs": graphs,
    "detective:ListInvitations": invitations,
    "guardduty:CreateDetector": create_detector,
    "guardduty:CreatePublishingDestination": create_publishing_destination,
    "guardduty:DescribePublishingDestination": publishing_destination,
    "guardduty:GetAdministratorAccount": administrator,
    "guardduty:ListPublishingDestinations": publishing_destinations,
    "guardduty:UpdateDetector": update_detector,
    "macie2:DisableMacie": disable_macie,
    "macie2:EnableMacie": enable_macie,
    "macie2:GetAdministratorAccount": macie_administrator,
    "macie2:GetMacieSession": macie_session,
    "macie2:UpdateMacieSession": update_macie,
}


def _session(desk: Desk) -> Mapping[str, Any]:
    found = desk.state.services.macie.get(desk.call.region)
    if found is None:
        raise ServiceError("AccessDeniedException", _NOT_ENABLED, 403)
    return found


def _detectors(desk: Desk) -> Mapping[str, Detector]:
    return guardduty_backends[desk.state.account_id][desk.call.region].detectors


def _detector_id(desk: Desk) -> str:
    asked = desk.parameters()["DetectorId"]
    if asked not in _detectors(desk):
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise ServiceError("BadRequestException", message)
    return asked


def _asked(desk: Desk) -> Mapping[str, str]:
    found: Iterable[Mapping[str, Any]] = desk.parameters().get("Features") or ()
    return {each["Name"]: each["Status"] for each in found}


def _check(desk: Desk) -> None:
    asked = _asked(desk)
    known = {*_ON_BY_DEFAULT, *_RUNTIME}
    if not set(asked) <= known or set(_RUNTIME) <= set(asked):
        raise ServiceError("BadRequestException", "The request is rejected because the features are not valid.")


def _set_features(desk: Desk, detector: Detector, *, kept: Mapping[str, str]) -> None:
    default = {
        name: "DISABLED" if name in _RUNTIME else "ENABLED" for name in (*_ALWAYS_ON, *_ON_BY_DEFAULT, *_RUNTIME)
    }
    now = desk.state.clock().timestamp()
    statuses = {**default, **kept, **_asked(desk)}
    detector.features = [{"name": name, "status": status, "updatedAt": now} for name, status in statuses.items()]
