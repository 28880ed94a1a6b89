"""`sakimori lake`: what the lake holds, how whole it is, and keeping it small."""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sakimori.app.known_tables import kinds_of, known_tables
from sakimori.ingest.catalogue import log_tables, source_named
from sakimori.lake.athena import athena_ddl, held_of
from sakimori.lake.compaction import (
    Compacted,
    UpkeepProgress,
    compact,
    forget,
    old_parts,
    piles_of,
    retire,
)
from sakimori.lake.coverage import coverage_of
from sakimori.lake.coverage_days import Coverage, DayRange, PlaceCoverage
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where
from sakimori.lake.log_writer import RETIRED_FOR, LogWriter
from sakimori.lake.quarantine import RefusedPieces, refused_pieces
from sakimori.lake.table import Table
from sakimori.lake.validations import Validation, validations
from sakimori.model.errors import UsageError
from sakimori.model.extras import LAKE, ensure_libraries
from sakimori.texts.nearest import nearest

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """What the lake holds of one log."""

    table: Table
    coverage: Coverage
    part_count: int
    byte_count: int


def log_table(name: str) -> Table:
    """The table of a log; UsageError for one that is collected, or that nobody knows."""
    found = log_tables().get(name)
    if found is None:
        if name in known_tables():
            raise UsageError("lake_verbs.not_a_log", name=name)
        raise UsageError("rules.unknown_table", name=name, near=nearest(name, log_tables()))
    return found


def tables_named(names: Sequence[str]) -> tuple[Table, ...]:
    """These tables, or those of all logs."""
    return tuple(log_table(name) for name in names) if names else tuple(log_tables().values())


@contextmanager
def reading(home: Path) -> Generator[LogReader]:
    """The lake, open for reading."""
    reader = LogReader(home)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def writing(home: Path, clock: Clock) -> Generator[tuple[LogWriter, LogReader]]:
    """The lake, open for changing what it holds."""
    ensure_libraries(*LAKE)
    writer = LogWriter(home, clock)
    try:
        with reading(home) as reader:
            yield writer, reader
    finally:
        writer.close()


# -- what it holds ------------------------------------------------------------------


def table_lines(home: Path, now: datetime, names: Sequence[str] = ()) -> tuple[TableLine, ...]:
    """The logs of which anything was ever ingested or proven, in alphabetical order; those named in any case."""
    with reading(home) as reader:
        found: list[TableLine] = []
        for table in tables_named(names):
            parts = reader.parts(table.name)
            coverage = coverage_of(reader, table.name, EVERYWHERE, now, kinds_of(table.name))
            if names or parts or coverage.places:
                size = sum(part.byte_count for part in parts)
                found.append(TableLine(table=table, coverage=coverage, part_count=len(parts), byte_count=size))
        return tuple(found)


def coverages(home: Path, names: Sequence[str], where: Where, now: datetime) -> tuple[Coverage, ...]:
    """What is known of these logs; of every log of which anything is known where none is named."""
    with reading(home) as reader:
        found = [coverage_of(reader, table.name, where, now, kinds_of(table.name)) for table in tables_named(names)]
    return tuple(each for each in found if names or each.places or each.refused_count or each.unplaced_count)


def last_validations(home: Path) -> Mapping[tuple[str, str], tuple[Validation, ...]]:
    """How the last validation of each trail's files ended, by account and Region."""
    with reading(home) as reader:
        found: dict[tuple[str, str], tuple[Validation, ...]] = {}
        for each in validations(reader.manifest) if reader.manifest else ():
            place = (each.account, each.region)
            found[place] = (*found.get(place, ()), each)
        return found


def quarantine(home: Path, kinds: Sequence[str]) -> tuple[RefusedPieces, ...]:
    """What could not be taken of these kinds of logs, or of all."""
    for kind in kinds:
        source_named(kind)
    with reading(home) as reader:
        return refused_pieces(reader.manifest, kinds) if reader.manifest else ()


def coverage_record(
    coverage: Coverage, checks: Mapping[tuple[str, str], Sequence[Validation]], *, with_days: bool = True
) -> dict[str, object]:
    """A coverage as machines read it: days as `2026-10-01`, ranges as pairs of them (both held), delays in seconds.

    `places` has one entry for each account × Region: `holes` and `quiet` are ranges of days without a file, unproven and
    proven; `by_day` holds the days with a delivery and their `state` (held, partial, retired). null is unknown.
    `validation` is how the last `lake verify` of each trail ended; an empty list says that none was run.
    """
    return {
        "table": coverage.table,
        "kinds": list(coverage.kinds),
        "ever_ingested": coverage.is_known,
        "complete": coverage.is_complete,
        "days": _pair(coverage.span),
        "accounts": len(coverage.accounts),
        "regions": len(coverage.regions),
        "files": coverage.file_count,
        "rows": coverage.row_count,
        "holes": coverage.hole_count,
        "future_rows": coverage.future_row_count,
        "retired_days": coverage.retired_count,
        "refused": coverage.refused_count,
        "contested": coverage.contested_count,
        "uncompared_rows": coverage.uncompared_count,
        "incomplete_rows": coverage.incomplete_count,
        "refused_of_unknown_place": coverage.unplaced_count,
        "given_up": [
            {"count": each.count, "first": each.location, "reason": each.reason, "at": each.at.isoformat()}
            for each in coverage.given_up
        ],
        "looked_at": [
            {"count": each.count, "first": each.location, "reason": each.reason, "at": each.at.isoformat()}
            for each in coverage.looks
        ],
        "partial_files": coverage.partial_object_count,
        "unseen_accounts": list(coverage.unseen_accounts),
        "unseen_regions": list(coverage.unseen_regions),
        "places": [_place_record(place, coverage, checks, with_days=with_days) for place in coverage.places],
    }


