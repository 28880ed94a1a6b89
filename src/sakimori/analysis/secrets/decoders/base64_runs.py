"""Runs of base64 around the places where a literal of some kind was seen in it."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

_LONGEST: Final = 48 << 20
_SHORTEST: Final = 16
_ENOUGH: Final = 200
_FORWARDS: Final = re.compile(rb"(?:[A-Za-z0-9+/_-]{4,}(?:\r?\n[ \t]*|\\r?\\n|)?)*[A-Za-z0-9+/_-]*={0,2}")
_BREAKS: Final = re.compile(rb"\\r|\\n|[\s]+")
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_PRINTABLE: Final = bytes((9, 10, 13, *range(32, 127)))
_PACKED: Final = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ",
    b"SQLite format 3",
    b"\xff\xfe",
    b"\xfe\xff",
    b"%PDF-",
)
_WHOLE: Final = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}\s*")


class Base64Runs:
    """The runs of one piece. Its places may come in portions, one behind the other: each run is decoded once."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self._covered = 0
        self.is_cut = False
        """Whether a run was longer than what is decoded at once."""

    def at(self, ends: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """The decoded runs around the places: where each begins, and its bytes."""
        for end in sorted(ends):
            if end <= self._covered:
                continue
            start, stop = max(self._covered, _start_of(self._data, end)), _stop_of(self._data, end)
            self._covered = stop
            self.is_cut |= end - start >= _LONGEST or stop - end >= _LONGEST
            run = _BREAKS.sub(b"", self._data[start:stop])
            if len(run) >= _SHORTEST:
                yield from ((start, content) for content in _decoded(run))


def whole_base64(data: Any) -> bytes | None:
    """The content of a file that is nothing but base64 in lines; None if it is something else, or too long."""
    if len(data) > _LONGEST or not _WHOLE.fullmatch(data[:]):
        return None
    return next(_decoded(_BREAKS.sub(b"", data[:])), None)


def _start_of(data: Any, end: int) -> int:
    """Where the run begins: the lines above belong to it only where they are full lines of base64."""
    start = end
    while start > 0 and end - start < _LONGEST:
        step = max(0, start - 4096)
        chunk = bytes(data[step:start])
        kept = len(chunk.rstrip(_ALPHABET))
        start -= len(chunk) - kept
        if kept:
            above = _line_above(data, start)
            if above == start:
                return start
            start = above
    return start


_ABOVE: Final = re.compile(rb"(?:^|[\n\"' \t>:n])([A-Za-z0-9+/]{60,128})(?:\r?\n[ \t]*|\\r\\n|\\n)\Z")


def _line_above(data: Any, start: int) -> int:
    tail = bytes(data[max(0, start - 200) : start])
    match = _ABOVE.search(tail)
    return start - len(tail) + match.start(1) if match else start


def _stop_of(data: Any, end: int) -> int:
    reach = 4096
    while True:
        window = data[end : end + reach]
        match = _FORWARDS.match(window)
        size = match.end() if match else 0
        if size < len(window) or reach >= _LONGEST:
            return end + size
        reach *= 16


def _decoded(run: bytes) -> Iterator[bytes]:
    """The run's bytes; a text that stood before it without a gap may shift it, so the four ways are tried in order."""
    text = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    for shift in range(4):
        body = text[shift:]
        if len(body) % 4 == 1:
            body = body[:-1]
        try:
            content = base64.b64decode(body + b"=" * (-len(body) % 4))
        except binascii.Error:
            continue
        if shift == 0 or _is_text(content):
            yield content
        if shift == 0 and (_is_text(content) or content.startswith(_PACKED)):
            return


def is_worth_opening(content: bytes) -> bool:
    """Whether the bytes are a text, or begin as a packed file does."""
    return content.startswith(_PACKED) or _is_text(content)


def _is_text(content: bytes) -> bool:
    head = content[:_ENOUGH]
    return len(head.translate(None, _PRINTABLE)) <= 0.1 * len(head)
