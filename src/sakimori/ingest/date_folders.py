"""Which folders of a log bucket may hold a time: AWS writes most logs into a folder for each year, month and day."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

_YEAR: Final = re.compile(r"(year=)?((?:19|20)[0-9]{2})\Z")
_MONTH: Final = re.compile(r"(?:month=)?(0?[1-9]|1[0-2])\Z")
_DAY: Final = re.compile(r"(?:day=)?(0?[1-9]|[12][0-9]|3[01])\Z")
_AWS_LOGS: Final = "AWSLogs"
_MARGIN: Final = timedelta(days=1)
"""A file lies under the day on which it was delivered, or on which its first event was: its events may be of the next or the last."""
_PARTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From which day to which (UTC, both held) folders are looked into; None for an open end."""

    first: date | None
    last: date | None

    @classmethod
    def around(cls, since: datetime | None, until: datetime | None) -> Self:
        """The days of these moments, with a day to spare on each side."""
        return cls(
            first=since.astimezone(UTC).date() - _MARGIN if since else None,
            last=until.astimezone(UTC).date() + _MARGIN if until else None,
        )

    @property
    def are_all(self) -> bool:
        """Nothing is left out."""
        return self.first is None and self.last is None

    def may_be_in(self, folder: str) -> bool:
        """Whether something of these days may lie under a folder (a key's beginning that ends in `/`).

        Only a whole date leaves a folder out, or a year or month of AWS's own layout: elsewhere a folder `2024` may be anything.
        """
        numbers, is_aws = date_of(folder)
        if not numbers or (len(numbers) < _PARTS and not is_aws):
            return True
        if self.first and numbers < _beginning_of(self.first, len(numbers)):
            return False
        return not (self.last and numbers > _beginning_of(self.last, len(numbers)))


def date_of(folder: str) -> tuple[tuple[int, ...], bool]:
    """Year, month and day that the path says, as far as it goes, and whether the layout is AWS's.

    >>> date_of("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/")
    ((2026, 11), True)
    >>> date_of("mine/year=2026/month=11/day=05/")
    ((2026, 11, 5), True)
    >>> date_of("AWSLogs/111122223333/")
    ((), False)
    """
    names = folder.strip("/").split("/")
    begin = max((place + 1 for place, name in enumerate(names) if name == _AWS_LOGS), default=0)
    for place in range(len(names) - 1, -1, -1):
        year = _YEAR.match(names[place])
        if not year:
            continue
        found = [int(year[2])]
        rest = names[place + 1 :]
        for pattern, name in zip((_MONTH, _DAY), rest, strict=False):
            part = pattern.match(name)
            if not part:
                break
            found.append(int(part[1]))
        if len(found) == _PARTS or len(found) == len(rest) + 1:
            return tuple(found), bool(year[1]) or 0 < begin <= place
    return (), False


def is_whole(folder: str) -> bool:
    """The path says a whole date."""
    return len(date_of(folder)[0]) == _PARTS


def _beginning_of(day: date, parts: int) -> tuple[int, ...]:
    return (day.year, day.month, day.day)[:parts]
