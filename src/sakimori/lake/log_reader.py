"""Reading logs: which parts hold what is asked for, and the relation over them. Parts are listed from the manifest, never by globbing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sakimori.lake.engines.log_parquet import form_of
from sakimori.lake.engines.spelling import literal, plain_path, quote
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_parts import LogPart, Partition
from sakimori.lake.manifest import Manifest
from sakimori.lake.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a question is about. `since` (held) and `until` (not held) are UTC; no accounts or Regions: all of them."""

    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


EVERYWHERE: Final = Where()
_COLUMNS: Final = "part, account, region, day, row_count, byte_count, first_at, last_at, form"


class LogReader:
    """The logs of the lake under one home. A part that is listed stays readable for an hour after it was compacted away."""

    def __init__(self, home: Path) -> None:
        self.root = home / "lake"
        self._manifest = Manifest(self.root / "manifest.db") if (self.root / "manifest.db").exists() else None

    def close(self) -> None:
        """Release the manifest."""
        if self._manifest:
            self._manifest.close()

    @property
    def manifest(self) -> Manifest | None:
        """The manifest; None where nothing was ever brought into this lake."""
        return self._manifest

    def parts(self, table: str, where: Where = EVERYWHERE) -> tuple[LogPart, ...]:
        """The parts that may hold such rows, in the order of day, account, Region and first time."""
        if self._manifest is None:
            return ()
        clauses, values = ["table_name = ?", "retired_at is null"], [table]
        for column, wanted in (("account", where.accounts), ("region", where.regions)):
            if wanted:
                clauses.append(f"{column} in ({', '.join('?' for _ in wanted)})")
                values += wanted
        bounds: list[int] = []
        if where.since:
            clauses.append("last_at >= ?")
            bounds.append(micros_since_epoch(where.since))
        if where.until:
            clauses.append("first_at < ?")
            bounds.append(micros_since_epoch(where.until))
        rows = self._manifest.query(
            f"select {_COLUMNS} from log_part where {' and '.join(clauses)} order by day, account, region, first_at",
            *values,
            *bounds,
        )
        return tuple(_part(tuple(row), table) for row in rows)

    def every_part(self) -> tuple[LogPart, ...]:
        """The parts of all tables."""
        if self._manifest is None:
            return ()
        rows = self._manifest.query(
            f"select {_COLUMNS}, table_name from log_part where retired_at is null order by day, part"
        )
        return tuple(_part(tuple(row[:-1]), str(row[-1])) for row in rows)

    def relation(self, table: Table, parts: Sequence[LogPart], columns: Iterable[str] = ()) -> str:
        """SQL of the rows of these parts, with the declared columns (or those asked for) in their order and types.

        A part of an older form lacks columns: they are NULL. One of a newer form may have more: they are left out.
        """
        wanted = [column for column in table.columns if not columns or column.name in set(columns)]
        current = [part for part in parts if part.form == form_of(table)]
        other = [part for part in parts if part.form != form_of(table)]
        pieces: list[str] = []
        if current:
            names = ", ".join(quote(column.name) for column in wanted)
            pieces.append(f"select {names} from read_parquet({self._files(current)}, hive_partitioning = false)")
        if other:
            # Columns that no part of these has still have a name here, so that one query fits all of them.
            empty = ", ".join(f"null::{column.type} as {quote(column.name)}" for column in table.columns)
            names = ", ".join(
                f"try_cast({quote(column.name)} as {column.type}) as {quote(column.name)}" for column in wanted
            )
            pieces.append(
                f"select {names} from (select * from (select {empty}) where false union all by name select * from "
                f"read_parquet({self._files(other)}, hive_partitioning = false, union_by_name = true))"
            )
        if not pieces:
            pieces.append("select " + ", ".join(f"null::{column.type} as {quote(column.name)}" for column in wanted) + " where false")  # fmt: skip
        return " union all ".join(pieces)

    def paths(self, parts: Iterable[LogPart]) -> tuple[Path, ...]:
        """The files of these parts."""
        return tuple(self.root / part.path for part in parts)

    def _files(self, parts: Iterable[LogPart]) -> str:
        return "[" + ", ".join(literal(plain_path(path)) for path in self.paths(parts)) + "]"


def _part(row: tuple[Any, ...], table: str) -> LogPart:
    name, account, region, day, count, size, first, last, form = row
    return LogPart(
        name=name,
        partition=Partition(table=table, account=account, region=region, day=date.fromisoformat(day)),
        row_count=count,
        byte_count=size,
        first_at=first,
        last_at=last,
        form=form,
    )


def rows_within(reader: LogReader, table: Table, where: Where) -> Callable[[Sequence[str]], str]:
    """SQL of the rows of these places and times, for the columns that are asked for."""
    parts = reader.parts(table.name, where)
    limits = " and ".join(between(table, where)) or "true"

    def relation(columns: Sequence[str]) -> str:
        whole = reader.relation(table, parts, (*columns, table.time))
        return f"select {', '.join(map(quote, columns))} from ({whole}) where {limits}"

    return relation


def between(table: Table, where: Where) -> tuple[str, ...]:
    """SQL that holds of the rows of these times; none for all times. Of which accounts and Regions rows are, their parts say."""
    bounds = ((">=", where.since), ("<", where.until))
    return tuple(f"{quote(table.time)} {sign} make_timestamp({micros_since_epoch(at)})" for sign, at in bounds if at)
