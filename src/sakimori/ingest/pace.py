"""A steady pace for calls that AWS lets nobody make faster than so many a second."""

import threading
from dataclasses import dataclass, field

from sakimori.aws.settings import Clock


@dataclass(slots=True, kw_only=True)
class Pace:
    """One call after the other, never two within `1 / per_second` seconds. Thread-safe."""

    per_second: float
    clock: Clock = field(default_factory=Clock)
    _next_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Return when the next call may be made; callers are served one after the other."""
        with self._lock:
            now = self.clock.monotonic()
            at = max(now, self._next_at)
            self._next_at = at + 1 / self.per_second
        if at > now:
            self.clock.sleep(at - now)


@dataclass(slots=True, kw_only=True)
class Paces:
    """One pace for each account and Region, as AWS counts. Thread-safe."""

    per_second: float
    clock: Clock = field(default_factory=Clock)
    _paces: dict[tuple[str, str], Pace] = field(default_factory=dict[tuple[str, str], Pace])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, account: str, region: str) -> Pace:
        """The one pace of that place."""
        with self._lock:
            return self._paces.setdefault((account, region), Pace(per_second=self.per_second, clock=self.clock))