def _place_record(
    place: PlaceCoverage, coverage: Coverage, checks: Mapping[tuple[str, str], Sequence[Validation]], *, with_days: bool
) -> dict[str, object]:
    record: dict[str, object] = {
        "account": place.account,
        "region": place.region,
        "days": _pair(place.span),
        "held": _pair(place.held),
        "files": place.file_count,
        "rows": place.row_count,
        "delay_seconds_max": place.delay_seconds_max,
        "refused": place.refused_count,
        "contested": place.contested_count,
        "incomplete_rows": place.incomplete_count,
        "holes": [_pair(each) for each in place.holes],
        "hole_days": place.hole_count,
        "quiet": [_pair(each) for each in place.quiet],
        "quiet_days": place.quiet_count,
        "future_rows": place.future_row_count,
        "retired_days": place.retired_count,
    }
    if "cloudtrail" in coverage.kinds:
        record["validation"] = [
            {
                "trail": each.trail,
                "state": each.state,
                "verified": each.verified_count,
                "listed": each.listed_count,
                "at": each.at.isoformat(),
            }
            for each in checks.get((place.account, place.region), ())
        ]
    if with_days:
        record["by_day"] = {
            day.isoformat(): {
                "state": str(count.state),
                "files": count.file_count,
                "rows": count.row_count,
                "delay_seconds_max": count.delay_seconds_max,
                "refused": count.refused_count,
                "contested": count.contested_count,
                "incomplete_rows": count.incomplete_count,
            }
            for day, count in place.days.items()
        }
    return record


def _pair(span: DayRange | None) -> list[str] | None:
    return [span.first.isoformat(), span.last.isoformat()] if span else None


def ddl(home: Path, names: Sequence[str], location: str) -> str:
    """The statements for Athena of these tables, or of those of which the lake holds rows."""
    with reading(home) as reader:
        held = held_of(reader, tables_named(names))
    return athena_ddl([each for each in held if names or each.accounts], location)


# -- keeping it small ---------------------------------------------------------------


def compact_lake(
    home: Path, names: Sequence[str], older_than: timedelta, *, clock: Clock, progress: UpkeepProgress | None = None
) -> Compacted:
    """Make one part of many in each partition whose day ended at least so long ago; of every partition for no time."""
    before = (clock() - older_than).date() if older_than else None
    with writing(home, clock) as (writer, reader):
        work = {table.name: (table, piles_of(reader, table, before)) for table in tables_named(names)}
        tally = compact(writer, reader, work, progress)
        writer.sweep(retired_before=clock() - RETIRED_FOR)
        return tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """The rows of one log that are older than somebody wants."""

    table: str
    parts: tuple[LogPart, ...]

    @property
    def days(self) -> DayRange:
        """From the oldest day to the newest."""
        days = [part.partition.day for part in self.parts]
        return DayRange(first=min(days), last=max(days))

    @property
    def row_count(self) -> int:
        """Rows that would go."""
        return sum(part.row_count for part in self.parts)

    @property
    def byte_count(self) -> int:
        """Bytes that would become free."""
        return sum(part.byte_count for part in self.parts)


def retention_cut(days: int, now: datetime) -> date:
    """The first day that stays: today is one of the days that are kept."""
    return now.date() - timedelta(days=days - 1)


def plan_retention(home: Path, names: Sequence[str], before: date) -> tuple[Retirement, ...]:
    """What retaining only the days from that one on would take out; nothing is changed."""
    with reading(home) as reader:
        found = [
            Retirement(table=table.name, parts=old_parts(reader, table.name, before)) for table in tables_named(names)
        ]
    return tuple(each for each in found if each.parts)


def carry_out_retention(
    home: Path, plan: Iterable[Retirement], *, clock: Clock, progress: UpkeepProgress | None = None
) -> int:
    """How many rows were taken out. Their files stay for an hour, for those who are just reading them."""
    with writing(home, clock) as (writer, _):
        rows = retire(writer, [part for each in plan for part in each.parts], progress)
        writer.sweep(retired_before=clock() - RETIRED_FOR)
        return rows


def forget_objects(home: Path, names: Collection[str], before: date, *, clock: Clock) -> int:
    """How many files of these tables' logs were forgotten, so that another ingest brings them in again."""
    with writing(home, clock) as (writer, _):
        return sum(forget(writer, name, kinds_of(name), before) for name in names)
