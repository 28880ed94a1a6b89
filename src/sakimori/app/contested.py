"""Events whose identity came with other content too, and the files that tell each story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.app.known_tables import kinds_of
from sakimori.app.lake_upkeep import Clock, reading, tables_named, writing
from sakimori.ingest.contested_places import ToldIn, told_in
from sakimori.ingest.place import UNKNOWN
from sakimori.lake.across import hold_across
from sakimori.lake.contested import ContestedSeen, contested_seen, seen_with_places
from sakimori.lake.contested_files import FilesAround
from sakimori.lake.log_parts import Contested, Partition
from sakimori.lake.log_reader import LogReader
from sakimori.lake.part_files import TakenFile, taken_files
from sakimori.lake.part_notes import is_held_across, uncompared_rows
from sakimori.model.errors import LakeError

_MOST_FILES: Final = 200
"""Files that are looked through for one event."""
_MOST_LISTED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedEvent:
    """One of them, the places that its stories tell, and the files that tell them; `is_all` is False where more files were not looked through."""

    contested: Contested
    places: tuple[Partition, ...]
    files: tuple[ToldIn, ...]
    is_all: bool = True


def contested_events(home: Path, names: Sequence[str], limit: int) -> tuple[ContestedEvent, ...]:
    """So many of these tables, or of all, those that came last first."""
    with reading(home) as reader:
        tables = [table.name for table in tables_named(names)]
        seen = contested_seen(reader.manifest, tables, min(limit, _MOST_LISTED)) if reader.manifest else ()
        return _with_files(reader, seen)


def hold_all_across(home: Path, names: Sequence[str], *, clock: Clock) -> int:
    """Hold the events of these tables, or of all, against those of other days and places where no ingest did it yet.

    Gives how many are left: those of damaged parts.
    """
    with reading(home) as reader:
        waiting = [
            table for table in tables_named(names)
            if reader.manifest and is_held_across(table) and uncompared_rows(reader.manifest, table.name)
        ]  # fmt: skip
    if not waiting:
        return 0
    with writing(home, clock) as (writer, reader):
        return sum(hold_across(writer, reader, table).left_rows for table in waiting)


def with_files(home: Path, found: Iterable[Contested]) -> tuple[ContestedEvent, ...]:
    """The same of those that one ingest met."""
    with reading(home) as reader:
        return _with_files(reader, seen_with_places(reader.manifest, found) if reader.manifest else ())


def _with_files(reader: LogReader, found: Iterable[ContestedSeen]) -> tuple[ContestedEvent, ...]:
    around: dict[str, FilesAround] = {}
    events: list[ContestedEvent] = []
    for seen in found:
        each = seen.contested
        [table] = tables_named([each.partition.table])
        if table.name not in around:
            around[table.name] = FilesAround(reader, table, taken_files(reader, kinds_of(table.name)))
        try:
            candidates = around[table.name].of(seen)
        except LakeError:
            # A damaged part is told by who asks for its rows, and mended by `lake repair`.
            candidates = ()
        told = [
            place
            for file in candidates[:_MOST_FILES]
            if (place := told_in(file.location, each.identity, table.identity[-1]))
            and _may_tell(place, file, seen.places)
        ]
        is_all = len(candidates) <= _MOST_FILES
        events.append(ContestedEvent(contested=each, places=seen.places, files=tuple(told), is_all=is_all))
    return tuple(events)


def _may_tell(place: ToldIn, file: TakenFile, places: Iterable[Partition]) -> bool:
    """A file that was not looked through is named only where it is of one account and Region of these, as far as its place tells."""
    if place.offsets is not None:
        return True
    return any(file.account in {UNKNOWN, each.account} and file.region in {UNKNOWN, each.region} for each in places)
