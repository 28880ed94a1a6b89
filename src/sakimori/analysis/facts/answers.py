"""Facts as rules ask for them: by name, of one event, what was answered before remembered."""

from collections.abc import Hashable
from typing import Final

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Event, Surroundings, Value

_KEPT: Final = 500_000


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
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self(name, event)
        return self._known[key]

    def reads(self, name: str) -> tuple[str, ...]:
        """The fields of the event that the fact looks at."""
        return self._facts[name].reads
