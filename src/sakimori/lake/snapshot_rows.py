"""One resource in the snapshots: which rows of which tables are its own, and which snapshots looked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, plain_path, quote
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError
from sakimori.model.words import GLOBAL, Scope

NAMES: Final = ("name", "url")
"""Columns that name a row's resource beside its key."""
_OWNERS: Final = ("owner_arn", "user_arn")
"""Columns that name whose part a row is where the table declares no parent: policies and credentials of an identity."""
_FOUND_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSnapshot:
    """A complete snapshot: what it holds, and when its reading ended (its facts say when it began)."""

    facts: Facts
    finished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """A row that has the key or name that was asked for. `names` are its other names."""

    table: str
    key: str
    account: str
    region: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The resource's rows of one table in one snapshot that read them; `is_partial` where details of it were refused.

    `columns` are those that the snapshot's parts hold: an older one lacks what was not declared yet.
    """

    snapshot: OpenSnapshot
    rows: tuple[Mapping[str, object], ...]
    columns: frozenset[str]
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHistory:
    """One table's sightings of the resource in the order of time; a snapshot that did not read them is not among them."""

    table: Table
    is_part: bool
    """The rows are parts of the resource (its rules, statements, tags), and not the resource itself."""
    sightings: tuple[Sighting, ...]
    unread: tuple[OpenSnapshot, ...]


def open_snapshots(lake: Lake, since: datetime | None, until: datetime | None) -> tuple[OpenSnapshot, ...]:
    """The complete snapshots that were begun in this time, the oldest first, and the last one before it to compare with."""
    chosen: list[OpenSnapshot] = []
    for line in lake.snapshots():
        if line.finished_at is None or (until and line.started_at >= until):
            continue
        chosen.append(OpenSnapshot(facts=lake.open(line.id), finished_at=line.finished_at))
        if since and line.started_at < since:
            break
    return tuple(reversed(chosen))


