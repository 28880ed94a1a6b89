"""Words for what the lake holds of a log, day by day: held, proven quiet, or without a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sakimori.lake.quarantine import Look
from sakimori.lake.unfinished import GivenUp, Unfinished


class DayState(StrEnum):
    """What is known of one day of one place; each has its sentence `lake_verbs.state_<value>`."""

    HELD = "held"
    PARTIAL = "partial"
    """There are rows, and pieces of its files were refused."""
    QUIET = "quiet"
    """No file, and a proof that there was none to be had."""
    HOLE = "hole"
    """No file, and no proof: there is no record."""
    RETIRED = "retired"
    """It was held, and its rows were removed by `sakimori lake retain`."""
    OPEN = "open"
    """Today, without a file so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRange:
    """Days in a row, both held."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One day on which something was delivered. `delay_seconds_max`: from an event to its delivery, None where not known."""

    state: DayState
    file_count: int
    row_count: int
    delay_seconds_max: float | None = None
    refused_count: int = 0
    contested_count: int = 0
    """Identities under which there are several stories."""
    incomplete_count: int = 0
    """Rows without what every row of the log has, or of a day before there was such a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCoverage:
    """One account × Region: the days that are looked at, and what is known of them.

    `days` are those with a delivery; `quiet` and `holes` are the others before today, in order. `span` ends with today:
    rows that are dated later, or before there was such a log, are counted, and stretch nothing.
    """

    account: str
    region: str
    span: DayRange
    days: Mapping[date, DayCount]
    quiet: tuple[DayRange, ...]
    holes: tuple[DayRange, ...]

    @property
    def held(self) -> DayRange | None:
        """From the first day that can be looked through to the last."""
        found = [
            day
            for day, count in self.days.items()
            if count.state is not DayState.RETIRED and self.span.first <= day <= self.span.last
        ]
        return DayRange(first=min(found), last=max(found)) if found else None

    @property
    def file_count(self) -> int:
        """Files by the day of their first event."""
        return sum(day.file_count for day in self.days.values())

    @property
    def row_count(self) -> int:
        """Rows that are in the lake now."""
        return sum(day.row_count for day in self.days.values())

    @property
    def future_row_count(self) -> int:
        """Rows that are dated after today: whoever wrote them had a wrong clock, or lies."""
        return sum(count.row_count for day, count in self.days.items() if day > self.span.last)

    @property
    def hole_count(self) -> int:
        """Days without a record."""
        return sum(each.count for each in self.holes)

    @property
    def quiet_count(self) -> int:
        """Days on which nothing was delivered, as is proven."""
        return sum(each.count for each in self.quiet)

    @property
    def retired_count(self) -> int:
        """Days whose rows were removed."""
        return sum(day.state is DayState.RETIRED for day in self.days.values())

    @property
    def refused_count(self) -> int:
        """Pieces of its files that could not be taken."""
        return sum(day.refused_count for day in self.days.values())

    @property
    def contested_count(self) -> int:
        """Identities under which there are several stories."""
        return sum(day.contested_count for day in self.days.values())

    @property
    def incomplete_count(self) -> int:
        """Rows without what every row of the log has."""
        return sum(day.incomplete_count for day in self.days.values())

    @property
    def delay_seconds_max(self) -> float | None:
        """The longest time from an event to its delivery; None where no delivery's time is known."""
        return max(
            (day.delay_seconds_max for day in self.days.values() if day.delay_seconds_max is not None), default=None
        )

    def state_on(self, day: date) -> DayState | None:
        """What is known of a day; None for one that is not looked at."""
        if day in self.days:
            return self.days[day].state
        if not self.span.first <= day <= self.span.last:
            return None
        for state, ranges in ((DayState.HOLE, self.holes), (DayState.QUIET, self.quiet)):
            if any(each.first <= day <= each.last for each in ranges):
                return state
        return DayState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One log, as far as a question reaches.

    `kinds` are the kinds of `sakimori ingest` that fill the table; without them nothing is known of what was refused
    (`refused_count` is None). `unplaced_count`: refused pieces of files that tell no account, Region or day.
    `unseen_accounts` and `unseen_regions` were asked for, and no file of theirs was ever ingested.
    """

    table: str
    kinds: tuple[str, ...]
    places: tuple[PlaceCoverage, ...]
    refused_count: int | None
    unplaced_count: int = 0
    partial_object_count: int | None = None
    unseen_accounts: tuple[str, ...] = ()
    unseen_regions: tuple[str, ...] = ()
    is_known: bool = True
    """Something of this log was ingested once, whatever the question is about."""
    contested_count: int = 0
    """Identities under which there are several stories, over all places: one that several places tell counts once."""
    uncompared_count: int = 0
    """Rows of this log, wherever, that were not held against those of other days and places yet."""
    unfinished: tuple[Unfinished, ...] = ()
    """Ingests of these kinds that did not end, wherever their files belong."""
    given_up: tuple[GivenUp, ...] = ()
    """What somebody ended by hand of such ingests; it counts among what was refused."""
    looks: tuple[Look, ...] = ()
    """What somebody has looked at of what was refused, wherever it belongs: it does not count among that."""

    @property
    def span(self) -> DayRange | None:
        """The days that are looked at, over all places."""
        if not self.places:
            return None
        return DayRange(
            first=min(each.span.first for each in self.places), last=max(each.span.last for each in self.places)
        )

    @property
    def held(self) -> DayRange | None:
        """From the first day that can be looked through to the last, over all places."""
        found = [each.held for each in self.places if each.held]
        return (
            DayRange(first=min(each.first for each in found), last=max(each.last for each in found)) if found else None
        )

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that something is known of."""
        return tuple(sorted({each.account for each in self.places}))

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that something is known of."""
        return tuple(sorted({each.region for each in self.places}))

    @property
    def file_count(self) -> int:
        """Files over all places."""
        return sum(each.file_count for each in self.places)

    @property
    def row_count(self) -> int:
        """Rows over all places: what a question over these days looks through."""
        return sum(each.row_count for each in self.places)

    @property
    def future_row_count(self) -> int:
        """Rows that are dated after today, over all places."""
        return sum(each.future_row_count for each in self.places)

    @property
    def hole_count(self) -> int:
        """Account × Region × days without a record."""
        return sum(each.hole_count for each in self.places)

    @property
    def retired_count(self) -> int:
        """Account × Region × days whose rows were removed."""
        return sum(each.retired_count for each in self.places)

    @property
    def incomplete_count(self) -> int:
        """Rows without what every row of the log has, over all places."""
        return sum(each.incomplete_count for each in self.places)

    @property
    def is_complete(self) -> bool:
        """Nothing that was asked about is missing or contested, as far as the lake can know."""
        whole = not (self.hole_count or self.retired_count or self.refused_count or self.unplaced_count)
        whole = whole and not self.incomplete_count
        unseen = self.unseen_accounts or self.unseen_regions or self.unfinished
        return bool(self.places) and whole and not (unseen or self.contested_count)
