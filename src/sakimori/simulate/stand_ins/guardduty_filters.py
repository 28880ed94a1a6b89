"""Filters of GuardDuty: moto keeps them and cannot list them; it takes any name, twice too, and forgets the tags.

Source: GuardDuty API reference, CreateFilter and ListFilters; user guide, "Amazon GuardDuty quotas".
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from moto.guardduty.models import Detector, guardduty_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{3,64}")
_MOST: Final = 100
_PAGE: Final = 50


def create_filter(desk: Desk) -> Mapping[str, Any] | Answer:
    """Make a filter; a detector has no two of one name."""
    detector, asked = _detector(desk), desk.parameters()
    if not _NAME.fullmatch(asked["Name"]):
        raise _refused("The request is rejected because the parameter name has an invalid value.")
    if asked["Name"] in detector.filters:
        raise _refused("The request is rejected since a filter with the given name already exists.")
    if len(detector.filters) >= _MOST:
        raise _refused("The request is rejected because the quota of filters is reached.")
    desk.moto()
    made = detector.filters[asked["Name"]]
    made.action = made.action or "NOOP"
    desk.state.services.filter_tags[detector.id, made.name] = asked.get("Tags") or {}
    return {"Name": made.name}


def delete_filter(desk: Desk) -> Mapping[str, Any] | Answer:
    """Remove a filter with its tags."""
    _known(desk)
    desk.state.services.filter_tags.pop((_detector(desk).id, desk.parameters()["FilterName"]), None)
    return desk.moto()


def shown(desk: Desk) -> Mapping[str, Any]:
    """A filter as it was made or last changed, the parts that were never given left out."""
    found = _known(desk)
    told = {
        "Name": found.name,
        "Description": found.description,
        "Action": found.action,
        "Rank": found.rank,
        "FindingCriteria": {"Criterion": _criterion(found.finding_criteria)},
        "Tags": desk.state.services.filter_tags.get((_detector(desk).id, found.name), {}),
    }
    return {name: value for name, value in told.items() if value is not None}


def listed(desk: Desk) -> Mapping[str, Any]:
    """A page of names."""
    asked = desk.parameters()
    names = list(_detector(desk).filters)
    start, size = int(asked.get("NextToken") or 0), int(asked.get("MaxResults") or _PAGE)
    page = {"FilterNames": names[start : start + size]}
    return {**page, "NextToken": str(start + size)} if start + size < len(names) else page


STAND_INS: Final[Mapping[str, StandIn]] = {
    "guardduty:CreateFilter": create_filter,
    "guardduty:DeleteFilter": delete_filter,
    "guardduty:GetFilter": shown,
    "guardduty:ListFilters": listed,
}


def _refused(message: str) -> ServiceError:
    return ServiceError("BadRequestException", message, 400)


def _detector(desk: Desk) -> Detector:
    found = guardduty_backends[desk.state.account_id][desk.call.region].detectors.get(desk.parameters()["DetectorId"])
    if found is None:
        raise _refused("The request is rejected because the input detectorId is not owned by the current account.")
    return found


def _known(desk: Desk) -> Any:
    found = _detector(desk).filters.get(desk.parameters()["FilterName"])
    if found is None:
        raise _refused("The request is rejected since no such resource found.")
    return found


def _criterion(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """moto keeps what came over the wire, where members begin with small letters; names of attributes are data."""
    tests = kept.get("criterion") or {}
    return {
        attribute: {name[0].upper() + name[1:]: value for name, value in test.items()}
        for attribute, test in tests.items()
    }
