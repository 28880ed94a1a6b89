"""Misfortune on demand: denials, throttling, delay, server errors, garbage and cut connections."""

import fnmatch
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sakimori.aws.actions import action_of
from sakimori.model.errors import UsageError
from sakimori.simulate.call import Answer, Call, CutConnectionError
from sakimori.simulate.refusals import Reason, access_denied, internal_failure, throttled

_GARBAGE: Final = bytes((n * 73 + 41) % 256 for n in range(256))


class Kind(StrEnum):
    """What goes wrong."""

    DENY = "deny"
    THROTTLE = "throttle"
    DELAY = "delay"
    ERROR = "error"
    GARBAGE = "garbage"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misfortune for every call that `match` and `regions` fit (shell wildcards, `service:Operation`).

    `ratio` (0-1) strikes only a share: for denials a fixed choice of operations and
    Regions, so that a retry meets the same answer, else a share of the calls; the choice
    follows from `seed`. `calls_per_second` is per service and Region, with a burst of as
    many calls (at least one).
    """

    kind: Kind
    match: str = "*"
    regions: str = "*"
    ratio: float = 1.0
    seed: int = 0
    reason: Reason = Reason.IDENTITY_IMPLICIT
    calls_per_second: float = 5.0
    seconds: float = 0.0


def faults_from_json(text: str) -> tuple[Fault, ...]:
    """The faults of a JSON list of objects with Fault's own names; UsageError if it is none."""
    try:
        return tuple(_fault(each) for each in json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError("simulate.faults_unreadable", reason=str(error)) from error


class Faults:
    """The faults in force; thread-safe, may change while calls run."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._faults: tuple[Fault, ...] = ()
        self._buckets: dict[tuple[Fault, str, str], tuple[float, float]] = {}
        self._seen: defaultdict[Fault, int] = defaultdict(int)

    def add(self, *faults: Fault) -> None:
        """Put more faults in force, after those that are."""
        with self._lock:
            self._faults = (*self._faults, *faults)

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._faults = ()
            self._buckets.clear()
            self._seen.clear()

    def strike(self, call: Call, arn: str) -> Answer | None:
        """Let the faults happen to a call of the principal `arn`, in the order in which they were added.

        Raises ServiceError or CutConnectionError, or returns an answer, or None where the call goes on.
        """
        for fault in self._faults:
            if fnmatch.fnmatchcase(call.name, fault.match) and fnmatch.fnmatchcase(call.region, fault.regions):
                answer = self._strike(fault, call, arn)
                if answer is not None:
                    return answer
        return None

    def _strike(self, fault: Fault, call: Call, arn: str) -> Answer | None:
        if not self._is_struck(fault, call):
            return None
        match fault.kind:
            case Kind.DENY:
                action = action_of(call.name)
                raise access_denied(call, arn=arn, action=action, resource="*", reason=fault.reason)
            case Kind.THROTTLE:
                if not self._has_token(fault, call):
                    raise throttled(call)
            case Kind.DELAY:
                self._sleep(fault.seconds)
            case Kind.ERROR:
                raise internal_failure(call)
            case Kind.GARBAGE:
                return Answer(status=200, headers=(("Content-Type", "application/octet-stream"),), body=_GARBAGE)
            case Kind.CUT:
                raise CutConnectionError
        return None

    def _is_struck(self, fault: Fault, call: Call) -> bool:
        if fault.ratio >= 1:
            return True
        which = f"{fault.seed}|{call.name}|{call.region}"
        if fault.kind is not Kind.DENY:
            with self._lock:
                self._seen[fault] += 1
                which = f"{fault.seed}|{self._seen[fault]}"
        drawn = int.from_bytes(hashlib.sha256(which.encode()).digest()[:8], "big") / 2**64
        return drawn < fault.ratio

    def _has_token(self, fault: Fault, call: Call) -> bool:
        key = (fault, call.service, call.region)
        burst = max(1.0, fault.calls_per_second)
        with self._lock:
            now = self._clock()
            tokens, at = self._buckets.get(key, (burst, now))
            tokens = min(burst, tokens + (now - at) * fault.calls_per_second)
            taken = tokens >= 1
            self._buckets[key] = (tokens - 1 if taken else tokens, now)
        return taken


def _fault(raw: dict[str, Any]) -> Fault:
    words = dict(raw)
    if "reason" in words:
        words["reason"] = Reason(words["reason"])
    return Fault(**{**words, "kind": Kind(words["kind"])})
