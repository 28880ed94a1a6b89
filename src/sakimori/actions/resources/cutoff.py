"""The instant before which sessions count as stolen, and until when such a session may live.

Temporary credentials of a user (GetSessionToken, GetFederationToken) live 36 hours at most, of a role 12 hours. Source: AWS
STS API reference, GetSessionToken, GetFederationToken and AssumeRole (`DurationSeconds`).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sakimori.actions.site import Site
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

OF_USERS: Final = timedelta(hours=36)
OF_ROLES: Final = timedelta(hours=12)


def parse_instant(text: str) -> datetime | None:
    """The instant of a text in ISO 8601 with its offset; None for any other."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def cutoff_of(site: Site) -> datetime | None:
    """The wished instant, up to the next whole second, for tokens are dated by seconds; None where none was said."""
    found = parse_instant(site.wishes.revoked_before)
    if found is None:
        return None
    return found.replace(microsecond=0) + timedelta(seconds=1 if found.microsecond else 0)


def lacks_cutoff(site: Site) -> str:
    """For `Step.lacks` of a step that needs it."""
    return "" if cutoff_of(site) else "respond_steps.no_cutoff"


def keep_until(site: Site, call: str, cutoff: datetime | None, longest: timedelta) -> None:
    """Refusal where a session of before the cutoff may still live: the code says until when.

    Without a cutoff, or without a clock, nobody knows, and it is kept.
    """
    end = None if cutoff is None else cutoff + longest
    if end is None or site.as_of is None or site.as_of < end:
        code = "StolenSessionsMayLive" if end is None else f"StolenSessionsMayLiveUntil {end:%Y-%m-%dT%H:%M:%SZ}"
        raise Refusal(call=call, kind=GapKind.REFUSED, code=code, message="what was denied would be allowed again")
