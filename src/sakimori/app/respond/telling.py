"""What a step last said, as a sentence: the log keeps ids and plain values, so that it can be read in either language, by any version."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sakimori.app.respond.case import StepLine
from sakimori.model.errors import SakimoriError
from sakimori.model.verdict import Text
from sakimori.texts.language import LANGUAGES, Language, clean
from sakimori.texts.sentences import say

_MOMENT: Final = re.compile(r"2[01][0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]")
_ID: Final = re.compile(r"[a-z_]{1,40}\.[a-z0-9_]{1,80}\Z")
_NONE: Final = "—"
_MOST: Final = 50


def told(line: StepLine, language: Language) -> str:
    """The sentence of a step, "" where it says nothing; that of a later version by its id."""
    return sentence(line.detail, line.values, language) if line.detail else ""


def told_both(line: StepLine) -> Text:
    """The same in both languages."""
    return Text(**{language: told(line, language) for language in LANGUAGES})


def sentence(identifier: str, values: Mapping[str, Any], language: Language) -> str:
    """A sentence of the catalogue; nothing in a list is said as such, and a moment in the reader's zone."""
    shown = {name: value_words(value, language) for name, value in values.items()}
    try:
        return say(identifier if _ID.match(identifier) else "", language, **shown)
    except (KeyError, FileNotFoundError):
        return say("respond.said_by_later_version", language, id=clean(identifier, 80))


_IN_A_CASE: Final = {"harden.not_verified": "respond.not_verified"}
"""What is said otherwise here: the journals of a case are none of those that `harden` shows."""


def plain_error(error: SakimoriError) -> Mapping[str, Any]:
    """An error as a log keeps it: said when it is read."""
    return {
        "text": _IN_A_CASE.get(error.text, error.text),
        "values": {name: _plain(value) for name, value in error.values.items()},
    }


def value_words(value: Any, language: Language) -> Any:
    """One value of a line, as it stands in a sentence."""
    if isinstance(value, str):
        return _moment(value) if _MOMENT.match(value) else value
    if isinstance(value, list | tuple):
        return [value_words(each, language) for each in value[:_MOST]] or _NONE
    if isinstance(value, Mapping):
        inner = value.get("values")
        if isinstance(value.get("text"), str) and isinstance(inner, Mapping):
            # It stands within another sentence, which has a full stop of its own.
            return sentence(value["text"], inner, language).rstrip(".。")
        own = value.get(language)
        return clean(own if isinstance(own, str) else str(dict(value)), 200)
    return value


def _moment(value: str) -> Any:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [str(each) for each in value][:_MOST] if isinstance(value, list | tuple | set | frozenset) else str(value)
