"""Values as machines read them: RFC 3339 times in UTC, plain JSON types."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Final


def utc(value: datetime | None) -> str | None:
    """`2026-11-23T05:02:00Z`; a naive time is UTC; fractions of a second only where there are any."""
    if value is None:
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: object) -> object:
    """`value` as JSON has it: times and dates as text, sets as lists, what JSON lacks as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date):
        return utc(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain)


def as_json(value: object) -> str:
    """One line of JSON; Japanese stays readable."""
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError):  # a key that is no text, an infinite number: rare, so made plain only then
        return _ENCODER.encode(plain(value))


_TOGETHER: Final = 500
"""Values of a long list that are written at once."""
_HIDDEN: Final = re.compile("[\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Characters that JSON leaves as they are, and that a terminal or an editor acts upon, or that UTF-8 does not know."""


def escaped_json(value: object) -> str:
    """One line of JSON in which every character that a terminal acts upon is an escape."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", as_json(value))


def escaped_pieces(values: Iterable[object]) -> Iterator[str]:
    """A list as one line of such JSON, in pieces: hundreds of thousands of values are not held as a text as well."""
    waiting = iter(values)
    between = "["
    while some := list(islice(waiting, _TOGETHER)):
        yield between + escaped_json(some)[1:-1]
        between = ","
    yield "[]" if between == "[" else "]"
