"""The hands of an attacker: what they do becomes events, and each event the truth about the attack."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sakimori.simulate.month.scope import Scope
from sakimori.simulate.month.script import Step as Call
from sakimori.simulate.month.script import played
from sakimori.simulate.month.sessions import Opened, Sessions
from sakimori.simulate.month.teller import Caller, Event, Teller
from sakimori.simulate.month.truth import Attack, Step


@dataclass(slots=True)
class Hands:
    """Keeps the clock of one attack: everything happens after what came before."""

    name: str
    at: int
    chance: random.Random
    attack: Attack = field(init=False)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing done."""
        self.attack = Attack(name=self.name)
        self.sessions = Sessions(teller=Teller(chance=self.chance))

    @property
    def teller(self) -> Teller:
        """What makes the events."""
        return self.sessions.teller

    def wait(self, minutes: float) -> None:
        """Do nothing for a while."""
        self.at += round(minutes * 60)

    def scope(self, caller: Caller, **known: Any) -> Scope:
        """Words that keep their meaning over several calls."""
        return self.teller.scope(caller, self.at, **known)

    def does(
        self,
        step: tuple[str, str],
        caller: Caller,
        calls: Sequence[Call],
        known: Mapping[str, Any] | Scope | None = None,
    ) -> tuple[Event, ...]:
        """Calls by hand, some seconds between them. `step` is its name and its tactic."""
        scope = known if isinstance(known, Scope) else self.scope(caller, **(known or {}))
        events = tuple(played(self.teller, caller, self.at, calls, scope))
        return self._did(step, caller, events)

    def runs(
        self, step: tuple[str, str], caller: Caller, calls: Sequence[str], regions: Sequence[str], *, a_second: float
    ) -> tuple[Event, ...]:
        """Calls by a program: each call in each region, so many a second."""
        told = [(region, call) for region in regions for call in calls]
        events = tuple(
            self.teller.tell(caller.elsewhere(region=region), call, self.at + int(number / a_second))
            for number, (region, call) in enumerate(told)
        )
        return self._did(step, caller, events)

    def comes_in(self, step: tuple[str, str], opened: Opened) -> Caller:
        """A session of theirs begins."""
        caller, events = opened
        self._did(step, caller, events)
        return caller

    def told(self, step: tuple[str, str], caller: Caller, events: Iterable[Event]) -> None:
        """Events made otherwise."""
        self._did(step, caller, tuple(events))

    def answer(self, caller: Caller, calls: Sequence[Call], known: Mapping[str, Any] | None = None) -> None:
        """What others do about it."""
        events = tuple(played(self.teller, caller, self.at, calls, self.scope(caller, **(known or {}))))
        self.attack.related += events
        self.at = max(self.at, events[-1].at)

    def _did(self, step: tuple[str, str], caller: Caller, events: tuple[Event, ...]) -> tuple[Event, ...]:
        name, tactic = step
        self.attack.steps.append(Step(name=name, tactic=tactic, events=list(events)))
        self.attack.principals += [caller.arn] if caller.arn else []
        self.attack.keys += [caller.key] if caller.key else []
        self.attack.addresses.append(caller.address)
        self.at = max(self.at, max(event.at for event in events) + 1)
        return events
