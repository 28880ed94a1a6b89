"""Parts of a log read column by column, for those who look at few columns of many rows."""
# pyright: basic
# pyarrow has no types.

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sakimori.lake.table import Table, Type
from sakimori.model.errors import LakeError


class PartGroup:
    """One row group of a part. A column is read when it is asked for; texts of few values come as dictionaries."""

    def __init__(self, file: Any, number: int, known: frozenset[str], path: Path) -> None:
        self._file = file
        self._number = number
        self._known = known
        self._path = path

    @property
    def num_rows(self) -> int:
        """Rows of the group."""
        return self._file.metadata.row_group(self._number).num_rows

    def column(self, name: str) -> Any:
        """The column as one pyarrow Array; None where the part has none. LakeError where it is damaged."""
        import pyarrow as pa  # noqa: PLC0415 - heavy

        if name not in self._known:
            return None
        try:
            read = self._file.read_row_group(self._number, columns=[name], use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise LakeError("lake.log_part_damaged", path=self._path, reason=type(error).__name__) from error
        return joined(read.column(0))


class TableGroup:
    """Rows that are in memory already, as the parsers of logs give them."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    @property
    def num_rows(self) -> int:
        """Rows of the table."""
        return self._rows.num_rows

    def column(self, name: str) -> Any:
        """The column as one pyarrow Array; None where the table has none."""
        return joined(self._rows.column(name)) if name in self._rows.column_names else None


def part_groups(path: Path, table: Table) -> Iterator[PartGroup]:
    """The row groups of a part; LakeError where it is damaged or gone."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    few = [column.name for column in table.columns if column.type is Type.TEXT and column.name not in table.distinct]
    try:
        with pq.ParquetFile(path, read_dictionary=few) as file:
            known = frozenset(file.schema_arrow.names)
            for number in range(file.num_row_groups):
                yield PartGroup(file, number, known, path)
    except (OSError, pa.ArrowException) as error:
        raise LakeError("lake.log_part_damaged", path=path, reason=type(error).__name__) from error


def joined(chunks: Any) -> Any:
    """One Array of a ChunkedArray."""
    import pyarrow as pa  # noqa: PLC0415

    if chunks.num_chunks == 1:
        return chunks.chunk(0)
    if chunks.num_chunks == 0:
        return pa.array([], type=chunks.type)
    return pa.concat_arrays(chunks.unify_dictionaries().chunks)
