"""Facts as rules ask for them: by name, of one event, what was answered before remembered."""

from collections.abc import Hashable
from typing import Final

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Event, Surroundings, Value

_KEPT: Final = 100_000
_LONG: Final = 1_000
"""Characters beyond which a cause is not kept with its answer: a hostile log has long ones all the time."""


class FactAnswers:
    """All facts in the light of what is known beside the events. Not thread-safe."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self._facts = facts()
        self._known: dict[Hashable, Value] = {}

    def __call__(self, name: str, event: Event) -> Value:
        """The fact of an event."""
        return self._facts[name].of(event, self.surroundings)

    def remembered(self, name: str, causes: tuple[object, ...], event: Event) -> Value:
        """The fact of an event; `causes` are the texts of all that the fact reads, in the order of `reads`."""
        key = (name, *causes)
        if key in self._known:
            return self._known[key]
        found = self(name, event)
        if any(isinstance(cause, str) and len(cause) > _LONG for cause in causes):
            return found
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[key] = found
        return found

    def reads(self, name: str) -> tuple[str, ...]:
        """The fields of the event that the fact looks at."""
        return self._facts[name].reads
