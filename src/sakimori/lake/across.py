"""Holding events against those of other days, Regions and accounts: every pair of parts once, whoever else writes.

The cost is one pass over eight bytes of every event that the lake holds (0.3 CPU seconds for ten million), and of reading the
rows of the few parts in which an id is met again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sakimori.lake.contested import Across, keep_met
from sakimori.lake.engines.log_across import contests, meetings
from sakimori.lake.engines.log_agreement import read_pieces
from sakimori.lake.engines.log_incomplete import columns_looked_at, incomplete_count, is_before
from sakimori.lake.engines.log_marks import marks_of
from sakimori.lake.log_parts import Contested, LogPart
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.part_notes import compared_names, is_held_across, keep_marks, marks_noted
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROWS_AT_ONCE: Final = 4_000_000
"""Events whose marks are in memory together."""
UNMARKED_ROWS: Final = 2_000_000
"""Events of parts without marks, which older versions wrote, that an ingest reads on the way: some seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAcross:
    """What was found: `contested` are identities that were not known as such, at each of their places."""

    contested: tuple[Contested, ...] = ()
    row_count: int = 0
    left_rows: int = 0
    """Events that are not held against the others yet."""


def hold_across(writer: LogWriter, reader: LogReader, table: Table, unmarked_rows: int | None = None) -> HeldAcross:
    """Hold the parts that are new against all others. A part that cannot be read is left out, and stays new.

    `unmarked_rows`: how many events of parts without marks are read for it; None for all.
    """
    if not is_held_across(table):
        return HeldAcross()
    found: dict[Contested, None] = {}
    count, broken = 0, set[str]()
    while True:
        compared = compared_names(writer.manifest, table.name)
        parts = reader.parts(table.name)
        waiting = [part for part in parts if part.name not in compared and part.name not in broken]
        some, unmarked_rows = _marked(writer, reader, table, waiting, unmarked_rows)
        if not some:
            break
        met, unread = _contests(writer, reader, table, some, [part for part in parts if part.name in compared])
        broken |= unread
        new = tuple(part.name for part, _ in some if part.name not in unread)
        kept = keep_met(writer.manifest, met, Across(table.name, compared, new), writer.now())
        if kept is not None:
            found |= dict.fromkeys(kept)
            count += sum(part.row_count for part, _ in some if part.name not in unread)
    left = sum(part.row_count for part in parts if part.name not in compared)
    return HeldAcross(contested=tuple(found), row_count=count, left_rows=left)


def _marked(
    writer: LogWriter, reader: LogReader, table: Table, waiting: Sequence[LogPart], unmarked_rows: int | None
) -> "tuple[list[tuple[LogPart, NDArray[np.uint64]]], int | None]":
    """So many of these parts as go together, with their marks; and how many events without marks may still be read."""
    known = {part.name: part for part in waiting}
    some: list[tuple[LogPart, NDArray[np.uint64]]] = []
    count = 0
    for name, marks in marks_noted(writer.manifest, tuple(known)):
        some.append((known.pop(name), marks))
        count += len(marks)
        if count >= _ROWS_AT_ONCE:
            return some, unmarked_rows
    for part in known.values():
        if count >= _ROWS_AT_ONCE:
            break
        if unmarked_rows is not None:
            if part.row_count > unmarked_rows:
                continue
            unmarked_rows -= part.row_count
        try:
            some.append((part, _note(writer, reader, table, part)))
        except LakeError:
            # Whoever asks for its rows is told that it is damaged; its events are not held against others meanwhile.
            continue
        count += part.row_count
    return some, unmarked_rows


def _note(writer: LogWriter, reader: LogReader, table: Table, part: LogPart) -> "NDArray[np.uint64]":
    """The marks of a part of an older version, from its rows; they are noted with what else its rows tell."""
    import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

    is_early = is_before(table, part.partition.day)
    marks: list[NDArray[np.uint64]] = []
    incomplete = 0
    names = dict.fromkeys((*table.identity, *columns_looked_at(table)))
    for rows in read_pieces(reader.root / part.path, table, tuple(names)):
        marks.append(marks_of(table, rows))
        incomplete += rows.num_rows if is_early else incomplete_count(table, rows)
    ordered = np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *marks]))
    keep_marks(writer.manifest, part, ordered, incomplete, is_early=is_early)
    return ordered


def _contests(
    writer: LogWriter,
    reader: LogReader,
    table: Table,
    some: "Sequence[tuple[LogPart, NDArray[np.uint64]]]",
    known: Sequence[LogPart],
) -> tuple[tuple[Contested, ...], set[str]]:
    """What new parts contest, and the names of those that could not be held against all others."""
    parts = dict(enumerate([*(part for part, _ in some), *known]))
    numbers = {part.name: number for number, part in parts.items()}

    def theirs() -> "Iterator[tuple[int, NDArray[np.uint64]]]":
        for name, marks in marks_noted(writer.manifest, [part.name for part in known]):
            yield numbers[name], marks

    new = [(number, marks) for number, (_, marks) in enumerate(some)]
    met = meetings(new, theirs(), {number: part.partition for number, part in parts.items()})
    found = contests(table, reader.root, parts, len(some), met)
    return tuple(found.found), {parts[number].name for number in found.unread}
