"""R31: a user may have two access keys and no more; what the other one is, before it makes room or is stopped too.

Source: IAM User Guide, "IAM and AWS STS quotas" (two access keys a user, not adjustable).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sakimori.app.respond.case import Case
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL

MOST_KEYS: Final = 2
_LIST: Final = "iam:ListAccessKeys"
_USED: Final = "iam:GetAccessKeyLastUsed"
_KEY: Final = "AWS::IAM::AccessKey"


class KeyOrigin(StrEnum):
    """What is known of a key; each has its sentence `respond_rotate.other_<value>`."""

    THIEF = "thief"
    """Made by the thief, or one of his credentials."""
    USED = "used"
    NEVER_USED = "never_used"
    OFF = "off"
    """Inactive, and not the thief's as far as is known."""
    UNKNOWN = "unknown"
    """Its last use could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserKey:
    """One key of a user. `last_used_at` is None where it was never used, or that is not known (`origin` says which)."""

    key_id: str
    is_active: bool
    created_at: datetime | None
    last_used_at: datetime | None
    origin: KeyOrigin

    @property
    def plain(self) -> Mapping[str, Any]:
        """For JSON."""
        return {
            "key_id": self.key_id, "is_active": self.is_active, "origin": self.origin.value,
            "created_at": self.created_at.isoformat() if self.created_at else None,
            "last_used_at": self.last_used_at.isoformat() if self.last_used_at else None,
        }  # fmt: skip


def keys_of_user(door: Door, user: str, case: Case) -> tuple[UserKey, ...]:
    """All keys of this user (a name). Refusal where they cannot be listed."""
    pages = door.pages(_LIST, GLOBAL, {"UserName": user})
    stolen = keys_of_thief(case)
    return tuple(_key(door, each, stolen) for page in pages for each in page.get("AccessKeyMetadata") or ())


def keys_of_thief(case: Case) -> frozenset[str]:
    """The ids of keys that the thief made, or got by what he had; without those that it began with."""
    made = {str(each["id"]) for each in case.made if each.get("kind") == _KEY and each.get("is_created")}
    seeds = {*map(str, case.closure.get("seeds") or ()), case.suspect.key_id}
    held = {str(each.get("id")) for each in case.closure.get("credentials") or () if each.get("kind") == "user_key"}
    return frozenset((made | held) - seeds)


def _key(door: Door, told: Mapping[str, Any], stolen: frozenset[str]) -> UserKey:
    identifier, is_active = str(told["AccessKeyId"]), told.get("Status") == "Active"
    made_at, used_at = told.get("CreateDate"), None
    try:
        used = door.call(_USED, GLOBAL, {"AccessKeyId": identifier}).get("AccessKeyLastUsed") or {}
        used_at = used.get("LastUsedDate")
        origin = KeyOrigin.USED if used_at else KeyOrigin.NEVER_USED
    except Refusal:
        origin = KeyOrigin.UNKNOWN
    if not is_active:
        origin = KeyOrigin.OFF
    if identifier in stolen:
        origin = KeyOrigin.THIEF
    return UserKey(
        key_id=identifier, is_active=is_active, origin=origin,
        created_at=made_at if isinstance(made_at, datetime) else None,
        last_used_at=used_at if isinstance(used_at, datetime) else None,
    )  # fmt: skip
