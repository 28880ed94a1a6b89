"""The first bytes of what can be opened. Imported on its own by whoever only asks whether there is something to open.

A hook asks it on each commit, so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_MAGIC: Final = (
    b"\x1f\x8b\x08", b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf",
    b"Rar!", b"SQLite format 3", b"\xff\xfe", b"\xfe\xff", b"From ", b"%PDF-",
    b"Received: ", b"Return-Path: ", b"Delivered-To: ", b"MIME-Version: ", b"X-Mozilla-Status: ",
)  # fmt: skip
_FIRST: Final = frozenset(magic[0] for magic in _MAGIC) | frozenset(b"{")
LARGEST_NOTEBOOK: Final = 256 << 20
_NOTEBOOK: Final = b'"nbformat"'
"""Of all that begins with a brace only a notebook is opened."""
_TAR_AT: Final = 257
_WRAPPED: Final = rb"\s{0,4}[A-Za-z0-9+/]{60,76}\r?\n[A-Za-z0-9+/]{2,76}={0,2}\r?(?:\n|$)"
_INDENT: Final = 4
_FULL_LINE: Final = 60
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def begins_container(data: Any) -> bool:
    """Whether the first bytes are those of something that can be opened."""
    if not data:
        return False
    head = bytes(data[:160])
    if head[0] in _FIRST and (head.startswith(_MAGIC) or (head[0] == ord("{") and _is_notebook(data))):
        return True
    return data[_TAR_AT : _TAR_AT + 5] == b"ustar" or _is_wrapped(head)


def _is_wrapped(head: bytes) -> bool:
    """Whether they are a full line of base64 and the beginning of the next one."""
    if len(head) <= _FULL_LINE or head[_INDENT:_FULL_LINE].translate(None, _ALPHABET):
        return False
    import re  # noqa: PLC0415 - hardly ever reached

    return re.match(_WRAPPED, head) is not None


def _is_notebook(data: Any) -> bool:
    return len(data) <= LARGEST_NOTEBOOK and _NOTEBOOK in data[:]
