"""The stretches of a text around its escapes, put together: a text that holds a few of them is not decoded whole."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

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

    def place(self, offset: int, line: int) -> tuple[int, int]:
        """The line and offset in the outer text of something found at an offset and line of `data`."""
        number = bisect_right(self.starts, offset) - 1
        return line + self.lines[number], self.offsets[number]


def regions_of(data: Any, ends: Iterable[int], decode: Callable[[bytes], bytes]) -> Regions:
    """The stretches around the places, decoded. `decode` keeps the number of lines."""
    pieces: list[bytes] = []
    starts: list[int] = []
    lines: list[int] = []
    offsets: list[int] = []
    at = counted = line = inner = 0
    for start, stop in _stretches(ends, len(data)):
        line += data.count(b"\n", counted, start) if isinstance(data, bytes) else bytes(data[counted:start]).count(b"\n")  # fmt: skip
        counted = start
        piece = decode(bytes(data[start:stop]))
        starts.append(at)
        lines.append(line - inner)
        offsets.append(start)
        pieces.append(piece)
        at += len(piece) + len(_SEPARATOR)
        inner += piece.count(b"\n") + _LINES_OF_SEPARATOR
    return Regions(_SEPARATOR.join(pieces), tuple(starts), tuple(lines), tuple(offsets))


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
