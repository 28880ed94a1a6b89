"""The batch of cost lines: CSV line by line, Parquet in slices, so that a file of millions of lines is never Python values."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.cur.columns import TABLE, header_of
from sakimori.ingest.cur.rows import of_file, row_of
from sakimori.ingest.rows import RowBatch, lines_of
from sakimori.ingest.source import Document, Reason, Refused, Row, Rows
from sakimori.ingest.wrapping import MAX_UNPACKED_BYTES, PARQUET
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_A_CHUNK: Final = 32_768
_ROWS_A_SLICE: Final = 4_096
HEADER_WITHIN: Final = 20
"""Lines among which the titles stand; others before them are refused."""
_MAX_ROWS: Final = 100_000_000
_BOM: Final = "\ufeff"
_TITLES: Final = re.compile("UsageStartDate|usage_start_date")
_REPEATED: Final = tuple(
    column.name for column in TABLE.columns if column.type is Type.TEXT and column.name not in TABLE.distinct
)
"""Texts that many lines share: they are held once."""


class CostBatch:
    """Rows on their way, packed into Arrow columns after each chunk."""

    def __init__(self) -> None:
        self._rows = RowBatch(TABLE, lambda _: iter(self._waiting))
        self._waiting: list[Row | Refused] = []
        self._packed: list[pa.Table] = []
        self._packed_rows = 0
        self._spans: list[tuple[int, int]] = []

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return self._packed_rows + self._rows.row_count

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the lines of one document."""
        refused: list[Refused] = []
        found = rows_of(document)
        while chunk := list(islice(found, _ROWS_A_CHUNK)):
            self._waiting = chunk
            refused += self._rows.add(document)
            if self._rows.row_count >= _ROWS_A_CHUNK:
                self._pack()
        self._waiting = []
        return tuple(refused)

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked."""
        self._note_span()
        spans, self._spans = self._spans, []
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def finish(self) -> "Iterator[pa.Table]":
        """All rows in one table."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

        self._pack()
        tables, self._packed, self._packed_rows = self._packed, [], 0
        yield pa.concat_tables(tables).unify_dictionaries().combine_chunks()

    def _note_span(self) -> None:
        if span := self._rows.span():
            self._spans.append(span)

    def _pack(self) -> None:
        self._note_span()
        count = self._rows.row_count
        [table] = self._rows.finish()
        for index, name in enumerate(table.column_names):
            if name in _REPEATED:
                table = table.set_column(index, name, table.column(index).dictionary_encode())
        self._packed.append(table)
        self._packed_rows += count


def rows_of(document: Document) -> Rows:
    """The rows of one document, CSV or Parquet."""
    if document.data.startswith(PARQUET):
        yield from _parquet_rows(document)
    else:
        yield from _csv_rows(document)


def header_line(data: bytes) -> bytes:
    """The line of titles among the first lines of a file, b"" where there is none."""
    for line in data.split(b"\n", HEADER_WITHIN)[:HEADER_WITHIN]:
        if header_of(_fields(_title(line)) or ()).is_known:
            return line + b"\n"
    return b""


def _csv_rows(document: Document) -> Rows:
    titles = header_line(document.head or document.data)
    header = header_of(_fields(_title(titles)) or ())
    if not header.is_known:
        yield Refused(offset=document.offset, reason=Reason.UNKNOWN_FORMAT, size=len(document.data))
        return
    common = of_file(document)
    for found in lines_of(document):
        if isinstance(found, Refused):
            yield found
            continue
        offset, line = found
        fields = _fields(line.removeprefix(_BOM))
        if fields and _TITLES.search(line) and (titled := header_of(fields)).is_known:
            # The second file of an archive begins with titles of its own.
            header = titled
            continue
        if fields is None or len(fields) != header.count:
            yield Refused(offset=offset, reason=Reason.BAD_LINE, size=len(line))
        else:
            yield row_of(header, fields, common, offset)


def _title(line: bytes) -> str:
    return line.strip().decode("utf-8", "replace").removeprefix(_BOM)


def _fields(line: str) -> list[str] | None:
    """The fields of a line of CSV, None where its quotes do not close or a field has no end."""
    try:
        return next(csv.reader((line,), strict=True), None)
    except csv.Error:
        return None


def _parquet_rows(document: Document) -> Rows:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    unreadable = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError)
    try:
        file = pq.ParquetFile(pa.BufferReader(document.data))
        groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
        header = header_of(file.schema_arrow.names)
    except unreadable:
        yield Refused(offset=document.offset, reason=Reason.UNREADABLE, detail="Parquet", size=len(document.data))
        return
    if not header.is_known:
        yield Refused(offset=document.offset, reason=Reason.UNKNOWN_FORMAT, size=len(document.data))
        return
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES or file.metadata.num_rows > _MAX_ROWS:
        yield Refused(offset=document.offset, reason=Reason.TOO_LARGE, detail="Parquet", size=len(document.data))
        return
    common = of_file(document)
    for index in range(len(groups)):
        slices = file.iter_batches(batch_size=_ROWS_A_SLICE, row_groups=[index], use_threads=False)
        while True:
            try:
                piece = next(slices, None)
                columns = None if piece is None else [_values(column) for column in piece.columns]
            except unreadable:
                # What is whole of the file was and will be read; this group of rows ends here.
                yield Refused(offset=document.offset, reason=Reason.TRUNCATED, detail="Parquet")
                break
            if columns is None:
                break
            for values in zip(*columns, strict=True):
                yield row_of(header, values, common, document.offset)


def _values(column: "pa.Array[Any]") -> list[Any]:
    """Values as CSV would have them, but typed: times without zone, decimals as texts, maps as objects."""
    import pyarrow as pa  # noqa: PLC0415

    kind = column.type
    if pa.types.is_timestamp(kind):
        micros = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
        return micros.cast(pa.int64()).cast(pa.timestamp("us")).to_pylist()
    if pa.types.is_decimal(kind):
        return column.cast(pa.string()).to_pylist()
    if pa.types.is_map(kind):
        return [None if value is None else {str(key): each for key, each in value} for value in column.to_pylist()]
    return column.to_pylist()
