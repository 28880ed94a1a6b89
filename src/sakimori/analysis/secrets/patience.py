"""How long a user's own pattern may look at one piece: one that never ends is given up, and told.

Python's `re` answers to signals while it looks, and only the main thread gets them; elsewhere nothing is bounded.
"""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

PATIENCE_SECONDS: Final = 5.0


class GivenUpError(Exception):
    """A pattern took longer than it may."""


@contextmanager
def patience(seconds: float) -> Generator[None]:
    """GivenUpError out of the block once it has taken so much CPU time."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise GivenUpError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
