"""The batch of CloudFront's logs, in whichever format a file is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.cloudfront.columns import BEGINS, columns_of, is_common
from sakimori.ingest.cloudfront.fields import row_of
from sakimori.ingest.cloudfront.layout import PARQUET, Layout, bare_layout_of, cut_off, header_of, layout_of
from sakimori.ingest.json_records import Record, guarded, records_of
from sakimori.ingest.lines.waiting import WaitingLines, is_utf8
from sakimori.ingest.place import account_or_unknown
from sakimori.ingest.rows import MAX_RECORD_BYTES, RowBatch, as_time, lines_of
from sakimori.ingest.source import Document, Reason, Refused, Row, Rows
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_A_PIECE: Final = 16_384


class CloudFrontBatch:
    """Rows of all formats: lines of the common layouts all at once, everything else one by one.

    `named` gives values of columns that the name of a file gives to all its rows.
    """

    def __init__(self, table: Table, named: Callable[[Document], Mapping[str, str]]) -> None:
        self._table = table
        self._named = named
        self._columns = {column.name: column for column in table.own_columns}
        self._others = RowBatch(table, self._read)
        # By the names of a layout.
        self._lines: WaitingLines[tuple[str, ...]] = WaitingLines(
            ("account_id", "region", "distribution_id"), partial(columns_of, table), _span_of
        )

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return self._lines.row_count + self._others.row_count

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the rows of one document."""
        header = document.head or header_of(document.data)
        if not header:
            return self._others.add(document)
        refused: list[Refused] = []
        if open_line := cut_off(document.data, header):
            document = replace(document, data=document.data[: -len(open_line)])
            at = document.offset + len(document.data)
            refused.append(Refused(offset=at, reason=Reason.CUT_OFF, size=len(open_line)))
        named = self._named(document)
        account = account_or_unknown(named.get("account_id") or document.place.account)
        of_file = (account, named.get("region"), named.get("distribution_id"))
        names = _common_names(header)
        offset = document.offset
        for raw in document.data.split(b"\n"):
            begins, offset = offset, offset + len(raw) + 1
            line = raw.rstrip(b"\r")
            if names and (moment := _moment_of(line, names)):
                self._lines.take(names, line, moment, of_file)
            elif line.startswith(b"#") or line in header.split(b"\n"):
                # Files that somebody put together have headers in the middle.
                header = line if line.startswith(b"#Fields:") else header
                names = _common_names(header)
            else:
                refused.extend(self._others.add(replace(document, data=line, offset=begins, head=header)))
        return tuple(refused)

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked."""
        return self._lines.span(self._others.span())

    def finish(self) -> "Iterator[pa.Table]":
        """All rows in one table, those of common layouts first."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

        yield pa.concat_tables([*self._lines.finish(), *self._others.finish()])

    def _read(self, document: Document) -> Rows:
        named = self._named(document)
        for found in _members_of(document):
            if isinstance(found, Refused):
                yield found
                continue
            offset, members = found
            row = guarded(self._row, Record(offset, members))
            yield row if isinstance(row, Refused) else {**named, **row}

    def _row(self, record: Record) -> Row | Refused:
        row = row_of(self._table, self._columns, record.members)
        if row[self._table.time] is None:
            return Refused(offset=record.offset, reason=Reason.NO_TIME, detail=self._table.time)
        return row


def _common_names(header: bytes) -> tuple[str, ...]:
    """The names of a header whose lines can be read at once; none for any other."""
    found = [layout for line in header.decode("utf-8", "replace").splitlines() if (layout := layout_of(line))]
    return found[-1].names if found and found[-1].delimiter in ("", "\t") and is_common(found[-1].names) else ()


def _moment_of(line: bytes, names: Sequence[str]) -> bytes | None:
    """Date and time of a line that has a value for each name; None for any other line."""
    match = BEGINS.match(line)
    if not match or line.count(b"\t") != len(names) - 1 or b"\r" in line or len(line) > MAX_RECORD_BYTES:
        return None
    return match[1] if is_utf8(line) else None


def _span_of(times: Collection[bytes]) -> tuple[int, int]:
    found = [as_time(each.decode().replace("\t", "T")) for each in (min(times), max(times))]
    moments = [micros_since_epoch(each) for each in found if each]
    return min(moments), max(moments)


def _members_of(document: Document) -> Iterator[tuple[int, dict[str, Any]] | Refused]:
    """The fields of each request by name."""
    if document.data.startswith(PARQUET):
        yield from _of_parquet(document)
    elif document.data.lstrip()[:1] in (b"{", b"["):
        for found in records_of(document):
            yield found if isinstance(found, Refused) else (found.offset, found.members)
    else:
        yield from _of_lines(document)


def _of_lines(document: Document) -> Iterator[tuple[int, dict[str, Any]] | Refused]:
    layout: Layout | None = None
    for line in document.head.decode("utf-8", "replace").splitlines():
        layout = layout_of(line) or layout
    for found in lines_of(document):
        if isinstance(found, Refused):
            yield found
            continue
        offset, line = found
        if line.startswith("#"):
            layout = layout_of(line) or layout
            continue
        if layout is None and (layout := layout_of(line)):
            continue
        of_line = layout.shown_by(line) if layout else bare_layout_of(line)
        if of_line is None:
            yield Refused(offset=offset, reason=Reason.UNKNOWN_FORMAT, size=len(line))
            continue
        layout = layout and of_line
        if of_line.delimiter:
            yield offset, of_line.members(line)
        else:
            yield Refused(offset=offset, reason=Reason.BAD_LINE, size=len(line))


def _of_parquet(document: Document) -> Iterator[tuple[int, dict[str, Any]] | Refused]:
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        for batch in pq.ParquetFile(pa.BufferReader(document.data)).iter_batches(_ROWS_A_PIECE):
            for members in batch.to_pylist():
                yield document.offset, members
    except (pa.ArrowException, OSError):
        yield Refused(offset=document.offset, reason=Reason.UNREADABLE, detail="parquet")
