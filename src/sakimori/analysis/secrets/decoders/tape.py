"""A tar read on and on, as from a tape: what its headers may cost is bounded, and their damage is told.

tarfile keeps every member, reads a header's own records whole into memory however long they are, and copies those of the whole
archive for each member: a layer of a megabyte could ask for gigabytes, or for hours. Sources: pax interchange format (POSIX.1-2008,
extended headers); GNU tar manual, "Basic Tar Format" (long names and maps of sparse files).
"""

import tarfile
from collections.abc import Iterator
from typing import Any, Final

_BLOCK: Final = 512
_LONGEST: Final = 4 << 20
"""Bytes of the headers before one member: macOS keeps a file's second half in them."""
_TOGETHER: Final = 64 << 20
"""Bytes of an archive's headers beyond a block for each."""
_OF_ALL: Final = 64 << 10
"""Bytes of a header that holds for every member behind it: it is copied for each."""


class Header(tarfile.TarInfo):
    """A header whose damage is told: tarfile ends there as if it were the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "Header":
        """The header of a block; OSError where it is cut or damaged."""
        if buf and len(buf) < _BLOCK:
            raise OSError("a header is cut")
        try:
            found = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if bytes(buf).strip(b"\0"):
                raise OSError("a header is damaged") from error
            raise
        if found.type == tarfile.XGLTYPE and found.size > _OF_ALL:
            raise OSError("a header for all members is longer than is read")
        return found


class Tape:
    """Bytes that are only read on: `read` gives tarfile its headers, and `take` gives the members' own bytes."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._place = 0
        self._left, self._left_together = _LONGEST, _TOGETHER

    def members(self) -> Iterator[tarfile.TarInfo]:
        """The members, none of which is kept. OSError where a header is damaged, or costs more than it may."""
        # Archives that were put one behind another have zeros between them.
        options: Any = {"fileobj": self, "mode": "r", "errorlevel": 1, "ignore_zeros": True, "tarinfo": Header}
        archive: Any
        with tarfile.TarFile(**options) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()
                self._left = _LONGEST
                yield member
                self._left = _LONGEST

    def tell(self) -> int:
        """How far it was read."""
        return self._place

    def seek(self, place: int) -> None:
        """On to a place; tarfile's own way there never ends where a header speaks of an exabyte."""
        while (left := place - self._place) > 0:
            if not self.take(min(left, 1 << 20)):
                raise tarfile.ReadError("the archive is cut short")

    def read(self, size: int) -> bytes:
        """Bytes of a header."""
        self._left -= size
        self._left_together -= max(0, size - _BLOCK)
        if min(self._left, self._left_together) < 0:
            raise OSError("headers are longer than is read")
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Bytes of a member."""
        content: bytes = self._reader.read(size)
        self._place += len(content)
        return content
