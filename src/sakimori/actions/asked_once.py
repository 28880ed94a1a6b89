"""A door that asks some questions once, for as long as a plan is made: nothing is changed meanwhile.

Who asks, and what the account may have at most, is one answer for all places of a plan; a plan against a flood of credentials
asked each thousands of times. How much is used is counted anew at each place. A refusal is not kept: the next place asks again.
"""

import threading
from collections.abc import Iterator, Mapping
from typing import Final

from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal

_ONCE: Final = frozenset({"sts:GetCallerIdentity", "iam:GetAccountSummary"})


class AskedOnce:
    """The door behind it, but for these questions."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.account = door.account
        self._known: dict[tuple[str, str], Answer] = {}
        self._locks = {operation: threading.Lock() for operation in _ONCE}

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Those of the door."""
        return self._door.refusals

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        """One answer."""
        if operation not in _ONCE or parameters:
            return self._door.call(operation, region, parameters)
        # Whoever comes second waits, and does not ask beside the first.
        with self._locks[operation]:
            if (operation, region) not in self._known:
                self._known[operation, region] = self._door.call(operation, region, parameters)
            return self._known[operation, region]

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        """All pages."""
        return self._door.pages(operation, region, parameters)
