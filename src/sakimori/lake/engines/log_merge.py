"""Parts that are sorted by time merged into one stream of rows, in memory that does not grow with them.

DuckDB's `order by` sorts what is sorted already: for 2,000,000 CloudTrail events in 50 parts that all overlap it took
78 CPU seconds and 1.1 GB (its limit set to 1 GB, spilling to the disk), the merge 37 and 0.7 GB, in three rounds.
"""
# pyright: basic
# pyarrow has no types; `Rows` are its tables.

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from sakimori.lake.engines.arrow import arrow_type
from sakimori.lake.engines.log_parquet import Rows, form_of, name_of, writer_options
from sakimori.lake.log_parts import LogPart, Partition, PreparedPart
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError
from sakimori.state.durable import sync

_FAN_IN: Final = 6
"""Parts that are read at the same time, each with whole pages of every column in memory (some 60 MB for CloudTrail):
where more of them overlap, they are merged in rounds."""
_GROUP_BYTES: Final = 64 << 20
"""Of the rows of one row group as Arrow holds them."""
_PASSING_ROWS: Final = 8_192
"""Rows of a group of what one round writes for the next."""
_BATCH_ROWS: Final = 4_096
_BATCH_BYTES: Final = 8 << 20
"""Of one part in memory, as Parquet counts them: some times more as Arrow holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A Parquet file of rows sorted by time; both times (microseconds since 1970) are held."""

    path: Path
    first_at: int
    last_at: int


class UnknownColumnsError(Exception):
    """A part holds what the table's declaration has no place for: writing it anew would lose that."""


def merged(table: Table, runs: Iterable[Run], scratch: Path, *, lossless: bool = True) -> Iterator[Rows]:
    """All rows, sorted by time, with the declared columns in their order, some thousands at a time.

    A column that a part lacks is NULL. Where one has a column that is not declared, or values that do not fit its type:
    UnknownColumnsError, or without `lossless` it is left out. LakeError where a part cannot be read. `scratch` holds what
    many overlapping parts need.
    """
    yield from _stream(table, _few_at_a_time(table, list(runs), scratch, lossless=lossless), lossless=lossless)


def fits(table: Table, path: Path) -> bool:
    """Whether the columns of a part are declared, with their types: only then nothing is lost by writing it anew."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only writers need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        held = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise LakeError("lake.log_part_damaged", path=path, reason=type(error).__name__) from error
    declared = {column.name: arrow_type(column.type) for column in table.columns}
    return all(declared.get(name) == kind for name, kind in zip(held.names, held.types, strict=True))


def write_merged(table: Table, partition: Partition, runs: Iterable[Run], scratch: Path) -> PreparedPart:
    """One sorted part of all rows of these, written and synced under `scratch`; the errors are those of `merged`."""
    written = scratch / f"{token_hex(16)}.parquet"
    try:
        count, first_at, last_at = write_file(table, merged(table, runs, scratch), written)
        written.chmod(0o400)
        sync(written)
    except OSError as error:
        raise LakeError("lake.not_writable", path=written, reason=error.strerror or str(error)) from error
    part = LogPart(
        name=name_of(written),
        partition=partition,
        row_count=count,
        byte_count=written.stat().st_size,
        first_at=first_at,
        last_at=last_at,
        form=form_of(table),
    )
    return PreparedPart(part=part, written=written, marks=None)


def write_file(table: Table, pieces: Iterable[Rows], target: Path, rows_a_group: int = 0) -> tuple[int, int, int]:
    """Rows, first and last time of what was written: these rows as one Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only writers need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    options = writer_options(table)
    size = min(rows_a_group or options["row_group_size"], options.pop("row_group_size"))
    count, first_at, last_at = 0, 0, 0
    with pq.ParquetWriter(target, schema_of(table), **options) as writer:
        for group in _groups(pieces, size):
            times = group.column(table.time).cast(pa.int64())
            first_at = first_at if count else times[0].as_py()
            last_at = times[-1].as_py()
            count += group.num_rows
            writer.write_table(group, row_group_size=size)
    return count, first_at, last_at


