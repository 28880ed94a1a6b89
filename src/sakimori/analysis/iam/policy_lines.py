"""Where the parts of a policy stand in its text, so that an answer can quote them by line."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast
from urllib.parse import unquote

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""From the document inwards: names of members and places in lists."""

_DEPTH: Final = 40
# As a document is written out: each member and item on a line of its own, and no line broken within a text.
_STATEMENTS: Final = '\n    "Statement": '
_ITEM: Final = re.compile(r"\n {8}(?=[^ \]}])")
_END: Final = "\n    ]"
_BLANK: Final = " \t\r\n"


def text_of(source: object) -> str:
    """The text that lines are counted in: the policy's own where it has one, else the document written out."""
    if not isinstance(source, str):
        return json.dumps(source, indent=4, ensure_ascii=False, default=str)
    try:
        json.loads(source)
    except (ValueError, RecursionError):
        return unquote(source)
    return source


def statement_lines(source: object) -> Sequence[int]:
    """The line of each statement, from 1."""
    if isinstance(source, dict):
        return _written_statements(cast("dict[str, Any]", source))
    lines = lines_of(source)
    if ("Statement", 0) not in lines:
        return [lines.get(("Statement",), 1)]
    found = list[int]()
    while ("Statement", len(found)) in lines:
        found.append(lines["Statement", len(found)])
    return found


def _written_statements(document: Mapping[str, Any]) -> Sequence[int]:
    """As `json.dumps` with an indent of four would write it."""
    text = _written(document)
    begun = text.find(_STATEMENTS) + 1
    if not begun:
        return []
    line = 1 + text.count("\n", 0, begun)
    if not text.startswith("[\n", begun + len(_STATEMENTS) - 1):
        return [line]
    first, *items = _ITEM.split(text[begun : text.index(_END, begun)])
    line += first.count("\n")
    found = list[int]()
    for each in items:
        line += 1
        found.append(line)
        line += each.count("\n")
    return found


def _written(document: Mapping[str, Any]) -> str:
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=4).decode()
    except (TypeError, ValueError, RecursionError):
        return text_of(document)


def lines_of(source: object) -> Mapping[Path, int]:
    """The line of every value of a document, by its path; empty for a text that is no JSON."""
    text = text_of(source)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return {}
    walk = _Walk(text)
    walk.value(0, ())
    return walk.lines


class _Walk:
    """One pass through a text that is known to be JSON."""

    def __init__(self, text: str) -> None:
        self.text, self.lines = text, dict[Path, int]()
        self._counted, self._line = 0, 1
        self._decoder = json.JSONDecoder()

    def value(self, at: int, path: Path) -> int:
        """Where the value at this place ends."""
        at = self._skip(at)
        self.lines[path] = self._line_of(at)
        if self.text[at] == "{" and len(path) < _DEPTH:
            return self._members(at + 1, path)
        if self.text[at] == "[" and len(path) < _DEPTH:
            return self._items(at + 1, path)
        return self._decoder.raw_decode(self.text, at)[1]

    def _members(self, at: int, path: Path) -> int:
        at = self._skip(at)
        while self.text[at] != "}":
            name, at = self._decoder.raw_decode(self.text, at)
            at = self.value(self._skip(at) + 1, (*path, str(name)))
            at = self._next(at)
        return at + 1

    def _items(self, at: int, path: Path) -> int:
        at, place = self._skip(at), 0
        while self.text[at] != "]":
            at = self._next(self.value(at, (*path, place)))
            place += 1
        return at + 1

    def _next(self, at: int) -> int:
        at = self._skip(at)
        return self._skip(at + 1) if self.text[at] == "," else at

    def _skip(self, at: int) -> int:
        while self.text[at] in _BLANK:
            at += 1
        return at

    def _line_of(self, at: int) -> int:
        self._line += self.text.count("\n", self._counted, at)
        self._counted = at
        return self._line
