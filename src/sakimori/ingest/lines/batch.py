"""The batch of logs of lines: well written lines all at once, the others one by one.

Python only looks whether a line is well written; Arrow's reader of delimited text does the rest.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sakimori.ingest.lines.columns import columns_of
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.lines.waiting import OfFile, WaitingLines, is_utf8
from sakimori.ingest.place import account_or_unknown, region_or_unknown
from sakimori.ingest.rows import MAX_RECORD_BYTES, RowBatch
from sakimori.ingest.source import Document, Reason, Refused, Rows
from sakimori.lake.table import Table

if TYPE_CHECKING:
    import pyarrow as pa


class LineBatch:
    """Rows of `line_format`. A row's own values come before those of its file's name, and these before its place's.

    `named` gives values of columns that the name of a file gives to all its rows; `only_named` are those that no field
    of a line fills.
    """

    def __init__(
        self,
        table: Table,
        line_format: LineFormat,
        named: Callable[[Document], Mapping[str, str]] = lambda _: {},
        only_named: tuple[str, ...] = (),
    ) -> None:
        self._format = line_format
        self._named = named
        self._only_named = only_named
        self._others = RowBatch(table, self._read)
        self._lines: WaitingLines[int] = WaitingLines(
            ("account_id", "region", *only_named), partial(columns_of, table, line_format), line_format.span
        )

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return self._lines.row_count + self._others.row_count

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the lines of one document."""
        refused: list[Refused] = []
        of_file = self._of_file(document)
        offset, most = document.offset, 0
        lines = document.data.split(b"\n")
        open_line = lines.pop().rstrip(b"\r")
        for raw in lines:
            begins, offset = offset, offset + len(raw) + 1
            line = raw.rstrip(b"\r")
            found = self._well_written(line)
            if found:
                self._lines.take(found[0], line, found[1], of_file)
                most = max(most, found[0])
            elif line:
                refused.extend(self._others.add(replace(document, data=line, offset=begins, head=b"")))
        if open_line.strip():
            refused += self._take_open(replace(document, data=open_line, offset=offset, head=b""), most, of_file)
        return tuple(refused)

    def _take_open(self, document: Document, most: int, of_file: OfFile) -> tuple[Refused, ...]:
        """Take a last line without its end. AWS ends every line: where that is missing, so may be what stood before it."""
        line = document.data
        found = self._well_written(line)
        usual = most or len(self._format.fields)
        if found[0] < usual if found else self._format.is_cut_off(line, usual):
            return (Refused(offset=document.offset, reason=Reason.CUT_OFF, size=len(line)),)
        if found:
            self._lines.take(found[0], line, found[1], of_file)
            return ()
        return self._others.add(document)

    def _well_written(self, line: bytes) -> tuple[int, bytes] | None:
        return self._format.well_written(line) if len(line) <= MAX_RECORD_BYTES and is_utf8(line) else None

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked."""
        return self._lines.span(self._others.span())

    def finish(self) -> "Iterator[pa.Table]":
        """All rows in one table, the well written first."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

        yield pa.concat_tables([*self._lines.finish(), *self._others.finish()])

    def _of_file(self, document: Document) -> OfFile:
        named = self._named(document)
        return (
            account_or_unknown(named.get("account_id") or document.place.account),
            region_or_unknown(named.get("region") or document.place.region),
            *(named.get(name) for name in self._only_named),
        )

    def _read(self, document: Document) -> Rows:
        return self._format.rows_of(document, self._named(document))
