"""Durations as people type them: 90s, 30m, 1h, 7d."""

import re
from datetime import timedelta
from typing import Final

from sakimori.model.errors import UsageError

_FORM: Final = re.compile(r"(\d{1,6})\s*([smhdw])\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> timedelta:
    """The duration; UsageError for anything else.

    >>> parse_duration("90m")
    datetime.timedelta(seconds=5400)
    """
    match = _FORM.match(text.strip().lower())
    if not match:
        raise UsageError("app.bad_duration", duration=text)
    return timedelta(seconds=int(match.group(1)) * _SECONDS[match.group(2)])
