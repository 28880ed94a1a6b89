"""Values as bytes of JSON that every parser takes: bounded, and without halves of characters."""

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from sakimori.outputs.report.plain_values import as_json

_TEXT: Final = 10_000
_ITEMS: Final = 1_000
_DEPTH: Final = 12


def as_bytes(value: object) -> bytes:
    """`value` as UTF-8 JSON on one line."""
    return as_json(value).encode("utf-8")


def bounded(value: object, depth: int = _DEPTH) -> Any:
    """`value` with long texts, long lists and deep nesting cut, and no lone surrogate or NUL in any text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _bounded_items(value, depth - 1) if depth else None
    return str(value)[:_TEXT].encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def _bounded_items(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {bounded(str(name)): bounded(item, depth) for name, item in islice(value.items(), _ITEMS)}
    return [bounded(item, depth) for item in islice(value, _ITEMS)]
