"""Policies read though their JSON is broken: each fault with line and column, and as much of the rest as can be had."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_REPAIRS: Final = 25
"""Faults told of one text; with more the rest is left unread."""
_COMMENT: Final = re.compile(r"(?:\s+)?(//[^\n]*|/\*.*?\*/|#[^\n]*)", re.DOTALL)
_COMMA_BEFORE_END: Final = re.compile(r",\s*\Z")
_BARE_NAME: Final = re.compile(r"'([^'\"\n]*)'|([A-Za-z][\w:-]*)(?=\s*:)")


@dataclass(frozen=True, slots=True)
class JsonFault:
    """Where the text is no JSON, from 1, and the parser's words."""

    line: int
    column: int
    words: str


class Members(dict[str, Any]):
    """An object of JSON that remembers names that stood in it more than once."""

    repeated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadJson:
    """`value` None where nothing could be read; `text` as it was mended, line by line like the one given."""

    value: object
    text: str
    faults: Sequence[JsonFault]


def read_json(text: str) -> ReadJson:
    """The value of a text, mended where its faults are common ones. Raises nothing."""
    faults = list[JsonFault]()
    for _ in range(_REPAIRS):
        try:
            return ReadJson(json.loads(text, object_pairs_hook=_members), text, faults)
        except RecursionError:
            return ReadJson(None, text, [*faults, JsonFault(1, 1, "nested too deeply")])
        except json.JSONDecodeError as error:
            faults.append(JsonFault(error.lineno, error.colno, error.msg))
            mended = _mended(text, error)
            if mended is None or mended == text:
                break
            text = mended
        except ValueError as error:  # a number of thousands of digits
            return ReadJson(None, text, [*faults, JsonFault(1, 1, str(error)[:80])])
    return ReadJson(None, text, faults)


def _members(pairs: list[tuple[str, Any]]) -> Members:
    found = Members(pairs)
    if len(found) < len(pairs):
        seen = set[str]()
        found.repeated = tuple(dict.fromkeys(name for name, _ in pairs if name in seen or seen.add(name)))
    return found


def _mended(text: str, error: json.JSONDecodeError) -> str | None:
    """The text with this one fault gone, its lines where they were; None if the fault is of no common kind."""
    before, after = text[: error.pos], text[error.pos :]
    if comment := _COMMENT.match(after):
        kept = "".join("\n" if sign == "\n" else " " for sign in comment.group())
        return before + kept + after[comment.end() :]
    if not after.strip():
        return _closed(before)
    if error.msg == "Extra data":
        return before if before.strip() else None
    return _mended_here(text, error)


def _mended_here(text: str, error: json.JSONDecodeError) -> str | None:
    before, after = text[: error.pos], text[error.pos :]
    if "comma" in error.msg or (after[0] in "]}" and _COMMA_BEFORE_END.search(before)):
        return _without_comma(text, error.pos)
    if error.msg.startswith("Expecting ',' delimiter"):
        return f"{before},{after}"
    if error.msg.startswith("Invalid control character"):
        return f"{before} {after[1:]}" if after[0] != "\n" else None
    if name := _BARE_NAME.match(after):
        return f'{before}"{name.group(1) or name.group(2) or ""}"{after[name.end() :]}'
    return None


def _without_comma(text: str, position: int) -> str:
    """The last comma at or before the place blanked out."""
    at = text.rfind(",", 0, position + 1)
    return text if at < 0 else f"{text[:at]} {text[at + 1 :]}"


def _closed(text: str) -> str | None:
    """A text that ends too early, with what it left open closed."""
    open_, in_text, is_escaped = list[str](), False, False
    for sign in text:
        if in_text:
            in_text = is_escaped or sign != '"'
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"':
            in_text = True
        elif sign in "{[":
            open_.append("}" if sign == "{" else "]")
        elif sign in "}]" and open_:
            open_.pop()
    if in_text or not open_:
        return None
    return text.rstrip().removesuffix(",") + "".join(reversed(open_))
