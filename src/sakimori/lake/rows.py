"""Rows on their way to disk: each value brought to its column's type, each row one canonical JSON line."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast

from sakimori.lake.table import Column, Table, Type

Row = Mapping[str, object]

_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,19}\Z")


def encode_rows(table: Table, rows: Iterable[Row]) -> tuple[bytes, ...]:
    """One JSON line a row, sorted, so that the same facts give the same bytes whatever order AWS answered in.

    The same row twice (a page that shifted while AWS listed) is one row.
    """
    columns = [(column.name, _AS[column.type]) for column in table.columns]
    return tuple(
        sorted(
            {
                _ENCODER.encode(
                    {name: None if (value := row.get(name)) is None else as_type(value) for name, as_type in columns}
                ).encode("utf-8", "replace")
                for row in rows
            }
        )
    )


def typed(column: Column, value: object) -> object:
    """`value` as JSON of the column's type; None where it is not of that type: what was not understood is not known."""
    return None if value is None else _AS[column.type](value)


def _text(value: object) -> str:
    """A text as it is, a list of texts with commas between, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        if all(isinstance(item, str) for item in items):
            return ", ".join(cast("Sequence[str]", items))
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    elif isinstance(value, str):
        text = value.strip()
        value = int(text) if _WHOLE_NUMBER.match(text) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -(2**63) <= value < 2**63 else None


def _double(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | str):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        return number if number - number == 0 else None
    return None


def _timestamp(value: object) -> str | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        moment = value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_AS: Final[Mapping[Type, Callable[[object], object]]] = {
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _integer,
    Type.DOUBLE: _double,
    Type.TIMESTAMP: _timestamp,
    Type.TEXT: _text,
}
