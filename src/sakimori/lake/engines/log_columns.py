"""Parts of a log read column by column, for those who look at few columns of many rows."""
# pyright: basic
# pyarrow has no types.

import gc
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sakimori.lake.engines.log_arrow import batches_of, is_arrow
from sakimori.lake.table import Table, Type
from sakimori.model.errors import LakeError

ROWS_AT_ONCE: Final = 393_216
"""Rows that are judged together: fewer cost more for each, more cost memory."""
_BYTES_AT_ONCE: Final = 384_000_000
"""The same in bytes of all columns, though hardly any is read whole: where rows are long, fewer are judged together."""


class PartGroup:
    """One row group of a part. Columns are read when they are asked for; texts of few values come as dictionaries."""

    def __init__(self, file: Any, number: int, known: frozenset[str], path: Path) -> None:
        self._file = file
        self._number = number
        self._known = known
        self._path = path

    @property
    def num_rows(self) -> int:
        """Rows of the group."""
        return self._file.metadata.row_group(self._number).num_rows

    @property
    def byte_count(self) -> int:
        """Bytes of all columns, not compressed."""
        return self._file.metadata.row_group(self._number).total_byte_size

    @property
    def pieces(self) -> "Sequence[PartGroup]":
        """Itself."""
        return (self,)

    def column(self, name: str) -> Any:
        """The column as one pyarrow Array; None where the part has none. LakeError where it is damaged."""
        return self.columns((name,)).get(name)

    def columns(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of these columns that the part has; together they cost little more than one."""
        import pyarrow as pa  # noqa: PLC0415 - heavy

        wanted = [name for name in names if name in self._known]
        if not wanted:
            return {}
        try:
            read = self._file.read_row_group(self._number, columns=wanted, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise LakeError("lake.log_part_damaged", path=self._path, reason=type(error).__name__) from error
        return {name: joined(read.column(name)) for name in wanted}


class TableGroup:
    """Rows that are in memory already, as the parsers of logs give them, or mapped into it."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows
        self._numbers = {name: number for number, name in enumerate(rows.schema.names)}
        self.num_rows: int = rows.num_rows
        """Rows of the table."""
        self.byte_count: int = rows.get_total_buffer_size()
        """Bytes in memory."""

    @property
    def pieces(self) -> "Sequence[TableGroup]":
        """Itself."""
        return (self,)

    def column(self, name: str) -> Any:
        """The column as one pyarrow Array; None where the table has none."""
        return self.columns((name,)).get(name)

    def columns(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of these columns that the table has."""
        return {name: joined(self._rows.column(self._numbers[name])) for name in names if name in self._numbers}


class JoinedGroup:
    """Row groups one after the other, as one: what costs the same for few rows and many is paid once.

    `first` are columns that are all read when one of them is asked for. Rows are in order within each group only.
    """

    def __init__(self, groups: Sequence[PartGroup | TableGroup], table: Table, first: Iterable[str]) -> None:
        self._groups = groups
        self._types = {column.name: column.type for column in table.columns}
        self._first = frozenset(first)
        self._read: dict[str, list[Any]] = {}

    @property
    def num_rows(self) -> int:
        """Rows of all groups."""
        return sum(group.num_rows for group in self._groups)

    @property
    def byte_count(self) -> int:
        """Bytes of all groups."""
        return sum(group.byte_count for group in self._groups)

    @property
    def pieces(self) -> "Sequence[PartGroup | TableGroup]":
        """The groups one by one."""
        return self._groups

    def column(self, name: str) -> Any:
        """The column as one pyarrow Array, null where a part has none; None where no part has it."""
        if name not in self._read:
            names = self._first if name in self._first else {name}
            read = [group.columns(names) for group in self._groups]
            self._read |= {each: [found.get(each) for found in read] for each in names}
        pieces = self._read.pop(name)
        if all(piece is None for piece in pieces):
            return None
        return concatenated([
            _nulls(group.num_rows, pieces) if piece is None else piece
            for group, piece in zip(self._groups, pieces, strict=True)
        ])  # fmt: skip


@contextmanager
def brief_memory() -> Generator[None]:
    """Columns come and go by the hundred meanwhile: Arrow takes their memory from the system's allocator.

    Its own gives pages back and takes others, which are cleared anew each time: a third of reading, and memory beside.
    And Python, which looks for cycles among all objects whenever many were made (how many, the command line says), does not
    look among those that were there before: documents of JSON have none, and were a sixth of the time.
    """
    import pyarrow as pa  # noqa: PLC0415

    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        pa.set_memory_pool(usual)


def part_groups(path: Path, table: Table) -> Iterator[PartGroup | TableGroup]:
    """The row groups of a part; LakeError where it is damaged or gone."""
    if is_arrow(path):
        yield from map(TableGroup, batches_of(path))
        return
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    texts = {column.name for column in table.columns if column.type is Type.TEXT and column.name not in table.distinct}
    try:
        metadata = pq.read_metadata(path)
        known = frozenset(metadata.schema.names)
        # A part of an earlier form lacks columns: of those, no dictionary may be asked for.
        # The file stays open as long as a group of it is in use.
        file = pq.ParquetFile(path, metadata=metadata, read_dictionary=sorted(texts & known))
    except (OSError, pa.ArrowException) as error:
        raise LakeError("lake.log_part_damaged", path=path, reason=type(error).__name__) from error
    for number in range(file.num_row_groups):
        yield PartGroup(file, number, known, path)


def joined_groups(
    paths: Iterable[Path], table: Table, first: Iterable[str], rows: int = ROWS_AT_ONCE
) -> Iterator[tuple[JoinedGroup, int]]:
    """The row groups of parts of one form, gathered until they hold so many rows; with each, how many parts it ends."""
    waiting: list[PartGroup | TableGroup] = []
    count = size = ended = 0
    for path in paths:
        for group in part_groups(path, table):
            if waiting and (count + group.num_rows > rows or size + group.byte_count > _BYTES_AT_ONCE):
                yield JoinedGroup(waiting, table, first), ended
                waiting, count, size, ended = [], 0, 0, 0
            waiting.append(group)
            count += group.num_rows
            size += group.byte_count
        ended += 1
    if waiting:
        yield JoinedGroup(waiting, table, first), ended


def _nulls(count: int, pieces: Sequence[Any]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    known = next(piece for piece in pieces if piece is not None)
    kind = known.type.value_type if pa.types.is_dictionary(known.type) else known.type
    return pa.nulls(count, kind)


def concatenated(pieces: Sequence[Any]) -> Any:
    """One Array of several, as a dictionary where one of them is one."""
    import pyarrow as pa  # noqa: PLC0415

    if len(pieces) == 1:
        return pieces[0]
    if any(pa.types.is_dictionary(piece.type) for piece in pieces):
        coded = [piece if pa.types.is_dictionary(piece.type) else piece.dictionary_encode() for piece in pieces]
        return pa.concat_arrays(pa.chunked_array(coded).unify_dictionaries().chunks)
    return pa.concat_arrays(pieces)


def some_of(array: Any, places: Any) -> Any:
    """The values at these places; of a dictionary without those that no place has."""
    import pyarrow as pa  # noqa: PLC0415

    if not pa.types.is_dictionary(array.type):
        return array.take(pa.array(places))
    return array.dictionary.take(array.indices.take(pa.array(places)))


def joined(chunks: Any) -> Any:
    """One Array of a ChunkedArray, or of one."""
    import pyarrow as pa  # noqa: PLC0415

    if isinstance(chunks, pa.Array):
        return chunks
    if chunks.num_chunks == 1:
        return chunks.chunk(0)
    if chunks.num_chunks == 0:
        return pa.array([], type=chunks.type)
    return pa.concat_arrays(chunks.unify_dictionaries().chunks)
