"""Finding the records of a document that is not as a trail writes it: cut, torn, wrapped otherwise, or hostile.

Nothing here follows nesting by recursion, and the work is bounded by the size of the document.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Raw

from sakimori.ingest.json_tokens import object_end
from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Reason, Refused

_RECORD: Final = b'{"eventVersion"'
_BORDER: Final = b'},{"eventVersion"'
_OPENING: Final = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_BOM: Final = b"\xef\xbb\xbf"
_CLOSED: Final = re.compile(rb"\]\s*\}\Z")
_ARRAY_CLOSED: Final = re.compile(rb"\]\Z")
_TAIL: Final = 1_000
_GARBAGE: Final = re.compile(rb"[^\s,\[\]}]")
_PASSES: Final = 4
"""How often a document may be gone through for records that hold what looks like the beginning of another."""
_MOST_TORN: Final = 10_000
"""Torn records without a whole one between them before the rest of a document is refused."""

_items: Final = msgspec.json.Decoder(list[Raw])
_whole: Final = msgspec.json.Decoder(Raw)


def cut(data: bytes) -> int:
    """The index after the last whole record, 0 for none.

    Quotes inside a text are escaped, so that the border of two records cannot stand in one; what it might be is
    nested, and that is seen when the records before it are read.
    """
    border = data.rfind(_BORDER)
    if border > 0:
        try:
            _items.decode(as_array(data[: border + 1]))
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            return border + 1
    if not _OPENING.match(data) and not data.lstrip().startswith((b"[", b",")):
        return data.rfind(b"\n") + 1
    end = 0
    for found in spans(data):
        if not isinstance(found, Refused) and found[1] <= len(data):
            end = found[1]
    return end


def is_cut_off(first: bytes, last: bytes) -> bool:
    """Whether what begins as a document or an array of records stops behind a record, and has no end of its own.

    What is torn inside a record is refused as that. A last line that is JSON by itself is whole, whatever stands before it.
    """
    opening = _OPENING.match(first.removeprefix(_BOM))
    if not opening and not first.removeprefix(_BOM).lstrip().startswith(b"["):
        return False
    end = last.rstrip(b" \t\r\n\0")
    if not end.rstrip(b", \t\r\n").endswith((b"}", b"]", b"[")):
        return False
    if (_CLOSED if opening else _ARRAY_CLOSED).search(end, max(0, len(end) - _TAIL)):
        return False
    try:
        _whole.decode(end[end.rfind(b"\n") + 1 :])
    except (msgspec.DecodeError, RecursionError):
        return True
    return False


def as_array(data: bytes) -> bytes:
    """A piece of a document, cut between records, as the JSON array of its records."""
    opening = _OPENING.match(data)
    body = data[opening.end() if opening else 0 :].strip(b", \t\r\n")
    if opening and body.endswith(b"]}"):
        body = body[:-2]
    return b"[" + body + b"]"


def spans(data: bytes) -> Iterator[tuple[int, int] | Refused]:
    """Begin and end of each object that may be a record, in order, and what is none.

    A record ends before the next one begins; only where it does not is it followed further, as often as the budget
    allows. After a torn one the search goes on at the next beginning of a record.
    """
    opening = _OPENING.match(data)
    at = opening.end() if opening else 0
    budget = _PASSES * (len(data) + MAX_RECORD_BYTES)
    torn_from, torn = -1, 0
    while (begin := data.find(b"{", at)) >= 0 and torn < _MOST_TORN:
        again = data.find(_RECORD, begin + 1)
        upto = again if again >= 0 else len(data)
        end = object_end(data, begin, upto)
        if not end and again >= 0 and budget > 0:
            end = object_end(data, begin, len(data))
            # What was gone through: of a whole record its size, else as far as a record may reach.
            budget -= (end or min(len(data), begin + MAX_RECORD_BYTES)) - begin
        if not end:
            torn_from, torn = (at if torn_from < 0 else torn_from), torn + 1
            at = upto
            continue
        if torn_from >= 0:
            yield _torn(data, torn_from, begin)
            torn_from, torn = -1, 0
        elif garbage := _GARBAGE.search(data, at, begin):
            yield Refused(offset=garbage.start(), reason=Reason.NOT_JSON, size=begin - garbage.start())
        yield begin, end
        at = end
    rest = torn_from if torn_from >= 0 else at
    if _GARBAGE.search(data, rest):
        yield _torn(data, rest, len(data))


def _torn(data: bytes, begin: int, end: int) -> Refused:
    found = _GARBAGE.search(data, begin, end)
    offset = found.start() if found else begin
    reason = Reason.TOO_LARGE if end - offset > MAX_RECORD_BYTES else Reason.NOT_JSON
    return Refused(offset=offset, reason=reason, size=end - offset)


def again_inside(data: bytes, begin: int, end: int) -> int:
    """Where a record begins inside an object that could not be read, 0 for nowhere."""
    found = data.find(_RECORD, begin + 1, end)
    return max(found, 0)
