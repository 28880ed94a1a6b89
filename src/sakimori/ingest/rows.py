"""Rows of ordinary sources: values by column name, brought to the types of the table and into Arrow columns."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sakimori.ingest.place import account_or_unknown, partition_of, region_or_unknown
from sakimori.ingest.source import Document, Reason, Refused, Rows
from sakimori.lake.engines.arrow import arrow_type
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.rows import typed
from sakimori.lake.table import Column, Table, Type

if TYPE_CHECKING:
    import pyarrow as pa

_EARLIEST: Final = datetime(1990, 1, 1)  # noqa: DTZ001 - the lake's times are UTC without saying so
_LATEST: Final = datetime(2200, 1, 1)  # noqa: DTZ001
MAX_RECORD_BYTES: Final = 4 << 20
"""No AWS log has records of more than 1 MiB; what is larger is refused by itself."""


class RowBatch:
    """The batch of a source that reads row by row: `parse` gives rows and refusals of one document.

    `account_id` and `region` of a row come from its own values, or else from the place of the file.
    """

    def __init__(self, table: Table, parse: Callable[[Document], Rows]) -> None:
        self._table = table
        self._parse = parse
        self._columns: dict[str, list[object]] = {column.name: [] for column in table.columns}
        self._types = [(column.name, _converter(column)) for column in table.own_columns]
        self.row_count = 0
        self._asked = 0

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the rows of one document."""
        refused: list[Refused] = []
        for found in self._parse(document):
            if isinstance(found, Refused):
                refused.append(found)
                continue
            if usual_time(found.get(self._table.time)) is None:
                refused.append(Refused(offset=document.offset, reason=Reason.NO_TIME, detail=self._table.time))
                continue
            account = account_or_unknown(found.get("account_id") or document.place.account)
            region = region_or_unknown(found.get("region") or document.place.region)
            self._columns["account_id"].append(account)
            self._columns["partition"].append(partition_of(region))
            self._columns["region"].append(region)
            for name, convert in self._types:
                value = found.get(name)
                self._columns[name].append(None if value is None else convert(value))
            self.row_count += 1
        return tuple(refused)

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked."""
        times = [time for time in self._columns[self._table.time][self._asked :] if isinstance(time, datetime)]
        self._asked = self.row_count
        return (micros_since_epoch(min(times)), micros_since_epoch(max(times))) if times else None

    def finish(self) -> "Iterator[pa.Table]":
        """All rows as columns, in one table."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

        arrays = [pa.array(self._columns[column.name], type=arrow_type(column.type)) for column in self._table.columns]
        for values in self._columns.values():
            values.clear()
        self.row_count = self._asked = 0
        yield pa.table(arrays, names=[column.name for column in self._table.columns])


def as_time(value: object) -> datetime | None:
    """A time as UTC without zone: of a datetime, ISO 8601 text, or seconds or milliseconds since 1970; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _since_epoch(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return _since_epoch(float(value)) if re.fullmatch(r"[0-9]{9,13}(\.[0-9]{1,9})?", value) else None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=None) if value.tzinfo in {None, UTC} else value.astimezone(UTC).replace(tzinfo=None)
    except (OverflowError, ValueError):
        return None


def usual_time(value: object) -> datetime | None:
    """`as_time`, of the years in which the lake finds a row again; None for any other time."""
    moment = as_time(value)
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


_MILLISECONDS_FROM: Final = 1e11


def _since_epoch(number: float) -> datetime | None:
    try:
        seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None


def _converter(column: Column) -> Callable[[object], object]:
    if column.type is Type.TIMESTAMP:
        return as_time
    if column.type is Type.TEXT:
        return lambda value: _text(column, value)
    return lambda value: typed(column, value)


def _text(column: Column, value: object) -> str:
    text = value if isinstance(value, str) else str(typed(column, value))
    # Half a surrogate pair can be written in JSON, but not in UTF-8.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def lines_of(document: Document) -> Iterator[tuple[int, str] | Refused]:
    """Each line that is not empty, with its offset in the unpacked file; lines too long or not UTF-8 are refused."""
    offset = document.offset
    for raw in document.data.split(b"\n"):
        begins, offset = offset, offset + len(raw) + 1
        line = raw.rstrip(b"\r")
        if not line.strip():
            continue
        if len(line) > MAX_RECORD_BYTES:
            yield Refused(offset=begins, reason=Reason.TOO_LARGE, size=len(line))
            continue
        try:
            yield begins, line.decode("utf-8")
        except UnicodeDecodeError:
            yield Refused(offset=begins, reason=Reason.NOT_UTF8, size=len(line))
