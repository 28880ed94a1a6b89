"""A clock that a story sets and a drill lets run faster; where it is used, moto goes by it too."""

import sys
import threading
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Self

from moto.core import utils


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


class StoryClock:
    """Gives the time in UTC, from `at` (now) on; `speed` seconds pass in one, none at 0. Thread-safe."""

    def __init__(self, at: datetime | None = None, *, speed: float = 1.0) -> None:
        self._lock = threading.Lock()
        self._at, self._since, self._speed = at or system_clock(), time.monotonic(), speed

    def __call__(self) -> datetime:
        """The story's time."""
        with self._lock:
            return self._now()

    @property
    def speed(self) -> float:
        """Seconds of the story in one."""
        return self._speed

    def set(self, at: datetime) -> None:
        """Go on from `at`."""
        with self._lock:
            self._at, self._since = at, time.monotonic()

    def wait(self, seconds: float) -> None:
        """So much later."""
        with self._lock:
            self._at, self._since = self._now() + timedelta(seconds=seconds), time.monotonic()

    def run(self, speed: float) -> None:
        """From now on `speed` seconds pass in one."""
        with self._lock:
            self._at, self._since, self._speed = self._now(), time.monotonic(), speed

    def _now(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._since) * self._speed)


class MotoClock(AbstractContextManager["MotoClock"]):
    """While the context lasts, what moto writes down of its resources' times is a story's time.

    moto's modules hold `utcnow` each by its own name. It is replaced once, for good, in all that are loaded and in the one
    from which others will take it; without a story the replacement is what it replaced.
    """

    _clock: ClassVar[StoryClock | None] = None
    _real: ClassVar[Any] = utils.utcnow

    def __init__(self, clock: StoryClock) -> None:
        self._told = clock

    def __enter__(self) -> Self:
        MotoClock._clock = self._told
        for name, module in tuple(sys.modules.items()):
            if name.startswith("moto.") and vars(module).get("utcnow") is MotoClock._real:
                vars(module)["utcnow"] = _utcnow
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        MotoClock._clock = None

    @classmethod
    def now(cls) -> datetime:
        """As moto wants it: without a zone."""
        clock = cls._clock
        return clock().replace(tzinfo=None) if clock else cls._real()


def _utcnow() -> datetime:
    return MotoClock.now()
