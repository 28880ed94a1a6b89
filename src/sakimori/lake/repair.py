"""Taking damaged parts out of the lake, and forgetting the files whose rows they held, so that these come in again."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sakimori.lake.engines.log_parquet import is_whole
from sakimori.lake.instants import MICROS_A_DAY, begin_of, moment_of
from sakimori.lake.log_parts import LogPart, Partition
from sakimori.lake.log_proofs import Span, cut_out
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter, forget_digests, retire_parts
from sakimori.lake.part_files import Links, TakenFile, taken_files
from sakimori.lake.table import Table
from sakimori.lake.unfinished import keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the rows of a table come from: the kinds of logs that fill it.

    `asked` tells of which stretch of time a file holds everything that there was, by its location; None for a file that
    was not asked for by time.
    """

    kinds: tuple[str, ...]
    asked: Callable[[str], Span | None] = lambda location: None  # noqa: ARG005 - most files lie there as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a repair of one table takes out: `damaged` parts, `parts` all that go, `taken` the files that must come in again.

    Where events have no identity, a file that comes in again would double its rows that lie in other parts: those go
    too, and the files that they came from.
    """

    table: Table
    origin: Origin
    damaged: tuple[LogPart, ...]
    parts: tuple[LogPart, ...]
    taken: tuple[TakenFile, ...]

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Source and location of each file, once."""
        return tuple(sorted({(each.source, each.location) for each in self.taken}))


def damaged_parts(reader: LogReader, table: Table, done: Callable[[int], None] | None = None) -> tuple[LogPart, ...]:
    """The parts whose files are gone, or are not as they were written. LakeError where one may not be read."""
    found: list[LogPart] = []
    for part in reader.parts(table.name):
        if not is_whole(reader.root / part.path, part):
            found.append(part)
        if done:
            done(part.byte_count)
    # Who compacts or retires needs no leave of a reader: what is not in use any more is nobody's damage.
    in_use = set(reader.parts(table.name)) if found else set[LogPart]()
    return tuple(part for part in found if part in in_use)


def plan_repair(reader: LogReader, table: Table, origin: Origin, damaged: Sequence[LogPart]) -> Repair:
    """What must go with these parts."""
    everything = reader.parts(table.name)
    links = Links(table, everything, reader, taken_files(reader, origin.kinds))
    gone, taken = set(damaged), set[TakenFile]()
    waiting = list(damaged)
    while waiting:
        new = set(links.files_of(waiting.pop())) - taken
        taken |= new
        if not table.identity:
            more = {part for each in new for part in links.parts_of(each)} - gone
            gone |= more
            waiting += more
    return Repair(
        table=table,
        origin=origin,
        damaged=tuple(damaged),
        parts=tuple(part for part in everything if part in gone),
        taken=tuple(sorted(taken, key=lambda each: (each.source, each.location, each.version))),
    )


def repair(writer: LogWriter, reader: LogReader, plan: Repair, now: datetime) -> bool:
    """Take the parts out and forget the files, in one transaction; False, and nothing done, where other parts would go by now."""
    with writer.manifest.begin() as connection:
        # Nobody commits while this lasts. A file that came in since the plan was made may have left out events that
        # the damaged part held: it is forgotten like the others.
        current = plan_repair(reader, plan.table, plan.origin, plan.damaged)
        if current.parts != plan.parts or not retire_parts(connection, [part.name for part in plan.parts], now.isoformat()):  # fmt: skip
            return False
        _forget(connection, current)
        # Until they are in again, days that still hold something would look whole.
        for kind in plan.origin.kinds:
            if files := [
                (each.location, each.version, 0)
                for each in current.taken
                if each.source == kind and not plan.origin.asked(each.location)
            ]:
                keep(connection, kind, files, now)
    return True


def _forget(connection: sqlite3.Connection, plan: Repair) -> None:
    """The files and every copy of them, what was counted of them, and what was proven of their times."""
    for part in plan.parts:
        _count_less(connection, part.partition, "row_count", part.row_count)
        if plan.table.identity:
            # What is asked for again of such a day comes in only where it is missing.
            begins = begin_of(part.partition.day)
            day = (begins, begins + MICROS_A_DAY - 1)
            cut_out(connection, plan.table.name, part.partition.account, part.partition.region, day)
    for each in plan.taken:
        place = Partition(
            table=plan.table.name, account=each.account, region=each.region, day=moment_of(each.first_at).date()
        )
        _count_less(connection, place, "file_count", 1)
        forget_digests(connection, each.source, [each.digest])
        # Without identity exactly this stretch: of its neighbours the lake still holds all.
        if span := plan.origin.asked(each.location):
            cut_out(connection, plan.table.name, each.account, each.region, span)
    # A day of which nothing is left is no day with a delivery.
    connection.execute(
        "delete from log_delivery where table_name = ? and file_count = 0 and row_count = 0", (plan.table.name,)
    )


def _count_less(connection: sqlite3.Connection, place: Partition, column: str, count: int) -> None:
    connection.execute(
        f"update log_delivery set {column} = max(0, {column} - ?) where table_name = ? and account = ? and region = ? "
        "and day = ?",
        (count, place.table, place.account, place.region, place.day.isoformat()),
    )
