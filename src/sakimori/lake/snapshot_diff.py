"""What changed between snapshots: differences of one resource's rows from one that read them to the next that did.

A snapshot that could not read the rows is passed over: what it does not show is not gone. A cell that is NULL is not known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from sakimori.lake.snapshot_rows import OpenSnapshot, Sighting, TableHistory
from sakimori.lake.table import Table

_OBSERVED: Final = frozenset({
    "checked_at", "idle_since_at", "last_accessed_at", "last_ping_at", "last_run_at", "last_used_at", "latest_delivery_at",
    "latest_logs_delivery_at", "reported_at",
})  # fmt: skip
"""Columns that move with use and with the clock: nobody changed the resource."""
_LEFT_OUT: Final = _OBSERVED | {"account_id", "partition", "region", "statement_index"}
"""Beside them where a row is, and its place in a policy, whose order means nothing."""

Row = Mapping[str, object]


class RowChangeKind(StrEnum):
    """What became of a row; each has its sentence `timeline.row_<value>`."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """One cell before and after; None is not known (or, in some columns, that there is none)."""

    column: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that came, went or changed. `columns` of one that came or went are all that is known of it."""

    table: str
    key: str
    kind: RowChangeKind
    is_part: bool
    columns: tuple[ColumnChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotChange:
    """What is different in `after`, and was not yet so in `before`."""

    before: OpenSnapshot
    after: OpenSnapshot
    rows: tuple[RowChange, ...]


def snapshot_changes(histories: Iterable[TableHistory]) -> tuple[SnapshotChange, ...]:
    """All changes in the order of the snapshots that show them; tables that the same two snapshots read stand together."""
    found: dict[tuple[str, str], tuple[OpenSnapshot, OpenSnapshot, list[RowChange]]] = {}
    for history in histories:
        for before, after in pairwise(history.sightings):
            rows = list(_changed_rows(history, before, after))
            if rows:
                place = (before.snapshot.facts.snapshot, after.snapshot.facts.snapshot)
                found.setdefault(place, (before.snapshot, after.snapshot, []))[2].extend(rows)
    changes = [SnapshotChange(before=before, after=after, rows=tuple(rows)) for before, after, rows in found.values()]
    return tuple(sorted(changes, key=lambda change: (change.after.facts.as_of, change.before.facts.as_of)))


def _changed_rows(history: TableHistory, before: Sighting, after: Sighting) -> Iterator[RowChange]:
    columns = _compared(history.table, before, after)
    old, new = _without_shared(before.rows, after.rows, [name for name in columns if name != history.table.key])
    key = history.table.key
    left = {str(row.get(key)): row for row in new}
    for row in old:
        same = left.pop(str(row.get(key)), None)
        if same is None:
            yield _row_change(history, RowChangeKind.REMOVED, row, _cells(columns, row, {}))
            continue
        cells = tuple(cell for cell in _cells(columns, row, same) if not _is_unread(cell, before, after))
        if cells:
            yield _row_change(history, RowChangeKind.CHANGED, row, cells)
    for row in left.values():
        yield _row_change(history, RowChangeKind.ADDED, row, _cells(columns, {}, row))


def _compared(table: Table, before: Sighting, after: Sighting) -> tuple[str, ...]:
    """The columns that both have. One without any row says nothing of what it lacks."""
    held = before.columns & after.columns
    return tuple(column.name for column in table.columns if column.name in held and column.name not in _LEFT_OUT)


def _without_shared(
    before: Sequence[Row], after: Sequence[Row], columns: Sequence[str]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows that the other has not: a statement that only moved in its policy is the same row under another key."""
    left: dict[tuple[object, ...], list[Row]] = {}
    for row in after:
        left.setdefault(tuple(row.get(name) for name in columns), []).append(row)
    gone: list[Row] = []
    for row in before:
        same = left.get(tuple(row.get(name) for name in columns))
        if same:
            same.pop()
        else:
            gone.append(row)
    return tuple(gone), tuple(row for rows in left.values() for row in rows)


def _cells(columns: Iterable[str], before: Row, after: Row) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(column=name, before=before.get(name), after=after.get(name))
        for name in columns
        if before.get(name) != after.get(name)
    )


def _is_unread(cell: ColumnChange, before: Sighting, after: Sighting) -> bool:
    """Whether the cell is unknown on a side where details were refused: then nothing is known to have changed."""
    return (cell.before is None and before.is_partial) or (cell.after is None and after.is_partial)


def _row_change(history: TableHistory, kind: RowChangeKind, row: Row, columns: tuple[ColumnChange, ...]) -> RowChange:
    key = str(row.get(history.table.key))
    return RowChange(table=history.table.name, key=key, kind=kind, is_part=history.is_part, columns=columns)
