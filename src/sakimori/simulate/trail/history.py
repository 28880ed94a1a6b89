"""What happened in the simulated account, by Region and time: what LookupEvents tells and trails deliver."""

import threading
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import takewhile
from operator import attrgetter
from typing import Any, Final

from sakimori.simulate.call import Answer, Call
from sakimori.simulate.trail.event import AnsweredCall, Happening
from sakimori.simulate.trail.identity import Identity
from sakimori.simulate.trail.names import is_data

_KEPT: Final = 200_000
"""A demo may run for days: the oldest happenings are forgotten."""
_order: Final = attrgetter("at", "number")


class History:
    """Thread-safe. Happenings of one Region are in the order of their times."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_region: defaultdict[str, list[Happening]] = defaultdict(list)
        self._seeded: list[Happening] = []
        self._coming: deque[Happening] = deque(maxlen=_KEPT)
        self._number = 0

    def add(  # noqa: PLR0913 - each is told by its name
        self, call: Call, answer: Answer, identity: Identity, *, account_id: str, at: datetime, shared: str = "",
        is_from_console: bool = False,
    ) -> None:  # fmt: skip
        """One call that was answered; `shared` is the id that two accounts' events of it have in common."""
        kept = AnsweredCall.of(call, answer, identity, account_id, shared=shared, is_from_console=is_from_console)
        moment = at.replace(microsecond=0)
        with self._lock:
            self._number += 1
            happening = Happening(
                number=self._number,
                at=moment,
                region=call.region,
                is_data=is_data(call.service, call.operation),
                call=kept,
            )
            self._insert(happening)

    def seed(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Whole events that a scenario says have happened; they outlive `forget_calls`."""
        with self._lock:
            self._seeded += map(self._tell, events)

    def tell(self, event: Mapping[str, Any]) -> None:
        """One whole event of what is no call, as a sign-in is."""
        with self._lock:
            self._tell(event)

    def _tell(self, event: Mapping[str, Any]) -> Happening:
        self._number += 1
        happening = Happening(
            number=self._number,
            at=datetime.fromisoformat(event["eventTime"]),
            region=event["awsRegion"],
            is_data=event["eventCategory"] == "Data",
            event_id=event["eventID"],
            made=event,
        )
        self._insert(happening)
        return happening

    def keep_calls(self) -> None:
        """All that has happened so far is part of the story: it outlives `forget_calls`."""
        with self._lock:
            self._seeded = list(self._coming)

    def forget_calls(self) -> None:
        """Only what was seeded has happened: building a scenario is nobody's deed."""
        with self._lock:
            self._by_region.clear()
            self._coming.clear()
            for happening in self._seeded:
                self._insert(happening)

    @property
    def last_number(self) -> int:
        """The number of what came last."""
        return self._number

    def newest_first(
        self, region: str, since: datetime, until: datetime, before: tuple[datetime, int] | None = None
    ) -> Iterator[Happening]:
        """Management events of a Region in a time (both ends held), the latest first; with `before` those that come after it."""
        with self._lock:
            found = self._by_region[region]
            start = bisect_left(found, since, key=attrgetter("at"))
            end = bisect_left(found, before, key=_order) if before else bisect_right(found, until, key=attrgetter("at"))
            chosen = found[start : min(end, bisect_right(found, until, key=attrgetter("at")))]
        return (happening for happening in reversed(chosen) if not happening.is_data)

    def since_number(self, number: int) -> tuple[Happening, ...]:
        """What came after a number, in the order of coming."""
        with self._lock:
            later = list(takewhile(lambda happening: happening.number > number, reversed(self._coming)))
        return tuple(reversed(later))

    def _insert(self, happening: Happening) -> None:
        if len(self._coming) == _KEPT:
            oldest = self._coming[0]
            self._by_region[oldest.region].remove(oldest)
        self._coming.append(happening)
        insort(self._by_region[happening.region], happening, key=_order)
