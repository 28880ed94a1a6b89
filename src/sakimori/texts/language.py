"""The two languages, and how values are written in each."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Literal

from sakimori.model.verdict import Text

Language = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ja")
JST: Final = timezone(timedelta(hours=9), "JST")

_TEXT_LIMIT: Final = 300
_HARMLESS: Final = "\u3000\u00a0\u200d"
"""Not printable to Python, but ordinary in Japanese text and emoji: wide space, no-break space, joiner."""


def language_of(environment: Mapping[str, str] = os.environ) -> Language:
    """SAKIMORI_LANG, or what the locale says: `ja` for a Japanese one, otherwise `en`."""
    for name in ("SAKIMORI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "en"


def show_value(value: object, language: Language) -> str:  # noqa: PLR0911 - one line for each kind of value
    """One value as a person reads it: booleans and unknown as words, times with their zone, long text cut, a Text in its language.

    Japanese readers get JST, others UTC. Control characters are replaced, so that a name
    that an outsider chose cannot move a terminal's cursor.
    """
    if value is None:
        return "不明" if language == "ja" else "unknown"
    if isinstance(value, bool):
        return _boolean(value, language)
    if isinstance(value, Text):
        return clean(value.in_(language))
    if isinstance(value, datetime):
        return show_time(value, language)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)  # noqa: PLR2004 - where digits need grouping
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return ("、" if language == "ja" else ", ").join(show_value(item, language) for item in value)
    return clean(str(value))


def first_few(names: Sequence[str], most: int) -> list[str]:
    """The first of the names as `clean` shows them, and a sign that there are more."""
    return [*map(clean, names[:most]), *(["…"] if names[most:] else [])]


def show_time(value: datetime, language: Language, *, seconds: bool = False) -> str:
    """`2026-11-23 14:02 UTC`, `2026-11-23 23:02 JST`: minutes are enough but for events. A naive time is UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    shown = aware.astimezone(JST if language == "ja" else UTC)
    return f"{shown:{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}} {'JST' if language == 'ja' else 'UTC'}"


def clean(text: str, limit: int = _TEXT_LIMIT) -> str:
    """`text` without control or direction-changing characters, cut to `limit` characters."""
    shown = text[: limit + 1]
    if not shown.isprintable():  # nearly every text is: a report asks this tens of thousands of times
        shown = "".join(each if each.isprintable() or each in _HARMLESS else "\ufffd" for each in shown)
    return shown if len(text) <= limit else shown[: limit - 1] + "…"


def _boolean(value: bool, language: Language) -> str:  # noqa: FBT001 - the value itself is the boolean
    if language == "ja":
        return "はい" if value else "いいえ"
    return "yes" if value else "no"
