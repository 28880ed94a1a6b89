"""The times of events: texts of one form, a few thousand different ones in a batch."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

_FORM: Final = re.compile(
    r"(?:199[0-9]|20[0-9]{2}|21[0-9]{2})-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z\Z"
)


def is_usual_time(text: str | None) -> bool:
    """Whether it is a time of the years 1990 to 2199 as CloudTrail writes it: 2026-10-01T00:00:00Z."""
    return text is not None and micros_of(text) is not None


@lru_cache(maxsize=50_000)
def micros_of(text: str) -> int | None:
    """Microseconds since 1970 of a usual time, None for any other text."""
    if not _FORM.match(text):
        return None
    minute = _micros_of_minute(text[:16])
    return None if minute is None else minute + int(text[17:19]) * 1_000_000


@lru_cache(maxsize=50_000)
def _micros_of_minute(text: str) -> int | None:
    """A month has 40,000 of them, and a million of events hardly fewer seconds than events."""
    try:
        return int(datetime.fromisoformat(f"{text}:00Z").timestamp()) * 1_000_000
    except ValueError:
        return None


def moments(times: Sequence[str]) -> "pa.Array[Any]":
    """Usual times as a column; sorted, each different one is read once."""
    import numpy as np  # noqa: PLC0415 - heavy, and only ingesting needs it
    import pyarrow as pa  # noqa: PLC0415

    known = {text: micros_of(text) for text in set(times)}
    micros = np.fromiter(map(known.__getitem__, times), dtype=np.int64, count=len(times))
    return pa.array(micros).view(pa.timestamp("us"))
