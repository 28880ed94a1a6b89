"""Where the parts of a policy stand in its text, so that an answer can quote them by line."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast
from urllib.parse import unquote

Path: TypeAlias = tuple[str | int, ...]
"""From the document inwards: names of members and places in lists."""

_DEPTH: Final = 40
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
    """As `json.dumps` with an indent would write it: each member and item on a line of its own, none for an end of nothing."""
    line = 1
    for name, value in document.items():
        line += 1
        if name == "Statement":
            statements: Sequence[Any] = cast("list[Any]", value) if isinstance(value, list) else ()
            found = list[int]()
            for each in statements:
                line += 1
                found.append(line)
                line += _height(each) - 1
            return found or [line]
        line += _height(value) - 1
    return []


def _height(value: object) -> int:
    """Lines of a value that is written out."""
    if isinstance(value, dict):
        children = list(cast("dict[str, object]", value).values())
    else:
        children = cast("list[object]", value) if isinstance(value, list) else []
    return 2 + sum(map(_height, children)) if children else 1


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
