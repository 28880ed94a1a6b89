"""The organization as one account sees it: the operations that only its management account may call."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Record

DESCRIBE: Final = "organizations:DescribeOrganization"
_NOT_IN_USE: Final = "AWSOrganizationsNotInUseException"


def organization_of(door: Door, region: str) -> Mapping[str, Any] | None:
    """The organization that the account belongs to; None where it belongs to none."""
    try:
        return door.call(DESCRIBE, region, {})["Organization"]
    except Refusal as refusal:
        if refusal.code == _NOT_IN_USE:
            return None
        raise


def is_managed_by(organization: Mapping[str, Any], door: Door) -> bool:
    """The account is the management account."""
    return organization["MasterAccountId"] == door.account.id


def organizations(door: Door, region: str) -> Iterable[Record]:
    """The organization, with whether this account manages it: no path can compare with the account's own number."""
    found = organization_of(door, region)
    return [] if found is None else [{**found, "is_managed": is_managed_by(found, door)}]
