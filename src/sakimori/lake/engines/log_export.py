"""Rows of a log on their way out: as bytes of CSV or JSON lines, streamed, or as the Parquet parts that they lie in."""
# pyright: basic
# pyarrow has no types; `Rows` are its tables.

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from sakimori.lake.engines.log_merge import Run, merged, schema_of, write_file
from sakimori.lake.engines.log_parquet import Rows, is_whole
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import Where
from sakimori.lake.table import Table, Type
from sakimori.model.errors import LakeError

_FORMULA: Final = "^[ \u3000]*[=+\\-@\t\r\n＝＋－＠]"
"""What a spreadsheet takes for the beginning of a formula; Excel takes the full-width signs for the ASCII ones."""

Shape = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Makes of a row (its times are datetimes in UTC) what becomes a line of JSON."""


def pieces_of(
    table: Table, root: Path, parts: Iterable[LogPart], where: Where, scratch: Path
) -> Iterator[tuple[Rows, int]]:
    """The rows, some thousands at a time, by day, account and Region and therein by time; and bytes of parts that are done.

    The first piece is empty: a log without rows has its columns too.
    """
    yield schema_of(table).empty_table(), 0
    ordered = sorted(parts, key=_place)
    for _, those in groupby(ordered, key=_place):
        group = list(those)
        runs = [Run(path=root / part.path, first_at=part.first_at, last_at=part.last_at) for part in group]
        for rows in merged(table, runs, scratch, lossless=False):
            yield _within(table, rows, where), 0
        yield schema_of(table).empty_table(), sum(part.byte_count for part in group)


def copy_part(table: Table, root: Path, part: LogPart, where: Where, target: Path) -> int:
    """How many rows were copied: the part as it lies, in its place below the target.

    Where the question cuts through it, only its rows in between are written; no file for no row.
    """
    place = target / part.path
    place.parent.mkdir(parents=True, exist_ok=True)
    since = micros_since_epoch(where.since) if where.since else part.first_at
    until = micros_since_epoch(where.until) if where.until else part.last_at + 1
    if since <= part.first_at and part.last_at < until:
        if not is_whole(root / part.path, part):
            raise LakeError("lake.log_part_damaged", path=root / part.path, reason="other bytes")
        shutil.copyfile(root / part.path, place)
        return part.row_count
    run = Run(path=root / part.path, first_at=part.first_at, last_at=part.last_at)
    rows = (_within(table, some, where) for some in merged(table, [run], target, lossless=False))
    count, _, _ = write_file(table, rows, place)
    if not count:
        place.unlink()
    return count


def as_csv(table: Table, pieces: Iterable[Rows]) -> Iterator[bytes]:
    """A heading and a line for each row; times in ISO 8601 (UTC), NULL as an empty cell, '' as "".

    A cell that a spreadsheet would run as a formula gets a leading apostrophe: anybody may choose a user agent.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy
    from pyarrow import csv  # noqa: PLC0415

    is_first = True
    for rows in pieces:
        if not rows.num_rows and not is_first:
            continue
        sink = pa.BufferOutputStream()
        csv.write_csv(_cells(table, rows), sink, csv.WriteOptions(include_header=is_first, quoting_style="needed"))
        is_first = False
        yield sink.getvalue().to_pybytes()


def as_json_lines(table: Table, pieces: Iterable[Rows], shape: Shape | None = None) -> Iterator[bytes]:
    """One JSON object a line; times in ISO 8601 (UTC), NULL as null."""
    encode = msgspec.json.Encoder().encode
    names = [column.name for column in table.columns]
    times = [index for index, column in enumerate(table.columns) if column.type is Type.TIMESTAMP]
    for rows in pieces:
        columns = [column.to_pylist() for column in rows.columns]
        for index in times:
            columns[index] = [moment and moment.replace(tzinfo=UTC) for moment in columns[index]]
        lines = [
            encode(row if shape is None else shape(row))
            for row in (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
        ]
        if lines:
            yield b"\n".join(lines) + b"\n"


def as_parquet(table: Table, pieces: Iterable[Rows], target: Path) -> None:
    """One Parquet file of all rows."""
    write_file(table, pieces, target)


def _place(part: LogPart) -> tuple[str, str, str]:
    return part.partition.day.isoformat(), part.partition.account, part.partition.region


def _within(table: Table, rows: Rows, where: Where) -> Rows:
    """The rows between both times; rows are sorted, so that they are one slice."""
    import pyarrow as pa  # noqa: PLC0415

    if not where.since and not where.until:
        return rows
    times = rows.column(table.time).cast(pa.int64()).to_numpy()
    begin = int(times.searchsorted(micros_since_epoch(where.since))) if where.since else 0
    end = int(times.searchsorted(micros_since_epoch(where.until))) if where.until else len(times)
    return rows.slice(begin, max(0, end - begin))


def _cells(table: Table, rows: Rows) -> Rows:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    compute: Any = pc
    for index, column in enumerate(table.columns):
        if column.type is Type.TIMESTAMP:
            rows = rows.set_column(index, column.name, compute.strftime(rows.column(index), "%Y-%m-%dT%H:%M:%SZ"))
        elif column.type is Type.TEXT:
            cells = rows.column(index)
            risky = compute.match_substring_regex(cells, _FORMULA)
            if compute.any(risky).as_py():
                quoted = compute.binary_join_element_wise(pa.scalar("'"), cells, "")
                rows = rows.set_column(index, column.name, compute.if_else(risky, quoted, cells))
    return rows
