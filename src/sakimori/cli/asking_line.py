"""How far a long asking of the event history is: a line on stderr now and then, for minutes without a word look like a halt."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import click

from sakimori.analysis.incident.event_history import Asking
from sakimori.cli.lazy import spoken
from sakimori.cli.respond_pages import elapsed
from sakimori.texts.sentences import say

_EVERY: Final = 10.0
"""Seconds from one line to the next."""
_SHORT: Final = timedelta(seconds=5)
"""Less is not worth a line."""


class AskingLine:
    """Call it with each `Asking`; it says what is worth saying."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._next_at = 0.0

    def __call__(self, asking: Asking) -> None:
        """Say it, unless it was said just now or is over in a moment."""
        now = self._monotonic()
        if now < self._next_at or asking.left_for < _SHORT:
            return
        self._next_at = now + _EVERY
        told = say("investigate.asking", spoken(), asked=asking.asked, left=asking.left, time=elapsed(asking.left_for))
        click.secho("       " + told, dim=True, err=True)
