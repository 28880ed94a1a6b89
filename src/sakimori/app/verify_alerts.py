"""`sakimori verify alerts`: a canary followed from its event to people, and where it was lost.

planted → delivered (a file of the trail holds it) → ingested (the lake holds it) → judged (a rule saw it) → told (each
route took a message). Each hop is reached, lost, or could not be checked; what comes after a loss was never reached.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from sakimori.app.canary import RULE, Canary, is_in_lake
from sakimori.app.canary_told import detection_of, drop_unsent, judge_canary, tell_canary, told_of
from sakimori.app.canary_ways import Way
from sakimori.app.notify import CANARY, Notifier
from sakimori.aws.refusal import Refusal
from sakimori.findings.cursors import write_cursor
from sakimori.ingest.slices import Note
from sakimori.model.detection import Detection
from sakimori.model.errors import SakimoriError
from sakimori.model.extras import DETECT, ensure_libraries
from sakimori.model.triage import MessageState
from sakimori.outputs.notify.route import Route

_TELLING: Final = timedelta(minutes=1)
"""So long routes are given at least, however late the canary got to them."""
_LOOKED: Final = 1.0
"""Seconds between two looks at what is on this machine."""


class Hop(StrEnum):
    """One stretch of the way."""

    PLANTED = "planted"
    DELIVERED = "delivered"
    INGESTED = "ingested"
    JUDGED = "judged"
    TOLD = "told"


class Outcome(StrEnum):
    """How a hop ended."""

    REACHED = "reached"
    LOST = "lost"
    UNCHECKED = "unchecked"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One hop, the last one once for each route: when it was reached, and how long after the hop before it."""

    hop: Hop
    outcome: Outcome
    at: datetime | None = None
    seconds: float | None = None
    route: str = ""
    place: str = ""
    note: Note | None = None
    """Why it was lost or not checked, and what to look at."""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The whole way. `canary` is None where none was planted."""

    mode: str
    marker: str
    canary: Canary | None
    passages: tuple[Passage, ...]

    @property
    def is_whole(self) -> bool:
        """It got through to every route."""
        return all(each.outcome is Outcome.REACHED for each in self.passages)

    @property
    def seconds(self) -> float | None:
        """From the event to the last route that took it; None where it never got anywhere."""
        reached = [each.at for each in self.passages if each.at is not None]
        return max(0.0, (max(reached) - reached[0]).total_seconds()) if len(reached) > 1 else None

    @property
    def is_lost(self) -> bool:
        """It got lost somewhere."""
        return any(each.outcome is Outcome.LOST for each in self.passages)


class Told(Protocol):
    """What watches the way."""

    def waiting(self, hop: Hop) -> None:
        """It is looked for there now."""
        ...

    def passed(self, passage: Passage) -> None:
        """A hop has ended."""
        ...


_Found = TypeVar("_Found")


@dataclass(slots=True)
class Pursuit:
    """One canary and its way. `pause` is how many seconds lie between two looks into a bucket."""

    way: Way
    notifier: Notifier
    timeout: timedelta
    told: Told
    sleep: Callable[[float], None]
    pause: float = 15.0
    _deadline: datetime = field(init=False)
    _passages: list[Passage] = field(init=False, default_factory=list[Passage])
    _before: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._deadline = self._now() + self.timeout

    def follow(self) -> Heard:
        """From the first hop to the last; whatever ends it, nothing is left that would come later."""
        ensure_libraries(*DETECT)
        canary: Canary | None = None
        try:
            canary = self._planted()
            found = self._through(canary) if canary else None
            if canary and found:
                self._tell(canary, found)
        finally:
            if canary:
                drop_unsent(self.notifier.store, canary, self._routes)
            self.way.tidy()
        reached = {each.hop for each in self._passages}
        for hop in Hop:
            if hop not in reached:
                self._passed(Passage(hop=hop, outcome=Outcome.UNREACHED))
        order = list(Hop)
        passages = tuple(sorted(self._passages, key=lambda each: order.index(each.hop)))
        heard = Heard(mode=self.way.mode, marker=self.way.marker, canary=canary, passages=passages)
        if heard.is_whole:
            write_cursor(self.notifier.store, CANARY, self._now().astimezone(UTC).isoformat())
        return heard

    def _planted(self) -> Canary | None:
        hindered = hindrance(self.way)
        if hindered is not None:
            self._passed(Passage(hop=Hop.PLANTED, outcome=Outcome.UNREACHED))
            self._passed(hindered)
            return None
        self.told.waiting(Hop.PLANTED)
        try:
            canary = self.way.plant()
        except Refusal as refusal:
            note = Note(text="verify.call_failed", values={"call": refusal.call, "code": refusal.code})
            self._passed(Passage(hop=Hop.PLANTED, outcome=Outcome.UNCHECKED, note=note))
            return None
        self._deadline = self._now() + self.timeout
        self._reached(Hop.PLANTED, canary.planted_at, place=canary.marker)
        return canary

    def _through(self, canary: Canary) -> Detection | None:
        try:
            return self._judged(canary) if self._delivered(canary) and self._ingested(canary) else None
        except SakimoriError as error:
            hop = list(Hop)[len({each.hop for each in self._passages})]
            self._passed(Passage(hop=hop, outcome=Outcome.LOST, note=Note(text=error.text, values=error.values)))
            return None

    def _delivered(self, canary: Canary) -> bool:
        """Whether to go on. A watch may have taken in what nobody here can see."""
        self.told.waiting(Hop.DELIVERED)
        looked = self._until(self.pause, lambda: self._look(canary))
        if looked is True:
            note = self.way.blindness() or Note(text="verify.blind_taken_in")
            self._passed(Passage(hop=Hop.DELIVERED, outcome=Outcome.UNCHECKED, note=note))
            return True
        if isinstance(looked, Note):
            self._passed(Passage(hop=Hop.DELIVERED, outcome=Outcome.UNCHECKED, note=looked))
            return False
        if looked is None:
            blind = self.way.blindness()
            note, command = (blind, "") if blind else self.way.lost()
            outcome = Outcome.UNCHECKED if blind else Outcome.LOST
            self._passed(Passage(hop=Hop.DELIVERED, outcome=outcome, note=note, command=command))
            return False
        return True

    def _look(self, canary: Canary) -> "bool | Note | Passage | None":
        """The passage where it was delivered, True where the lake has it all the same, a note where nobody can see."""
        found = self.way.delivered()
        if found is not None:
            return self._reached(Hop.DELIVERED, found.at, place=found.place)
        if self.way.watched:
            return is_in_lake(self.notifier.home, canary) or None
        return self.way.blindness()

    def _ingested(self, canary: Canary) -> bool:
        self.told.waiting(Hop.INGESTED)
        self.way.take_in()
        if self._until(_LOOKED, lambda: is_in_lake(self.notifier.home, canary) or None):
            self._reached(Hop.INGESTED, self._now())
            return True
        note = Note(text="verify.lost_unwatched" if self.way.watched else "verify.lost_not_taken_in")
        command = self.way.watch_command() if self.way.watched else "sakimori lake coverage"
        self._passed(Passage(hop=Hop.INGESTED, outcome=Outcome.LOST, note=note, command=command))
        return False

    def _judged(self, canary: Canary) -> Detection | None:
        self.told.waiting(Hop.JUDGED)
        if not self.way.watched:
            judge_canary(self.notifier.home, self.notifier.store, canary, self.notifier.clock)
        found = self._until(_LOOKED, lambda: detection_of(self.notifier.store, canary))
        if found is not None:
            self._reached(Hop.JUDGED, self._now(), place=found.id[:12])
            return found
        note = Note(
            text="verify.lost_unjudged_by_watch" if self.way.watched else "verify.lost_unjudged", values={"rule": RULE}
        )
        command = f"sakimori detect --rules {RULE} --since 1h"
        self._passed(Passage(hop=Hop.JUDGED, outcome=Outcome.LOST, note=note, command=command))
        return None

    # -- telling ------------------------------------------------------------------------

    def _tell(self, canary: Canary, found: Detection) -> None:
        self.told.waiting(Hop.TOLD)
        routes, notifier = self._routes, self.notifier
        with notifier.store.begin() as connection:
            tell_canary(connection, routes, canary, found, self._now())
        if not routes:
            note, command = Note(text="verify.no_route"), "sakimori notify setup slack"
            self._passed(Passage(hop=Hop.TOLD, outcome=Outcome.UNCHECKED, note=note, command=command))
            return
        self._deadline = max(self._deadline, self._now() + _TELLING)
        begun, left = self._before, {route.name for route in routes}

        def deliver() -> bool | None:
            notifier.deliver()
            for passage in self._arrivals(canary, left, begun):
                self._passed(passage)
                left.discard(passage.route)
            return not left or None

        self._until(_LOOKED, deliver)
        ledger = told_of(notifier.store, canary, routes)
        for name in sorted(left):
            reason = ledger[name].reason if name in ledger else ""
            note = Note(text="verify.lost_late" if reason else "verify.lost_undelivered", values={"reason": reason})
            self._passed(self._untold(name, note))

    def _arrivals(self, canary: Canary, left: set[str], begun: datetime | None) -> Iterator[Passage]:
        """Routes of which it is known now how it ended."""
        ledger = told_of(self.notifier.store, canary, self._routes)
        for name in sorted(left):
            if name in self.notifier.broken:
                error = self.notifier.broken[name]
                yield self._untold(name, Note(text=error.text, values=error.values))
            elif ledger[name].state is MessageState.SENT:
                at = ledger[name].sent_at or self._now()
                seconds = _between(begun, at)
                yield Passage(hop=Hop.TOLD, outcome=Outcome.REACHED, at=at, seconds=seconds, route=name)
            elif ledger[name].state is not MessageState.WAITING:
                yield self._untold(name, Note(text="verify.lost_refused", values={"reason": ledger[name].reason}))

    def _untold(self, name: str, note: Note) -> Passage:
        command = f"sakimori notify test {shlex.quote(name)}"
        return Passage(hop=Hop.TOLD, outcome=Outcome.LOST, route=name, note=note, command=command)

    # -- the clock ----------------------------------------------------------------------

    @property
    def _routes(self) -> tuple[Route, ...]:
        return self.notifier.settings.notify.routes

    def _now(self) -> datetime:
        return self.notifier.clock()

    def _until(self, pause: float, look: Callable[[], _Found | None]) -> _Found | None:
        """What `look` finds, looking again and again until the time is over."""
        while True:
            found = look()
            if found is not None:
                return found
            left = (self._deadline - self._now()).total_seconds()
            if left <= 0:
                return None
            self.sleep(min(pause, left))

    def _reached(self, hop: Hop, at: datetime, place: str = "") -> Passage:
        passage = Passage(hop=hop, outcome=Outcome.REACHED, at=at, seconds=_between(self._before, at), place=place)
        self._before = max(at, self._before) if self._before else at
        self._passed(passage)
        return passage

    def _passed(self, passage: Passage) -> None:
        self._passages.append(passage)
        self.told.passed(passage)


def hindrance(way: Way) -> Passage | None:
    """Why nothing is planted at all: it could not come out, or nobody could see it come out."""
    if way.obstacle is not None:
        return Passage(hop=Hop.DELIVERED, outcome=Outcome.LOST, note=way.obstacle)
    blind = None if way.watched else way.blindness()
    return Passage(hop=Hop.DELIVERED, outcome=Outcome.UNCHECKED, note=blind) if blind is not None else None


def _between(before: datetime | None, at: datetime) -> float | None:
    """Seconds; clocks of two machines may be a little apart, and nothing arrives before it was sent."""
    return max(0.0, (at - before).total_seconds()) if before else None
