"""Where in a file an identity is written: so that whoever must know which story is true can look at both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sakimori.ingest.source import Refused
from sakimori.ingest.wrapping import Buffer, open_file, unpack

_MOST_PLACES: Final = 5
_MOST_BYTES: Final = 256 << 20
"""Of one file, unpacked: what lies behind is not looked through."""
_NAMED: Final = 24
"""Letters between the name of the field and its value, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldIn:
    """A file, and the offsets in the unpacked file at which the identity stands; None where it was not looked through."""

    location: str
    offsets: tuple[int, ...] | None


def told_in(location: str, identity: str, field: str) -> ToldIn | None:
    """Where the file has this identity in that field; None where it does not have it."""
    path = Path(location)
    try:
        packed = open_file(path) if path.is_file() else None
    except (OSError, ValueError):
        packed = None
    if packed is None:
        return ToldIn(location=location, offsets=None)
    found: list[int] = []
    for offset in _offsets(packed, identity, field):
        found.append(offset)
        if len(found) == _MOST_PLACES:
            break
    return ToldIn(location=location, offsets=tuple(found)) if found else None


def _offsets(packed: Buffer, identity: str, field: str) -> Iterator[int]:
    wanted = identity.encode("utf-8", "replace")
    name = field.replace("_", "").encode()
    before = re.compile(rb"(?i)" + rb"_?".join(re.escape(name[at : at + 1]) for at in range(len(name))))
    kept = b""
    margin = len(wanted) + len(name) + _NAMED
    for piece in unpack(packed):
        if isinstance(piece, Refused):
            continue
        offset, data = piece
        if offset > _MOST_BYTES:
            return
        text = kept + data
        begins = offset - len(kept)
        at = text.find(wanted)
        while at >= 0:
            ahead = text[max(0, at - len(name) - _NAMED) : at]
            if (begins + at + len(wanted) > offset) and before.search(ahead):
                yield begins + at
            at = text.find(wanted, at + 1)
        kept = text[-margin:]
