"""Looks that many threads ask for and one takes: of a secret they keep nothing but its mask and hash.

Whoever gathers what the threads have read takes the looks meanwhile. That is the main thread, and only there a pattern of a
user's own that never ends can be given up (`sakimori.analysis.secrets.patience`).
"""

from collections.abc import Collection, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from sakimori.analysis.secrets.found import Found
from sakimori.analysis.secrets.scanner import Scanner
from sakimori.collect.secret_places.reading import Hit, PlaceReading, Seen


@dataclass(frozen=True, slots=True)
class _Asked:
    """A text that somebody waits for."""

    data: bytes = field(repr=False)
    name: str
    answer: "Future[Seen]"


class Looks:
    """The looks of one scanner, one at a time."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._waiting: SimpleQueue[_Asked | Future[PlaceReading]] = SimpleQueue()
        self._is_closed = Event()

    def look(self, data: bytes, name: str) -> Seen:
        """What the scanner sees in the bytes. Asked in any thread; answered by `taken_until`, CancelledError once closed."""
        asked = _Asked(data, name, Future())
        self._waiting.put(asked)
        if self._is_closed.is_set():
            self._refuse()
        return asked.answer.result()

    def taken_until(self, readings: Collection["Future[PlaceReading]"]) -> Iterator["Future[PlaceReading]"]:
        """The readings as they are done; what their threads ask for is looked at in between."""
        for each in readings:
            each.add_done_callback(self._waiting.put)
        left = len(readings)
        while left:
            each = self._waiting.get()
            if isinstance(each, _Asked):
                self._take(each)
            else:
                left -= 1
                yield each

    def close(self) -> None:
        """Let nobody wait any more."""
        self._is_closed.set()
        self._refuse()

    def _take(self, asked: _Asked) -> None:
        try:
            asked.answer.set_result(_seen(self._scanner, asked.data, asked.name))
        except BaseException as error:
            asked.answer.set_exception(error)
            if not isinstance(error, Exception):
                raise

    def _refuse(self) -> None:
        while True:
            try:
                each: Any = self._waiting.get_nowait()
            except Empty:
                return
            if isinstance(each, _Asked):
                each.answer.set_exception(CancelledError())


def _seen(scanner: Scanner, data: bytes, name: str) -> Seen:
    found = scanner.scan(data, name)
    unread = scanner.take_unread()
    return Seen(hits=[_hit(each) for each in found], unread={each.reason: each.name for each in reversed(unread)})


def _hit(found: Found) -> Hit:
    key = next((half for half in (found, found.pair) if half is not None and half.account_id), None)
    return Hit(
        kind=found.kind, severity=found.severity, confidence=found.confidence, masked=found.masked, sha256=found.sha256,
        line=found.line, account_id=key.account_id if key else "", key_id=key.secret if key else "",
        allowed=found.allowed, inside=found.inside,
    )  # fmt: skip
