"""What was asked of the simulated account, in the order in which it was answered."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

_KEPT: Final = 500_000
"""A demo may run for days: the oldest calls are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """One call; `principal` is an ARN, "" for an unknown key; `status` 0 where the connection was cut."""

    service: str
    operation: str
    region: str
    principal: str
    status: int
    error_code: str

    @property
    def name(self) -> str:
        """`service:Operation`."""
        return f"{self.service}:{self.operation}"


class Recorder:
    """Thread-safe list of calls."""

    def __init__(self) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def add(self, call: RecordedCall) -> None:
        """Keep one more."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget all: what seeding did is not what a test asks about."""
        with self._lock:
            self._calls.clear()

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """All calls so far."""
        with self._lock:
            return tuple(self._calls)
