"""Members of a JSON record into the columns of a table; what no column can take stays in `rest`, as it was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sakimori.ingest.json_records import Record, json_text
from sakimori.ingest.rows import as_time
from sakimori.ingest.source import Reason, Refused, Row
from sakimori.lake.rows import typed
from sakimori.lake.table import Column, Table, Type

_LARGEST: Final = 1 << 62
Plan = tuple[tuple[str, Column, bool], ...]
"""Member, its column, and whether the column holds JSON."""
Values = dict[str, object]


def plan_of(table: Table, plain: Mapping[str, str], structured: Mapping[str, str] | None = None) -> Plan:
    """Which members fill which columns: `plain` those of texts, numbers, booleans and times, `structured` those of JSON."""
    columns = {column.name: column for column in table.columns}
    return (
        *((member, columns[name], False) for member, name in plain.items()),
        *((member, columns[name], True) for member, name in (structured or {}).items()),
    )


def take(plan: Plan, members: dict[str, Any], row: Values) -> None:
    """Move members into the row. One of another kind than its column stays; one that is null goes.

    Of two members for one column the first that has a value fills it.
    """
    for member, column, is_structured in plan:
        if member not in members:
            continue
        value = members[member]
        if value is None:
            del members[member]
            continue
        found = _structure(value) if is_structured else value_of(column, value)
        if found is not None and row.get(column.name) is None:
            row[column.name] = found
            del members[member]


def finished(record: Record, table: Table, row: Values, rest: Mapping[str, Any]) -> Row | Refused:
    """The row with its `rest`; refused where neither the record nor an export tells its time."""
    if row.get(table.time) is None:
        if record.logged_at is None:
            return Refused(offset=record.offset, reason=Reason.NO_TIME, detail=table.time)
        row[table.time] = record.logged_at
    if rest:
        row["rest"] = json_text(rest)
    return row


def value_of(column: Column, value: object) -> object:
    """The value as one of the column's type, None where it is none."""
    if column.type is Type.TIMESTAMP:
        return moment(value)
    if column.type is not Type.TEXT:
        return typed(column, value)
    if isinstance(value, str):
        return value
    return None if isinstance(value, dict | list) else json_text(value)


def moment(value: object) -> datetime | None:
    """A time as `as_time` reads it; None for numbers that no clock shows."""
    return None if isinstance(value, int) and abs(value) > _LARGEST else as_time(value)


def inside(value: object, *names: str) -> Any:
    """The member of a member …, None where one is missing; of a list the first item is meant."""
    for name in names:
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _structure(value: object) -> str:
    """Its JSON; a text that is the JSON of an object or a list already stays as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return value
    return json_text(value)
