"""Values out of a row of a log: what is taken finds its attribute, and what is left over goes to `unmapped`.

`left` is everywhere the row's known values. A value that is not of the kind asked for stays there: nothing of an event
is lost because it is strange.
"""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from sakimori.lake.instants import micros_since_epoch

Row = Mapping[str, object]
"""One row of a declared table by column: times as datetime (UTC where they name no zone), JSON as text."""
Left = dict[str, object]

_MOST_PORTS: Final = 65_535
_decode: Final = msgspec.json.Decoder().decode


def known(**members: object) -> dict[str, Any]:
    """The members that are known: OCSF leaves out what it does not have."""
    return {name: value for name, value in members.items() if value is not None}


def values_of(row: Row) -> Left:
    """The row's known values, from which the functions below take."""
    return {name: value for name, value in row.items() if value is not None}


def text(left: Left, name: str) -> str | None:
    """A text that is not empty."""
    value = left.get(name)
    if isinstance(value, str) and value:
        del left[name]
        return value
    return None


def whole(left: Left, name: str) -> int | None:
    """A whole number."""
    value = left.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        del left[name]
        return value
    return None


def number(left: Left, name: str) -> float | None:
    """A number that is not negative: -1 stands for none in AWS's logs."""
    value = left.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        del left[name]
        return value
    return None


def flag(left: Left, name: str) -> bool | None:
    """A boolean."""
    value = left.get(name)
    if isinstance(value, bool):
        del left[name]
        return value
    return None


def port(left: Left, name: str) -> int | None:
    """The number of a port."""
    value = left.get(name)
    if isinstance(value, int) and 0 <= value <= _MOST_PORTS:
        del left[name]
        return value
    return None


def address(left: Left, name: str) -> str | None:
    """An IP address in its usual spelling."""
    value = left.get(name)
    found = address_of(value) if isinstance(value, str) else None
    if found:
        del left[name]
    return found


@lru_cache(maxsize=100_000)
def address_of(value: str) -> str | None:
    """The IP address that this text is; None for anything else, and for one with a zone of its host."""
    try:
        return None if "%" in value else str(ipaddress.ip_address(value))
    except ValueError:
        return None


def moment(left: Left, name: str) -> datetime | None:
    """A point in time, UTC without a zone."""
    value = left.get(name)
    if isinstance(value, datetime):
        del left[name]
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return None


def milliseconds(value: datetime) -> int:
    """Milliseconds since 1970."""
    return micros_since_epoch(value) // 1_000


def spelled(value: datetime) -> str:
    """The time as RFC 3339 has it."""
    return f"{value.isoformat()}Z"


def structure(left: Left, name: str) -> Any:
    """What a column of JSON holds; None where it holds none, or nothing that can be read."""
    value = left.get(name)
    found = parsed(value) if isinstance(value, str) else None
    if found is not None:
        del left[name]
    return found


def parsed(value: str) -> Any:
    """The value of a JSON text; None where it is none."""
    try:
        return _decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None


def rest_of(left: Left) -> dict[str, object] | None:
    """What found no attribute, by the names of its columns; JSON objects and arrays as such. None where nothing is left."""
    return {name: _shown(value) for name, value in left.items()} or None


def _shown(value: object) -> object:
    if isinstance(value, str):
        found = parsed(value) if value.startswith(("{", "[")) else None
        return value if found is None else found
    if isinstance(value, datetime):
        return spelled(value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
    return value
