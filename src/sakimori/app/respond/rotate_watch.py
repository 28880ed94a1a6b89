"""R34: whether the new key is in use, and since when nothing comes with the old one.

What is refused for a key that is inactive is not always recorded by CloudTrail, so that silence alone proves little: it counts
only after the new key was seen in use, or after somebody said that a role is. Source: API reference, GetAccessKeyLastUsed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.events import Asked, Events
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL

_USED: Final = "iam:GetAccessKeyLastUsed"
_GONE: Final = "NoSuchEntity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What came with the old key in the last hours. `is_whole`: nothing of that time was left unread."""

    calls: int
    denied: int
    last_at: datetime | None
    is_whole: bool


def last_use(door: Door, key_id: str) -> datetime | None:
    """When the key was last used, by IAM; None where never. Refusal where that cannot be read."""
    try:
        used = door.call(_USED, GLOBAL, {"AccessKeyId": key_id}).get("AccessKeyLastUsed") or {}
    except Refusal as refusal:
        if refusal.code == _GONE:
            return None
        raise
    found = used.get("LastUsedDate")
    return found if isinstance(found, datetime) else None


def quiet_of(events: Callable[[datetime], Events], key_id: str, now: datetime, span: timedelta) -> Quiet:
    """What came with this key within the span that ends now."""
    source = events(now - span)
    found = list(source.by_keys([key_id], Asked(since=now - span, with_details=False)))
    looked = source.looked
    return Quiet(
        calls=len(found), denied=sum(1 for each in found if each.error),
        last_at=max((each.at for each in found), default=None),
        is_whole=bool(looked) and not source.is_cut and all(each.is_complete for each in looked),
    )  # fmt: skip
