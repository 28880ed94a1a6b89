"""Working hours: when a message may wait, and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FARTHEST_DAYS: Final = 40
"""No calendar closes an office for longer; beyond it, every day is a working day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Days of the week (0 is Monday) and the hours of a day, in a zone; `is_holiday` tells days that are none."""

    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(5))
    begin: time = time(9, 0)
    end: time = time(18, 0)
    held_until: time = time(8, 30)
    """When what was held through the night is told."""
    is_holiday: Callable[[date], bool] = lambda _day: False

    def are_open(self, at: datetime) -> bool:
        """Whether people work at this moment."""
        here = at.astimezone(self.zone)
        return self._is_working_day(here.date()) and self.begin <= here.time() < self.end

    def next_telling(self, at: datetime) -> datetime:
        """When a message that may wait is told: at once while people work, else in the morning of the next working day."""
        if self.are_open(at):
            return at
        here = at.astimezone(self.zone)
        for days in range(_FARTHEST_DAYS):
            day = here.date() + timedelta(days=days)
            told = datetime.combine(day, min(self.held_until, self.begin), self.zone)
            if self._is_working_day(day) and told > at:
                return told
            if self._is_working_day(day) and here.date() == day and here.time() < self.begin:
                return at
        return at + timedelta(days=1)

    def last_time(self, at: datetime, of_day: time, weekday: int | None = None) -> datetime:
        """The last moment, or this one, at which it was that time of the day (of that weekday)."""
        here = at.astimezone(self.zone)
        for days in range(9):
            moment = datetime.combine(here.date() - timedelta(days=days), of_day, self.zone)
            if moment <= at and (weekday is None or moment.weekday() == weekday):
                return moment
        return at

    def _is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and not self.is_holiday(day)