def schema_of(table: Table) -> Any:
    """The declared columns as Arrow has them."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.schema([(column.name, arrow_type(column.type)) for column in table.columns])


def _groups(pieces: Iterable[Rows], size: int) -> Iterator[Rows]:
    """The same rows in tables of this many rows, or of fewer where they are large; the last one smaller."""
    import pyarrow as pa  # noqa: PLC0415

    waiting: list[Rows] = []
    count = byte_count = 0
    for piece in pieces:
        waiting.append(piece)
        count += piece.num_rows
        byte_count += piece.nbytes
        while count >= size or (byte_count >= _GROUP_BYTES and count):
            rows = pa.concat_tables(waiting)
            yield rows.slice(0, size)
            rest = rows.slice(size)
            waiting, count, byte_count = [rest], rest.num_rows, rest.nbytes
    if count:
        yield pa.concat_tables(waiting)


def _few_at_a_time(table: Table, runs: list[Run], scratch: Path, *, lossless: bool) -> Sequence[Run]:
    """The same rows in runs of which never more than `_FAN_IN` overlap."""
    runs.sort(key=lambda run: run.first_at)
    while _overlap(runs) > _FAN_IN:
        rounds: list[Run] = []
        for start in range(0, len(runs), _FAN_IN):
            path = scratch / f"{token_hex(16)}.parquet"
            group = runs[start : start + _FAN_IN]
            _, first_at, last_at = write_file(table, _stream(table, group, lossless=lossless), path, _PASSING_ROWS)
            rounds.append(Run(path=path, first_at=first_at, last_at=last_at))
            for run in group:
                if run.path.parent == scratch:
                    run.path.unlink()
        runs = rounds
    return runs


def _overlap(runs: Iterable[Run]) -> int:
    """How many runs hold the same moment, at most."""
    borders = sorted(border for run in runs for border in ((run.first_at, 1), (run.last_at + 1, -1)))
    most = here = 0
    for _, step in borders:
        here += step
        most = max(most, here)
    return most


def _stream(table: Table, runs: Iterable[Run], *, lossless: bool) -> Iterator[Rows]:
    """Every stream's buffer reaches to the limit or beyond: rows up to it are whole, and what comes later is not before it."""
    waiting = deque(sorted(runs, key=lambda run: run.first_at))
    streams: list[_Stream] = []
    while streams or waiting:
        limit = min((stream.last for stream in streams), default=None)
        while waiting and (limit is None or waiting[0].first_at <= limit):
            stream = _Stream(table, waiting.popleft(), lossless=lossless)
            if stream.fill():
                streams.append(stream)
                limit = stream.last if limit is None else min(limit, stream.last)
        if limit is not None:
            yield _sorted(table, [stream.take(limit) for stream in streams])
        streams = [stream for stream in streams if stream.fill()]


def _sorted(table: Table, pieces: Sequence[Rows]) -> Rows:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    filled = [piece for piece in pieces if piece.num_rows]
    rows = pa.concat_tables(filled)
    return rows if len(filled) == 1 else rows.take(pc.sort_indices(rows.column(table.time)))  # pyright: ignore[reportAttributeAccessIssue]


class _Stream:
    """The rows of one run, a batch at a time. `last` is the last time that is in memory."""

    def __init__(self, table: Table, run: Run, *, lossless: bool) -> None:
        self._table = table
        self._lossless = lossless
        self._path = run.path
        self._batches = self._read()
        self._rows: Rows = None
        self._times: Any = None
        self.last = 0

    def fill(self) -> bool:
        """Have a row in memory, if there is one left."""
        import pyarrow as pa  # noqa: PLC0415

        while self._rows is None or not self._rows.num_rows:
            self._rows = next(self._batches, None)
            if self._rows is None:
                return False
            self._times = self._rows.column(self._table.time).cast(pa.int64()).to_numpy()
        self.last = int(self._times[-1])
        return True

    def take(self, limit: int) -> Rows:
        """The rows in memory up to this time."""
        count = int(self._times.searchsorted(limit, side="right"))
        taken = self._rows.slice(0, count)
        self._rows, self._times = self._rows.slice(count), self._times[count:]
        return taken

    def _read(self) -> Iterator[Rows]:
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            with pq.ParquetFile(self._path) as file:
                size = sum(file.metadata.row_group(index).total_byte_size for index in range(file.num_row_groups))
                rows = min(_BATCH_ROWS, max(1, _BATCH_BYTES * file.metadata.num_rows // max(size, 1)))
                for batch in file.iter_batches(batch_size=rows, use_threads=False):
                    yield _as_declared(self._table, batch, lossless=self._lossless)
        except (OSError, pa.ArrowException) as error:
            raise LakeError("lake.log_part_damaged", path=self._path, reason=type(error).__name__) from error


def _as_declared(table: Table, batch: Any, *, lossless: bool) -> Rows:
    import pyarrow as pa  # noqa: PLC0415

    held = set(batch.schema.names)
    if lossless and held - {column.name for column in table.columns}:
        raise UnknownColumnsError
    columns: list[Any] = []
    for column in table.columns:
        wanted = arrow_type(column.type)
        found = pa.nulls(batch.num_rows, wanted)
        if column.name in held:
            try:
                found = batch.column(column.name).cast(wanted)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                if lossless:
                    raise UnknownColumnsError from error
        columns.append(found)
    return pa.table(columns, names=[column.name for column in table.columns])
