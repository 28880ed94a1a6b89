"""Zips that stand within something else: behind a program, before a signature, one behind the other, on the image of a disk.

A zip is known by its end, which says how far back its list and its members lie (APPNOTE.TXT of PKWARE, 4.3.16).
"""

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Final

END: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4H2LH")
_LISTED: Final = b"PK\x01\x02"
_MEMBER: Final = b"PK\x03\x04"
_LEAST_LISTED: Final = 46
_LEAST_MEMBER: Final = 30
_BEHIND_A_MEMBER: Final = 24
"""Bytes of a data descriptor, with its signature and sizes of 64 bits."""
_LONGEST_GAP: Final = 256 << 20
_ZIP64: Final = 0xFFFFFFFF
_LATEST, _LAST_METHOD, _LONGEST_NAME = 63, 99, 1_024
"""The version that is needed to open a member, and the number of its method: higher ones are not given out."""


def ends_of(data: bytes) -> list[int]:
    """The offsets behind each mark of an end."""
    found: list[int] = []
    place = data.find(END)
    while place >= 0:
        found.append(place + len(END))
        place = data.find(END, place + 1)
    return found


def zips_in(data: Any, ends: Iterable[int]) -> Iterator[io.BufferedReader]:
    """Each zip whose end is marked at these offsets, the last first; what lies within another one is a member of it."""
    before = len(data)
    for end in sorted(set(ends), reverse=True):
        place = end - len(END)
        if place < before and (start := _start(data, place)) is not None:
            yield io.BufferedReader(_Window(data, place + _END.size), 1 << 16)
            before = start


def _start(data: Any, place: int) -> int | None:
    """Where the zip with an end at this place begins; None where what stands there is no end."""
    head = bytes(data[place : place + _END.size])
    if len(head) < _END.size:
        return None
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack(head)
    if disk or first_disk or here != count or not count:
        return None
    if _ZIP64 in (size, offset):
        return 0
    listed = place - size
    if size < _LEAST_LISTED * count or listed < 0 or bytes(data[listed : listed + 4]) != _LISTED:
        return None
    return max(0, listed - offset)


class _Window(io.RawIOBase):
    """The bytes up to a place, as a file."""

    def __init__(self, data: Any, stop: int) -> None:
        self._data, self._stop, self._at = data, stop, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stop}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        content = self._data[self._at : min(self._stop, self._at + len(buffer))] if self._at < self._stop else b""
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def unlisted(reader: Any, archive: zipfile.ZipFile, *, from_start: bool) -> Iterator[bytes]:
    """What stands between the members that a zip lists, and before them, where that holds a member or another zip."""
    members = sorted(archive.infolist(), key=lambda each: each.header_offset)
    at = members[0].header_offset if members and not from_start else 0
    for info in members:
        if info.header_offset > at + _BEHIND_A_MEMBER:
            yield from _gap(reader, at, info.header_offset)
        at = max(at, _behind(reader, info))
    if archive.start_dir > at + _BEHIND_A_MEMBER:
        yield from _gap(reader, at, archive.start_dir)


def _gap(reader: Any, start: int, stop: int) -> Iterator[bytes]:
    reader.seek(start)
    content: bytes = reader.read(min(stop - start, _LONGEST_GAP))
    place = content.find(_MEMBER)
    while place >= 0:
        if _is_member(content[place : place + _LEAST_MEMBER + 1]):
            yield content
            return
        place = content.find(_MEMBER, place + 1)


def _is_member(head: bytes) -> bool:
    """Whether it is the header of a member: a program that opens zips itself holds the mark alone."""
    if len(head) <= _LEAST_MEMBER:
        return False
    version, _, method = struct.unpack("<3H", head[4:10])
    name = struct.unpack("<H", head[26:28])[0]
    return version <= _LATEST and method <= _LAST_METHOD and 0 < name <= _LONGEST_NAME and head[-1] >= ord(" ")


def _behind(reader: Any, info: zipfile.ZipInfo) -> int:
    """The offset behind a member: its own header says how long its name and extra are, and its list may say otherwise."""
    reader.seek(info.header_offset)
    head: bytes = reader.read(_LEAST_MEMBER)
    if len(head) < _LEAST_MEMBER:
        return info.header_offset
    name, extra = struct.unpack("<2H", head[26:30])
    return info.header_offset + _LEAST_MEMBER + name + extra + info.compress_size
