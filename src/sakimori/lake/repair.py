"""Taking damaged parts out of the lake, and forgetting the files whose rows they held, so that these come in again."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sakimori.lake.engines.log_parquet import is_whole
from sakimori.lake.instants import MICROS_A_DAY, micros_since_epoch, moment_of
from sakimori.lake.log_parts import UNKNOWN, LogPart, Partition
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter, forget_digests, retire_parts
from sakimori.lake.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a repair of one table takes out: `damaged` parts, `parts` all that go, `files` that must come in again.

    Where events have no identity, a file that comes in again would double its rows of other days: those parts go too,
    and the files that they came from.
    """

    table: Table
    damaged: tuple[LogPart, ...]
    parts: tuple[LogPart, ...]
    files: tuple[tuple[str, str], ...]
    """Source and location, each once."""


def damaged_parts(reader: LogReader, table: Table, done: Callable[[int], None] | None = None) -> tuple[LogPart, ...]:
    """The parts that are gone, cannot be read to their end, or hold another number of rows than was written."""
    found: list[LogPart] = []
    for part in reader.parts(table.name):
        if not is_whole(reader.root / part.path, part.row_count):
            found.append(part)
        if done:
            done(part.byte_count)
    return tuple(found)


def plan_repair(reader: LogReader, table: Table, kinds: Sequence[str], damaged: Sequence[LogPart]) -> Repair:
    """What must go with these parts."""
    everything = reader.parts(table.name)
    gone = set(damaged)
    objects = _objects(reader, kinds)
    while True:
        places = {part.partition for part in gone}
        files = {each for each in objects if any(_touches(each, place) for place in places)}
        wider = (
            gone
            if table.identity
            else gone | {part for part in everything if any(_touches(each, part.partition) for each in files)}
        )
        if wider == gone:
            break
        gone = wider
    return Repair(
        table=table,
        damaged=tuple(damaged),
        parts=tuple(part for part in everything if part in gone),
        files=tuple(sorted({(each.source, each.location) for each in files})),
    )


def repair(writer: LogWriter, plan: Repair, now: datetime) -> bool:
    """Take the parts out and forget the files, in one transaction; whether the parts were still there."""
    with writer.manifest.begin() as connection:
        if not retire_parts(connection, [part.name for part in plan.parts], now.isoformat()):
            return False
        for part in plan.parts:
            _count_less(connection, part.partition, "row_count", part.row_count)
        for source, location in plan.files:
            _forget(connection, plan.table.name, source, location)
    return True


@dataclass(frozen=True, slots=True)
class _Taken:
    source: str
    location: str
    account: str
    region: str
    first_at: int
    last_at: int


def _objects(reader: LogReader, kinds: Sequence[str]) -> tuple[_Taken, ...]:
    if reader.manifest is None:
        return ()
    return tuple(
        _Taken(*row)
        for kind in kinds
        for row in reader.manifest.query(
            "select source, location, account, region, first_at, last_at from log_object where source = ? and "
            "first_at is not null",
            kind,
        )
    )


def _touches(each: _Taken, place: Partition) -> bool:
    """Whether the file may hold rows of this account, Region and day; what it does not say may be any."""
    begin = micros_since_epoch(datetime.combine(place.day, time.min, UTC))
    return (
        each.account in {UNKNOWN, place.account}
        and each.region in {UNKNOWN, place.region}
        and each.first_at < begin + MICROS_A_DAY
        and begin <= each.last_at
    )


def _forget(connection: sqlite3.Connection, table: str, source: str, location: str) -> None:
    """The file, and every copy of it."""
    rows = connection.execute(
        "select digest, account, region, first_at from log_object where source = ? and location = ?", (source, location)
    ).fetchall()
    for _, account, region, first_at in rows:
        if first_at is not None:
            place = Partition(table=table, account=account, region=region, day=moment_of(first_at).date())
            _count_less(connection, place, "file_count", 1)
    forget_digests(connection, source, [digest for digest, *_ in rows])


def _count_less(connection: sqlite3.Connection, place: Partition, column: str, count: int) -> None:
    connection.execute(
        f"update log_delivery set {column} = max(0, {column} - ?) where table_name = ? and account = ? and region = ? "
        "and day = ?",
        (count, place.table, place.account, place.region, place.day.isoformat()),
    )
