"""Records as a trail writes them, decoded some hundred at a time: so few that they stay in the processor's cache.

A document is cut before `{"eventVersion"`. Quotes inside a text are escaped, so that this cannot stand in one; where it
is of an object inside a record, what is before it leaves a bracket open, and does not decode.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final

import msgspec

from sakimori.ingest.cloudtrail.event import Event, strict_events
from sakimori.ingest.cloudtrail.moments import is_usual_time
from sakimori.ingest.source import Document

_PIECE: Final = 200_000
"""Bytes that are decoded at a time."""
_FIRST: Final = re.compile(rb'(?:\{"Records":\[|\[|[, \t\r\n]*)(?=\{)')
_BORDER: Final = b'},{"eventVersion"'
_ENDS: Final = (b"]}", b"]", b"")

_by_time: Final = attrgetter("eventTime")


class UsualRecords:
    """The events of a document in which nothing is unusual, up to where something is: from there on `rest` has it.

    Iterate once. Each turn gives some events, and the different times among them.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._at = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._document.data)

    def rest(self) -> Document:
        """What was not read."""
        whole, at = self._document, self._at
        return replace(whole, data=whole.data[at:], offset=whole.offset + at)

    def __iter__(self) -> Iterator[tuple[list[Event], set[str]]]:
        data = self._document.data
        first = _FIRST.match(data)
        if self._document.head or not first or not _is_utf8(data):
            return
        begin, view = first.end(), memoryview(data)
        while (border := data.find(_BORDER, begin + _PIECE)) > 0:
            events = _events(b"".join((b"[", view[begin : border + 1], b"]")))
            if events is None:
                # Something is unusual, or the border is one inside a record: all that is left is tried as one piece.
                break
            self._at = border + 1
            yield events
            begin = border + 2
        last = data[begin:].rstrip()
        for end in _ENDS:
            if last.endswith(end) and (events := _events(b"".join((b"[", last[: len(last) - len(end)], b"]")))):
                self._at = len(data)
                yield events
                return


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _events(array: bytes) -> tuple[list[Event], set[str]] | None:
    try:
        events = strict_events(array)
    except (msgspec.DecodeError, RecursionError):
        return None
    times = set(map(_by_time, events))
    return (events, times) if all(map(is_usual_time, times)) else None
