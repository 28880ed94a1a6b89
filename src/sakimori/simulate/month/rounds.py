"""What comes round: vendors that look, builds that plan and apply, reports (`data/rounds.yaml`)."""

import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sakimori.simulate.month.calendar import HOURS, Day
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.machines import Mix
from sakimori.simulate.month.script import played
from sakimori.simulate.month.sessions import Sessions
from sakimori.simulate.month.teller import Event, Teller
from sakimori.simulate.month.who import called


def events_of(day: Day, fullness: float, seed: int) -> Iterator[Event]:
    """All rounds of a day; `fullness` is how many of the calls of a full month there are."""
    for described in data_of("rounds"):
        if _is_on(described["days"], day):
            chance = random.Random(f"{seed}/{described['name']}/{day.number}")  # noqa: S311 - a story, no secret
            sessions = Sessions(teller=Teller(chance=chance))
            for at in _moments(described, day, chance, fullness):
                yield from _round(described, at, sessions, fullness)


def _is_on(days: str, day: Day) -> bool:
    if days == "monday":
        return day.date.weekday() == 0
    if days == "first":
        return day.date.day == 1 or day.number == 0
    return days == "every" or day.is_workday


def _moments(described: Mapping[str, Any], day: Day, chance: random.Random, fullness: float) -> list[int]:
    if "times" in described:
        count = max(1, round(described["times"] * min(1.0, fullness) * chance.uniform(0.6, 1.4)))
        return sorted(day.some_moment(HOURS["desk"], chance) for _ in range(count))
    hours = described["hours"]
    if fullness < 1 and len(hours) > 1:
        hours = hours[:: max(1, round(1 / max(fullness, 0.01) / 4))]
    return [day.at(hour) + chance.randrange(300) for hour in hours]


def _round(described: Mapping[str, Any], at: int, sessions: Sessions, fullness: float) -> Iterator[Event]:
    chance = sessions.chance
    caller, opening = called(described["who"], sessions, at)
    yield from opening
    count = max(1, round(described["calls"] * min(1.0, fullness) * chance.uniform(0.85, 1.15)))
    calls = _mix(described["name"]).some(chance, count)
    length = described["minutes"] * 60
    regions = described.get("regions")
    for number, call in enumerate(calls):
        region = regions[number * len(regions) // count] if regions else ""
        when = at + 2 + number * length // count
        # A caller asks each region's endpoint.
        by = caller.elsewhere(region=region) if region else caller
        yield sessions.teller.tell(by, call, when)
    if chance.random() < described.get("change_ratio", 0.0):
        yield from played(sessions.teller, caller, at + length + 8, chance.choice(described["changes"]))


@cache
def _mix(name: str) -> Mix:
    return next(Mix.of(each["mix"]) for each in data_of("rounds") if each["name"] == name)
