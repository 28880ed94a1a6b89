"""CPU time as a bound in tests. The noise of a shared machine only adds, so the best of a few tries is what a call costs."""

import time
from collections.abc import Callable

_TRIES = 5


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def is_done_within(seconds: float, work: Callable[[], object]) -> bool:
    return any(cpu_seconds(work) < seconds for _ in range(_TRIES))


def grows_less_than(times: float, small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Whether the larger work costs less than that many times the smaller one, of which the cost counts as a hundredth of a second at least."""  # fmt: skip
    return any(cpu_seconds(large) < times * max(cpu_seconds(small), 0.01) for _ in range(_TRIES))
