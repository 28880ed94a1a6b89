"""What happens a few times in a month, looks bad to some rule, and is all right (`data/stories.yaml`)."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from sakimori.simulate.month.calendar import Day
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.script import played
from sakimori.simulate.month.sessions import Sessions
from sakimori.simulate.month.teller import Event, Teller
from sakimori.simulate.month.who import called


def events_of(day: Day, count: int, seed: int) -> Iterator[tuple[str, Event]]:
    """The stories of a day of so many, each event with its story's name."""
    for described in data_of("stories"):
        days = {int(part * count) for part in described["at"]}
        if day.number in days:
            chance = random.Random(f"{seed}/{described['name']}/{day.number}")  # noqa: S311 - a story, no secret
            yield from ((described["name"], event) for event in _told(described, day, chance))


def _told(described: Mapping[str, Any], day: Day, chance: random.Random) -> Iterator[Event]:
    sessions = Sessions(teller=Teller(chance=chance))
    at = day.at(described["hour"]) + chance.randrange(1500)
    caller, opening = called(described["who"], sessions, at)
    yield from opening
    scope = sessions.teller.scope(caller, at + 10, **described.get("with", {}))
    yield from played(sessions.teller, caller, at + 10, described["steps"], scope)
