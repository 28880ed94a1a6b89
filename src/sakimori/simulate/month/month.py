"""The month as a whole: day after day, everybody's events in the order of time, into files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sakimori.simulate.month import machines, people, rounds, stories, truth
from sakimori.simulate.month.attacks.register import ATTACKS
from sakimori.simulate.month.calendar import Day, days_from
from sakimori.simulate.month.files import TrailFiles
from sakimori.simulate.month.teller import Event
from sakimori.simulate.month.truth import Truth

_FULL_DAY: Final = 1_000_000 / 28
_FREE_DAY: Final = 0.82
"""How much of a workday's machines there is on a weekend or a holiday."""
_by_time: Final = itemgetter(0, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which month is wanted. `events` is at least how many; the people of a day make some hundreds whatever it says."""

    start: date
    days: int = 28
    events: int = 1_000_000
    seed: int = 1
    attacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was written."""

    events: int
    files: int
    bytes: int
    attack_events: int


@dataclass(slots=True)
class _Telling:
    """A month being told. Events of a day that come after its end wait for their day."""

    order: Order
    truth: Truth = field(default_factory=Truth)
    later: list[Event] = field(default_factory=list)
    told: int = 0

    def day(self, day: Day, weight: float) -> list[Event]:
        """The events of the day, in the order of time."""
        order = self.order
        wanted = order.events * weight
        found = [*people.events_of(day, day.number / order.days, order.seed)]
        found += rounds.events_of(day, wanted / _FULL_DAY, order.seed)
        for name, event in stories.events_of(day, order.days, order.seed):
            self.truth.stories[name].append(event)
            found.append(event)
        found += self._attacks(day)
        found += self._machines(day, max(0, round(wanted) - len(found)))
        found += self.later
        ends = day.midnight + 86_400
        self.later = [event for event in found if event.at >= ends]
        return sorted((event for event in found if event.at < ends), key=_by_time)

    def _machines(self, day: Day, quota: int) -> Iterator[Event]:
        every = machines.machines()
        shares = sum(each.share for each in every)
        for each in every:
            yield from machines.events_of(each, day, max(1, -int(-quota * each.share // shares)), self.order.seed)

    def _attacks(self, day: Day) -> Iterator[Event]:
        for name in self.order.attacks:
            described = ATTACKS[name]
            if day.number == int(described.part * self.order.days):
                attack = described.tell(day, self.order.seed)
                self.truth.attacks.append(attack)
                yield from (event for step in attack.steps for event in step.events)
                yield from attack.related


def generate(order: Order, directory: Path, progress: Callable[[int], None] = lambda _: None) -> Made:
    """Write the month's files, `truth.json` and `networks.csv`; `progress` is told each day's count of events."""
    directory.mkdir(parents=True, exist_ok=True)
    days = days_from(order.start, order.days)
    files = TrailFiles(directory, order.seed)
    telling = _Telling(order)
    total = 0
    for day, weight in zip(days, _weights(days), strict=True):
        events = telling.day(day, weight)
        for event in events:
            files.take(event)
        total += len(events)
        progress(len(events))
    for event in sorted(telling.later, key=_by_time):
        files.take(event)
    total += len(telling.later)
    files.close()
    truth.write(telling.truth, directory, _described(order, total))
    attacked = sum(len(step.events) for attack in telling.truth.attacks for step in attack.steps)
    return Made(events=total, files=files.files, bytes=files.bytes, attack_events=attacked)


def _weights(days: Sequence[Day]) -> list[float]:
    weights = [1.0 if day.is_workday else _FREE_DAY for day in days]
    return [weight / sum(weights) for weight in weights]


def _described(order: Order, total: int) -> dict[str, Any]:
    return {"seed": order.seed, "start": str(order.start), "days": order.days, "events": total}
