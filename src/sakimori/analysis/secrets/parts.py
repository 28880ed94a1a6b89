"""Large pieces in parts that overlap: what a scan holds in memory does not grow with what it looks at.

An engine counts bytes in 32 bits, and a text that is nothing but anchors has a hit for every few bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sakimori.analysis.secrets.found import Found
from sakimori.analysis.secrets.lines import Lines

PART: Final = 8 << 20
"""Bytes of which each part tells what begins in them. Even, so that UTF-16 stays on its places."""
_LEAD: Final = 4_096
"""Bytes before them: what must stand near a secret, and the beginning of its line."""
_TAIL: Final = 1 << 16
"""Bytes behind them: the rest of what begins in them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a larger piece, from `start` on."""

    data: bytes
    start: int
    first: int
    """The offset in the piece of the first byte that no part before has told of."""
    last: int

    def holds(self, found: Found) -> bool:
        """Whether this part is the one to tell of it."""
        return self.first <= self.start + found.offset < self.last

    def placed(self, found: Found, lines: Lines) -> Found:
        """The same with its place in the piece."""
        is_first = found.line == 1 and not found.inside
        column = found.column + self.start - lines.start(self.start) if is_first else found.column
        line = found.line + lines.before(self.start)
        return replace(found, offset=found.offset + self.start, line=line, column=column)


def parts_of(data: Any) -> Iterator[Part]:
    """The parts, in their order. OSError where a file cannot be read on."""
    for first in range(0, len(data), PART):
        start, last = max(0, first - _LEAD), min(first + PART, len(data))
        yield Part(bytes(data[start : last + _TAIL]), start, first, last)
