"""Moments as the lake counts them: whole microseconds since 1970, UTC."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROS_A_DAY: Final = 86_400_000_000
_IN_THE_LAKE: Final = EPOCH.replace(tzinfo=None)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros_since_epoch(moment: datetime) -> int:
    """Microseconds since 1970, exactly; a moment without a zone is UTC, as the lake's columns are."""
    return (moment - (EPOCH if moment.tzinfo else _IN_THE_LAKE)) // _MICROSECOND


def moment_of(micros: int) -> datetime:
    """The moment (UTC) of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def begin_of(day: date) -> int:
    """The first microsecond of a day (UTC).

    >>> begin_of(date(1970, 1, 2)) == MICROS_A_DAY
    True
    """
    return (day - EPOCH.date()).days * MICROS_A_DAY


def day_of(days: int) -> date:
    """The day (UTC) that is so many days after the first of 1970."""
    return EPOCH.date() + timedelta(days=days)