@dataclass(slots=True)
class SnapshotRows:
    """Looks through the parts of snapshots; a part that several of them share is read once."""

    engine: Engine
    tables: Mapping[str, Table]
    snapshots: Sequence[OpenSnapshot]
    _searched: set[Path] = field(default_factory=set[Path])

    def named(self, text: str) -> tuple[FoundRow, ...]:
        """The rows whose key, end of the key, name or URL is this text, as the newest snapshot that has any holds them."""
        for snapshot in reversed(self.snapshots):
            pieces = [
                _named_sql(table, new, text)
                for table in self.tables.values()
                if (new := [path for path in snapshot.facts.parts.get(table.name, ()) if path not in self._searched])
            ]
            self._searched.update(path for paths in snapshot.facts.parts.values() for path in paths)
            found = [_found(row) for row in self._read(" union all ".join(pieces))] if pieces else []
            if found:
                return tuple(found[:_FOUND_AT_MOST])
        return ()

    def histories(self, key: str, account: str) -> tuple[TableHistory, ...]:
        """Every table with rows of the resource, its own and those of its parts; `account` "" stands for every one."""
        holding = self._holding(key, account)
        return tuple(self._history(self.tables[name], parts, key, account) for name, parts in sorted(holding.items()))

    def _holding(self, key: str, account: str) -> dict[str, frozenset[str]]:
        """Tables that hold rows of the resource, each with the names of the parts that do."""
        pieces = [
            f"select {literal(name)}, filename from {_relation(table, paths)} "
            f"where {_is_of(table, key, account)} group by filename"
            for name, table in self.tables.items()
            if (paths := self._paths(name))
        ]
        found: dict[str, set[str]] = {}
        for name, path in self._read(" union all ".join(pieces)) if pieces else ():
            found.setdefault(name, set()).add(Path(path).name)
        return {name: frozenset(parts) for name, parts in found.items()}

    def _history(self, table: Table, holding: frozenset[str], key: str, account: str) -> TableHistory:
        paths = [path for path in self._paths(table.name) if path.name in holding]
        rows: dict[str, list[Mapping[str, object]]] = {}
        names = [column.name for column in table.columns]
        listed = ", ".join(f"try_cast({quote(column.name)} as {column.type})" for column in table.columns)
        relation = _relation(table, paths)
        for path, *values in self._read(
            f"select filename, {listed} from {relation} where {_is_of(table, key, account)}"
        ):
            rows.setdefault(Path(path).name, []).append(dict(zip(names, values, strict=True)))
        known = [row for held in rows.values() for row in held]
        places = {(str(row["account_id"]), str(row["region"])) for row in known}
        columns = self._columns(paths)
        sightings: list[Sighting] = []
        unread: list[OpenSnapshot] = []
        for snapshot in self.snapshots:
            state = _state(snapshot.facts, table, key, places)
            if state is None:
                unread.append(snapshot)
                continue
            parts = [path.name for path in snapshot.facts.parts.get(table.name, ())]
            sightings.append(
                Sighting(
                    snapshot=snapshot,
                    rows=tuple(row for part in parts for row in rows.get(part, ())),
                    columns=_common(names, [columns[part] for part in parts if part in rows]),
                    is_partial=state,
                )
            )
        is_part = not any(row.get(table.key) == key for row in known)
        return TableHistory(table=table, is_part=is_part, sightings=tuple(sightings), unread=tuple(unread))

    def _paths(self, table: str) -> tuple[Path, ...]:
        return tuple({path: None for snapshot in self.snapshots for path in snapshot.facts.parts.get(table, ())})

    def _columns(self, paths: Iterable[Path]) -> dict[str, frozenset[str]]:
        """The columns of each part by its name."""
        found: dict[str, set[str]] = {path.name: set() for path in paths}
        for path, name in self._read(f"select file_name, name from parquet_schema({_files(paths)})"):
            found[Path(path).name].add(name)
        return {part: frozenset(names) for part, names in found.items()}

    def _read(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self.engine.rows(sql)
        except duckdb.Error as error:
            raise LakeError("lake.part_damaged", table="snapshot", reason=str(error).splitlines()[0][:300]) from error


def _common(names: Iterable[str], held: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset(name for name in names if all(name in each for each in held))


def _state(facts: Facts, table: Table, key: str, places: Iterable[tuple[str, str]]) -> bool | None:
    """None where the snapshot did not read these rows, or else whether details of the resource were refused."""
    is_partial = False
    for account, region in places:
        unit = facts.units.get((table.name, account, region if table.scope is Scope.REGION else GLOBAL))
        if unit is None or not unit.is_read:
            return None
        if any(gap.parent == key for gap in unit.gaps):
            if table.parent:
                return None
            is_partial = True
    return is_partial


def _found(row: tuple[Any, ...]) -> FoundRow:
    table, key, account, region, *names = row
    return FoundRow(
        table=table, key=key, account=account, region=region, names=frozenset(name for name in names if name)
    )


def _named_sql(table: Table, paths: Sequence[Path], text: str) -> str:
    """The rows of that name; of a table of parts only the one with that key, for its parents have the names."""
    asked, key = literal(text), quote(table.key)
    own = [name for name in NAMES if table.column(name)] if not table.parent else []
    tests = [f"{key} = {asked}"]
    if not table.parent and not text.startswith("arn:"):
        tests += [f"ends_with({key}, {literal(f'{mark}{text}')})" for mark in "/:"]
        tests += [f"{quote(name)} = {asked}" for name in own]
    names = ", ".join(quote(name) if name in own else "null::varchar" for name in NAMES)
    return f"select distinct {literal(table.name)}, {key}, account_id, region, {names} from {_relation(table, paths)} where {' or '.join(tests)}"


def _is_of(table: Table, key: str, account: str) -> str:
    """The test for rows of the resource itself or of its parts."""
    columns = {table.key, table.parent, *(name for name in _OWNERS if table.column(name))} - {""}
    test = " or ".join(f"{quote(name)} = {literal(key)}" for name in sorted(columns))
    return f"({test}) and account_id = {literal(account)}" if account else f"({test})"


def _relation(table: Table, paths: Iterable[Path]) -> str:
    """The rows of these parts with every declared column (NULL where a part lacks it), and `filename`."""
    empty = ", ".join(f"null::{column.type} as {quote(column.name)}" for column in table.columns)
    return (
        f"(select * from (select {empty}, null::varchar as filename) where false union all by name select * from "
        f"read_parquet({_files(paths)}, union_by_name = true, hive_partitioning = false, filename = true))"
    )


def _files(paths: Iterable[Path]) -> str:
    # What DuckDB would expand in a path stands in brackets.
    return f"[{', '.join(literal(plain_path(path)) for path in paths)}]"
