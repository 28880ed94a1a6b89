"""Upkeep of the lake's logs: one sorted part where there were many, and no rows that are older than somebody wants.

Whatever is killed, the lake holds the same rows: a part takes the place of others in one transaction, and the old files
stay for an hour for those who have just listed them.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from sakimori.lake.engines.log_merge import Run, UnknownColumnsError, fits, write_merged
from sakimori.lake.engines.log_parquet import form_of, is_whole
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_parts import LogPart, Partition
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.log_writer import LogWriter, forget_digests
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError

_DAMAGED: Final = "lake.log_part_damaged"
_AT_ONCE: Final = 1_000
"""Parts that are retired in one transaction."""


class UpkeepProgress(Protocol):
    """What watches long work on parts."""

    def total(self, byte_count: int, /) -> None:
        """How much there is to do."""
        ...

    def done(self, byte_count: int, /) -> None:
        """How much more was done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """The parts of one partition that should be one."""

    partition: Partition
    parts: tuple[LogPart, ...]

    @property
    def byte_count(self) -> int:
        """Of their files."""
        return sum(part.byte_count for part in self.parts)


@dataclass(slots=True)
class Compacted:
    """What one compaction did. `damaged` are parts that could not be read: their partitions are as they were."""

    partitions: int = 0
    parts_before: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    overtaken: int = 0
    """Partitions in which somebody else was quicker: the next run sees to them."""
    foreign_parts: int = 0
    """Parts with columns that this program does not know: they stay as they are."""
    damaged: list[Path] = field(default_factory=list[Path])


def piles_of(reader: LogReader, table: Table, before: date | None = None) -> tuple[Pile, ...]:
    """What there is to compact: days before that one (all of them) with several parts, or with one of an older form."""
    parts = [part for part in reader.parts(table.name) if before is None or part.partition.day < before]
    parts.sort(key=lambda part: part.partition)
    grouped = [
        Pile(partition=partition, parts=tuple(those))
        for partition, those in groupby(parts, key=lambda part: part.partition)
    ]
    form = form_of(table)
    return tuple(pile for pile in grouped if len(pile.parts) > 1 or any(part.form != form for part in pile.parts))


def compact(
    writer: LogWriter,
    reader: LogReader,
    work: Mapping[str, tuple[Table, Sequence[Pile]]],
    progress: UpkeepProgress | None = None,
) -> Compacted:
    """Make one part of each pile; `work` is by the name of the table. What was committed meanwhile stays beside it."""
    tally = Compacted()
    if progress:
        progress.total(sum(pile.byte_count for _, piles in work.values() for pile in piles))
    with writer.scratch() as scratch:
        for table, piles in work.values():
            for pile in piles:
                _compact_one(_Place(writer, reader.root, scratch), table, pile, tally)
                if progress:
                    progress.done(pile.byte_count)
    return tally


@dataclass(frozen=True, slots=True)
class _Place:
    writer: LogWriter
    root: Path
    scratch: Path


def _compact_one(place: _Place, table: Table, pile: Pile, tally: Compacted) -> None:
    try:
        parts = [part for part in pile.parts if part.form == form_of(table) or fits(table, place.root / part.path)]
        tally.foreign_parts += len(pile.parts) - len(parts)
        if len(parts) < 2 and all(part.form == form_of(table) for part in parts):  # noqa: PLR2004 - one is one already
            return
        _ensure_as_written(place, parts)
        runs = [Run(path=place.root / part.path, first_at=part.first_at, last_at=part.last_at) for part in parts]
        room = place.scratch / "merging"
        room.mkdir(mode=0o700)
        try:
            new = write_merged(table, pile.partition, runs, room)
            _ensure_whole(place, pile, parts, new.part.row_count)
            if not place.writer.replace_parts(parts, new):
                tally.overtaken += 1
                return
        finally:
            shutil.rmtree(room, ignore_errors=True)
    except UnknownColumnsError:
        tally.foreign_parts += len(pile.parts)
        return
    except LakeError as error:
        if error.text != _DAMAGED:
            raise
        tally.damaged.append(Path(str(error.values["path"])))
        return
    tally.partitions += 1
    tally.parts_before += len(parts)
    tally.bytes_before += sum(part.byte_count for part in parts)
    tally.bytes_after += new.part.byte_count


def _ensure_as_written(place: _Place, parts: Iterable[LogPart]) -> None:
    """LakeError for one that is not: merged, it would count as whole from then on."""
    for part in parts:
        if not is_whole(place.root / part.path, part):
            raise LakeError(_DAMAGED, path=place.root / part.path, reason="other bytes")


def _ensure_whole(place: _Place, pile: Pile, parts: Iterable[LogPart], row_count: int) -> None:
    """LakeError where the parts held another number of rows than the manifest says: then nothing is replaced."""
    if row_count != sum(part.row_count for part in parts):
        raise LakeError(_DAMAGED, path=place.root / pile.partition.directory, reason="row count")


# -- retiring -------------------------------------------------------------------


def old_parts(reader: LogReader, table: str, before: date) -> tuple[LogPart, ...]:
    """The parts of days before that one."""
    cut = datetime.combine(before, time.min, UTC)
    return tuple(part for part in reader.parts(table, Where(until=cut)) if part.partition.day < before)


def retire(writer: LogWriter, parts: Sequence[LogPart], progress: UpkeepProgress | None = None) -> int:
    """How many rows were taken out. What a kill leaves, a second run takes."""
    rows = 0
    if progress:
        progress.total(sum(part.byte_count for part in parts))
    for start in range(0, len(parts), _AT_ONCE):
        some = parts[start : start + _AT_ONCE]
        if writer.replace_parts(some, None):
            rows += sum(part.row_count for part in some)
        else:
            # Somebody compacted or retired one of them meanwhile.
            rows += sum(part.row_count for part in some if writer.replace_parts([part], None))
        if progress:
            progress.done(sum(part.byte_count for part in some))
    return rows


def forget(writer: LogWriter, table: str, kinds: Sequence[str], before: date) -> int:
    """How many taken objects were forgotten, so that another ingest would bring them in again.

    Only those all of whose events are before that day: the rest of a file would come in twice where events have no
    identity. What was proven and counted of those days goes with them, or they would look as if nothing had happened.
    """
    cut = micros_since_epoch(datetime.combine(before, time.min, UTC))
    count = 0
    with writer.manifest.begin() as connection:
        for kind in kinds:
            digests = connection.execute(
                "select digest from log_object where source = ? and last_at < ?", (kind, cut)
            ).fetchall()
            count += forget_digests(connection, kind, [digest for (digest,) in digests])
        for gone in ("log_delivery", "log_contested"):
            connection.execute(f"delete from {gone} where table_name = ? and day < ?", (table, before.isoformat()))
        connection.execute("delete from log_proof where table_name = ? and last_at < ?", (table, cut))
        connection.execute(
            "update or replace log_proof set first_at = ? where table_name = ? and first_at < ?", (cut, table, cut)
        )
    return count
