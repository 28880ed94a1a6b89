"""The pace of calls to one service of one account in one Region: as fast as AWS lets us, and fair."""

import math
import threading
from collections import deque
from typing import Final

from sakimori.aws.settings import Clock

_SLOWEST: Final = 0.5
"""Calls a second below which the pace never falls; AWS's own smallest steady rates are above it."""
_FASTEST: Final = 1000.0
"""Calls a second above which there is nothing left to pace."""
_KEPT: Final = 0.7
"""What is left of the pace after a throttled answer (RFC 9438, multiplicative decrease factor)."""
_GROWTH: Final = 0.4
"""How steeply the pace grows again (RFC 9438, the constant C)."""
_WINDOW_SECONDS: Final = 1.0
_LONGEST_NAP_SECONDS: Final = 1.0


class Limiter:
    """No limit until AWS throttles; then calls are sent one by one at a pace that follows the throttling.

    On a throttled answer the pace falls below what AWS has just let through; while answers
    come it grows again along a cubic curve, slowly near the pace that failed and faster
    beyond it. Callers are served in the order of their coming, one at each slot, so that
    nobody starves and no herd wakes at once. Only the first of several throttled calls
    that were sent at one pace lowers it. Thread-safe.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._delivered: deque[float] = deque()
        self._generation = 0
        self._paced = False
        self._peak = math.inf
        self._cut_at = 0.0
        self._last_sent_at = -math.inf

    def take_turn(self) -> int:
        """Waits until a call may be sent; gives the number of the pace, to be handed back with the result."""
        turn = threading.Event()
        with self._lock:
            if not self._is_paced():
                return self._generation
            self._waiting.append(turn)
            if self._waiting[0] is turn:
                turn.set()
        try:
            turn.wait()
            while (nap := self._nap()) > 0:
                self._clock.sleep(nap)
        finally:
            with self._lock:
                self._waiting.remove(turn)
                if self._waiting:
                    self._waiting[0].set()
                generation = self._generation
        return generation

    def succeeded(self) -> None:
        """AWS took a call: it was answered, with whatever, and not for rate."""
        now = self._clock.monotonic()
        with self._lock:
            self._delivered.append(now)
            self._forget(now)

    def throttled(self, generation: int) -> None:
        """AWS refused for rate the call that `take_turn` let go with `generation`."""
        now = self._clock.monotonic()
        with self._lock:
            if generation != self._generation:
                return
            self._forget(now)
            delivered = len(self._delivered) / _WINDOW_SECONDS
            self._peak = max(_SLOWEST, min(self._pace(now), delivered))
            self._generation += 1
            self._paced = True
            self._cut_at = now
            self._last_sent_at = now

    def _is_paced(self) -> bool:
        if self._paced and not self._waiting and self._pace(self._clock.monotonic()) >= _FASTEST:
            self._paced = False
        return self._paced

    def _pace(self, now: float) -> float:
        """Calls a second at `now`: a cubic curve from `_KEPT` of the last peak, flat at the peak."""
        if not self._paced:
            return math.inf
        flat_after = math.cbrt(self._peak * (1 - _KEPT) / _GROWTH)
        grown = _GROWTH * (now - self._cut_at - flat_after) ** 3 + self._peak
        return max(_SLOWEST, grown)

    def _nap(self) -> float:
        """Seconds until the next slot; 0 takes the slot. Naps are short because the pace may change meanwhile."""
        now = self._clock.monotonic()
        with self._lock:
            gap = 1 / self._pace(now)
            slot = self._last_sent_at + gap
            if now < slot:
                return min(slot - now, _LONGEST_NAP_SECONDS)
            # A slot that a late waking missed is made up for, but never more than one.
            self._last_sent_at = max(slot, now - gap)
            return 0

    def _forget(self, now: float) -> None:
        while self._delivered and self._delivered[0] < now - _WINDOW_SECONDS:
            self._delivered.popleft()


class Limiters:
    """The limiters of one account, by service and Region. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limiters: dict[tuple[str, str], Limiter] = {}

    def of(self, service: str, region: str) -> Limiter:
        """The one limiter for `service` in `region`."""
        with self._lock:
            found = self._limiters.get((service, region))
            if found is None:
                found = self._limiters[service, region] = Limiter(self._clock)
            return found
