"""Events whose identity came with other content too, and the files that tell each story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.app.known_tables import kinds_of
from sakimori.app.lake_upkeep import reading, tables_named
from sakimori.ingest.contested_places import ToldIn, told_in
from sakimori.ingest.place import UNKNOWN
from sakimori.lake.contested import contested_seen
from sakimori.lake.contested_files import FilesAround
from sakimori.lake.log_parts import Contested
from sakimori.lake.log_reader import LogReader
from sakimori.lake.part_files import TakenFile, taken_files
from sakimori.model.errors import LakeError

_MOST_FILES: Final = 200
"""Files that are looked through for one event."""
_MOST_LISTED: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedEvent:
    """One of them, and where its stories are told; `is_all` is False where more files were not looked through."""

    contested: Contested
    files: tuple[ToldIn, ...]
    is_all: bool = True


def contested_events(home: Path, names: Sequence[str], limit: int) -> tuple[ContestedEvent, ...]:
    """So many of these tables, or of all, those that came last first."""
    with reading(home) as reader:
        tables = [table.name for table in tables_named(names)]
        seen = contested_seen(reader.manifest, tables, min(limit, _MOST_LISTED)) if reader.manifest else ()
        return _with_files(reader, [each.contested for each in seen])


def with_files(home: Path, found: Iterable[Contested]) -> tuple[ContestedEvent, ...]:
    """The same of those that one ingest met."""
    with reading(home) as reader:
        return _with_files(reader, found)


def _with_files(reader: LogReader, found: Iterable[Contested]) -> tuple[ContestedEvent, ...]:
    around: dict[str, FilesAround] = {}
    events: list[ContestedEvent] = []
    for each in found:
        [table] = tables_named([each.partition.table])
        if table.name not in around:
            around[table.name] = FilesAround(reader, table, taken_files(reader, kinds_of(table.name)))
        try:
            candidates = around[table.name].of(each)
        except LakeError:
            # A damaged part is told by who asks for its rows, and mended by `lake repair`.
            candidates = ()
        told = [
            place
            for file in candidates[:_MOST_FILES]
            if (place := told_in(file.location, each.identity, table.identity[-1])) and _may_tell(place, file, each)
        ]
        events.append(ContestedEvent(contested=each, files=tuple(told), is_all=len(candidates) <= _MOST_FILES))
    return tuple(events)


def _may_tell(place: ToldIn, file: TakenFile, contested: Contested) -> bool:
    """A file that was not looked through is named only where it is of the same account and Region, as far as its place tells."""
    if place.offsets is not None:
        return True
    return file.account in {UNKNOWN, contested.partition.account} and file.region in {
        UNKNOWN,
        contested.partition.region,
    }
