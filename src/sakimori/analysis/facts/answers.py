"""Facts as rules ask for them: by name, of one event, what was answered before remembered."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.facts.fact import Event, Surroundings, Value

_KEPT: Final = 100_000
_LONG: Final = 1_000
"""Characters beyond which a cause is not kept with its answer: a hostile log has long ones all the time."""

_AT_ONCE: Final = 4_096
_UNKNOWN: Final = object()


class FactAnswers:
    """All facts in the light of what is known beside the events. Not thread-safe."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self._facts = facts()
        self._known: dict[str, dict[Hashable, Any]] = {}
        self._count = 0

    def __call__(self, name: str, event: Event) -> Value:
        """The fact of an event."""
        return self._facts[name].of(event, self.surroundings)

    def of_each(
        self, name: str, causes: Sequence[Hashable], events: Callable[[list[int]], Iterable[Event]]
    ) -> list[Value]:
        """The fact of many events; `events` gives those of these places, and is asked only of what is not known yet.

        `causes` stand for all that the fact sees of an event: the texts in the order of `reads`, or what it sees of them.
        """
        known = self._known.setdefault(name, {})
        found = [known.get(each, _UNKNOWN) for each in causes]
        missing = [at for at, value in enumerate(found) if value is _UNKNOWN]
        for start in range(0, len(missing), _AT_ONCE):
            places = missing[start : start + _AT_ONCE]
            for at, event in zip(places, events(places), strict=True):
                found[at] = known[causes[at]] if causes[at] in known else self(name, event)
                self._keep(name, causes[at], found[at])
        return found

    def _keep(self, name: str, causes: Hashable, found: Value) -> None:
        if isinstance(causes, tuple) and any(map(_is_long, cast("tuple[object, ...]", causes))):
            return
        self._count += 1
        if self._count >= _KEPT:
            self._count = 1
            for known in self._known.values():
                known.clear()
        self._known[name][causes] = found

    def reads(self, name: str) -> tuple[str, ...]:
        """The fields of the event that the fact looks at."""
        return self._facts[name].reads

    def sees(self, name: str) -> Mapping[str, Callable[[Any], Hashable]]:
        """By such a field: what the fact sees of it, where it is not the value itself."""
        return self._facts[name].sees


def _is_long(cause: object) -> bool:
    return isinstance(cause, str) and len(cause) > _LONG
