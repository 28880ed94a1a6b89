"""What a door may be told: time limits, where to connect, and which clock to go by."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSettings:
    """Limits of one door.

    `endpoint_url` sends every call to one place (the simulated account); "" means AWS, or
    what botocore's own AWS_ENDPOINT_URL says. `throttle_budget_seconds` is how long one
    call may wait while AWS refuses it for rate. `transient_tries` counts all tries of a
    call that meets server errors or a broken connection. `connections` are kept open to
    one host: as many as threads may call at once. `longest_body_bytes` is what one
    streaming answer (an object of S3) may hold: it is read whole into memory.
    """

    endpoint_url: str = ""
    connect_timeout_seconds: float = 10
    read_timeout_seconds: float = 60
    throttle_budget_seconds: float = 900
    transient_tries: int = 5
    connections: int = 64
    longest_body_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time and chance, replaceable in tests: seconds that only grow, a sleep, a number in [0, 1)."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
