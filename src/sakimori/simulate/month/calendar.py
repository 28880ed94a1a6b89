"""When who works: days and hours in Japan, and moments as seconds since 1970."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from sakimori.simulate.month.data_files import data_of

JST: Final = timezone(timedelta(hours=9), "JST")
_SATURDAY: Final = 5
_TRAFFIC: Final = (5, 3, 2, 2, 2, 3, 5, 8, 10, 10, 10, 11, 14, 12, 10, 10, 10, 11, 13, 15, 17, 18, 16, 10)
"""How much is asked of the shop in each hour of Japan."""
_DESK: Final = (0, 0, 0, 0, 0, 0, 0, 1, 3, 10, 12, 11, 3, 8, 12, 12, 11, 10, 8, 5, 3, 2, 1, 0)
"""When people work: a dip at lunch, overtime that thins out."""
_NIGHT: Final = (3, 10, 12, 12, 8, 3, *[0] * 18)
_FLAT: Final = (1,) * 24
HOURS: Final = {"traffic": _TRAFFIC, "desk": _DESK, "night": _NIGHT, "flat": _FLAT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of Japan. `midnight`: its begin in seconds since 1970."""

    number: int
    date: date
    midnight: int
    is_workday: bool

    def at(self, hour: float) -> int:
        """The moment of an hour of Japan, which may be one of the next day."""
        return self.midnight + round(hour * 3600)

    def some_moment(self, hours: Sequence[int], chance: random.Random) -> int:
        """A moment, hours weighing as given."""
        hour = chance.choices(range(24), hours)[0]
        return self.midnight + hour * 3600 + chance.randrange(3600)


def days_from(start: date, count: int) -> tuple[Day, ...]:
    """So many days of Japan from `start` on."""
    holidays = frozenset(str(each) for each in data_of("company")["holidays"])
    found: list[Day] = []
    for number in range(count):
        day = start + timedelta(days=number)
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=JST).timestamp())
        is_workday = day.weekday() < _SATURDAY and str(day) not in holidays
        found.append(Day(number=number, date=day, midnight=midnight, is_workday=is_workday))
    return tuple(found)


def in_utc(at: int) -> datetime:
    """A moment of ours as a time."""
    return datetime.fromtimestamp(at, tz=UTC)


def spelled(at: int) -> str:
    """As `eventTime`: 2026-10-01T00:00:00Z."""
    return in_utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def spelled_at_length(at: int) -> str:
    """As times inside an answer: Oct 1, 2026, 12:00:00 AM."""
    found = in_utc(at)
    return f"{found:%b} {found.day}, {found.year}, {found.hour % 12 or 12}:{found:%M:%S %p}"
