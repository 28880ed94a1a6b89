"""Answers of AWS's client as plain JSON: times as text, bytes as text or base64, sets as lists."""

import base64
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sakimori.model.errors import UsageError

_MOST_DEPTH = 100
_TOO_DEEP = "case_evidence.too_deep"


def plain(value: Any, depth: int = 0) -> Any:
    """`value` with JSON's own types alone; UsageError where it is nested beyond what any answer is."""
    if depth > _MOST_DEPTH:
        raise UsageError(_TOO_DEEP, depth=_MOST_DEPTH)
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return [plain(item, depth + 1) for item in sorted(value, key=str)]
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray):
        return [plain(item, depth + 1) for item in value]
    return _scalar(value)


def json_bytes(value: Any) -> bytes:
    """One line of JSON in ASCII; equal values give equal bytes."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def json_in(raw: bytes) -> Any | None:
    """What `raw` is as JSON (an object or a list), None where it is none."""
    if raw[:64].lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes | bytearray):
        return _text(bytes(value))
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode("ascii")
