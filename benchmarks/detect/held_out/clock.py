"""The month: 28 days of Japanese time, its working hours, and moments within them. Moments are seconds since 1970."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = int(datetime(2026, 9, 27, 15, 0, tzinfo=UTC).timestamp())  # Monday 28 September, 00:00 in Japan
DAYS: Final = 28
DAY: Final = 86_400
HOLIDAYS: Final = frozenset({14})  # 12 October, a public holiday
SALE: Final = frozenset({18, 19, 20})  # the autumn sale: more visitors

FLAT: Final = (1,) * 24
SHOPPERS: Final = (5, 3, 2, 1, 1, 1, 2, 4, 5, 6, 7, 8, 10, 9, 8, 8, 8, 9, 10, 12, 14, 15, 13, 9)
NIGHT_WORK: Final = (4, 9, 12, 10, 6, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3)
OFFICE: Final = (0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 11, 12, 5, 10, 12, 12, 11, 10, 7, 4, 2, 1, 0, 0)
RELEASES: Final = (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 8, 12, 4, 9, 12, 12, 10, 6, 2, 1, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the month, from midnight to midnight in Japan."""

    number: int

    @property
    def start(self) -> int:
        return START + self.number * DAY

    @property
    def working(self) -> bool:
        return self.number % 7 < 5 and self.number not in HOLIDAYS

    def at(self, clock: str) -> int:
        """A moment by the clock in Japan: 9:30."""
        hour, minute = clock.split(":")
        return self.start + int(hour) * 3600 + int(minute) * 60

    def moments(self, rng: random.Random, count: int, hours: Sequence[int], shift: int = 0) -> list[float]:
        """So many moments, distributed over the hours as their weights say; `shift` for a clock later than Japan's."""
        chosen = rng.choices(range(24), hours, k=count)
        return sorted(self.start + (hour + shift) % 24 * 3600 + rng.random() * 3599 for hour in chosen)


def text(when: float) -> str:
    """As CloudTrail writes it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(when))).strftime("%Y-%m-%dT%H:%M:%SZ")


def long_text(when: float) -> str:
    """As STS and IAM write it within responses: Oct 5, 2026, 3:04:05 AM."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(when))
    return f"{moment:%b} {moment.day}, {moment.year}, {moment.hour % 12 or 12}:{moment:%M:%S %p}"
