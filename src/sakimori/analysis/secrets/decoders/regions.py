"""Decoded bytes and where they stood; the stretches of a text around its escapes, put together.

A text that holds a few escapes is not decoded whole.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.secrets.found import Found
from sakimori.analysis.secrets.lines import Lines

_BEFORE: Final = 320
_AFTER: Final = 512
_SEPARATOR: Final = b"\n\0\0\n"
_LINES_OF_SEPARATOR: Final = _SEPARATOR.count(b"\n")


@dataclass(frozen=True, slots=True)
class Regions:
    """Decoded stretches in one text, and where each began in the text around."""

    data: bytes
    starts: tuple[int, ...]
    """Where each stretch begins in `data`."""
    lines: tuple[int, ...]
    """The line of the outer text at which each begins, less the lines before it in `data`."""
    offsets: tuple[int, ...]
    """The offset of each in the outer text."""

    def place(self, found: Found) -> dict[str, int]:
        """The line and offset in the outer text of something found in `data`."""
        number = bisect_right(self.starts, found.offset) - 1
        return {"line": found.line + self.lines[number], "offset": self.offsets[number]}


@dataclass(frozen=True, slots=True)
class Runs:
    """Small decoded runs, put together so that they are looked at together, and where each stood."""

    data: bytes
    starts: tuple[int, ...]
    places: tuple[tuple[int, int, int], ...]
    """Line, column and offset of each run in the outer text."""

    def place(self, found: Found) -> dict[str, int]:
        """The place of the run that holds it."""
        line, column, offset = self.places[max(0, bisect_right(self.starts, found.offset) - 1)]
        return {"line": line, "column": column, "offset": offset}


@dataclass(frozen=True, slots=True)
class Opened:
    """Decoded bytes. `how` is the word of the decoder, `name` that of a member of an archive."""

    data: bytes
    how: str
    name: str = ""
    within: Regions | Runs | None = None
    """Where the decoded things stand in the text around them, where they are parts of one."""
    is_text: bool = False
    """Whether it is the same text in another form, and so no file that could be opened."""

    def place(self, found: Found) -> dict[str, int]:
        """The place that is told of what was found within."""
        return self.within.place(found) if self.within else {}


def runs_of(decoded: Sequence[tuple[bytes, tuple[int, int, int]]]) -> Runs:
    """Runs one behind the other: nothing reaches from one into the next, and none begins as a file does."""
    starts: list[int] = []
    at = len(_SEPARATOR)
    for content, _ in decoded:
        starts.append(at)
        at += len(content) + len(_SEPARATOR)
    whole = _SEPARATOR.join((b"", *(content for content, _ in decoded)))
    return Runs(whole, tuple(starts), tuple(place for _, place in decoded))


def regions_of(data: bytes, ends: Iterable[int], decode: Callable[[bytes], bytes], lines: Lines) -> Regions:
    """The stretches around the places, decoded. `decode` keeps the number of lines."""
    pieces: list[bytes] = []
    starts: list[int] = []
    before: list[int] = []
    offsets: list[int] = []
    at = inner = 0
    for start, stop in _stretches(ends, len(data)):
        piece = decode(data[start:stop])
        starts.append(at)
        before.append(lines.before(start) - inner)
        offsets.append(start)
        pieces.append(piece)
        at += len(piece) + len(_SEPARATOR)
        inner += piece.count(b"\n") + _LINES_OF_SEPARATOR
    return Regions(_SEPARATOR.join(pieces), tuple(starts), tuple(before), tuple(offsets))


def _stretches(ends: Iterable[int], size: int) -> Iterable[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for end in sorted(ends):
        start, stop = max(0, end - _BEFORE), min(size, end + _AFTER)
        if current is None:
            current = (start, stop)
        elif start <= current[1]:
            current = (current[0], stop)
        else:
            yield current
            current = (start, stop)
    if current is not None:
        yield current
