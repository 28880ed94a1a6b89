"""Lines of a piece, counted once however many secrets it holds: the newlines before each block, and the last of them."""

from typing import Any, Final

_BLOCK: Final = 4_096
_LARGE: Final = 64 << 20
_LARGE_BLOCK: Final = 65_536


class Lines:
    """Where lines begin in bytes, or in anything that gives bytes for a slice. A piece is read as far as it is asked about."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self._block = _BLOCK if len(data) <= _LARGE else _LARGE_BLOCK
        self._counts = [0]
        self._lasts = [-1]

    def before(self, offset: int) -> int:
        r"""The newlines before an offset.

        >>> Lines(b"a\nb\nc").before(4)
        2
        """
        block = self._to(offset)
        return self._counts[block] + self._slice(block, offset).count(b"\n")

    def start(self, offset: int) -> int:
        r"""Where the line of an offset begins.

        >>> Lines(b"a\nbc").start(3)
        2
        """
        block = self._to(offset)
        place = self._slice(block, offset).rfind(b"\n")
        return (block * self._block + place if place >= 0 else self._lasts[block]) + 1

    def _slice(self, block: int, offset: int) -> bytes:
        return self.data[block * self._block : offset]

    def _to(self, offset: int) -> int:
        """The block of an offset, all before it counted."""
        wanted = offset // self._block
        while (done := len(self._counts) - 1) < wanted:
            block: bytes = self.data[done * self._block : (done + 1) * self._block]
            place = block.rfind(b"\n")
            self._counts.append(self._counts[-1] + block.count(b"\n"))
            self._lasts.append(done * self._block + place if place >= 0 else self._lasts[-1])
        return wanted
