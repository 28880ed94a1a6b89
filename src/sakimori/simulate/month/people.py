"""Developers and administrators at their desks: pages of the console and commands, in the hours of Japan."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from sakimori.simulate.month.calendar import HOURS, Day
from sakimori.simulate.month.company import Person, the_company
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.machines import Mix
from sakimori.simulate.month.made_up import heavy
from sakimori.simulate.month.sessions import Sessions
from sakimori.simulate.month.teller import Event, Teller
from sakimori.simulate.month.who import called, place_of, portal

_ON_FREE_DAYS: Final = 0.06
"""How likely somebody works on a weekend or a holiday."""
_TYPING_ERRORS: Final = 0.05
_CONSOLE: Final = 0.55
_EXPIRED: Final = 0.02
"""How likely a command is typed after the session has ended."""
_MEDIAN: Final = {True: 34, False: 11}
"""Calls of a session, in the console and on the command line."""
_LONGEST: Final = 900
_OVER: Final = 8 * 3600 + 120


def events_of(day: Day, share: float, seed: int) -> Iterator[Event]:
    """What people do on a day; `share` is how much of the month is over."""
    for person in the_company().people.values():
        if person.since <= share:
            yield from _day_of(person, day, share, seed)


def _day_of(person: Person, day: Day, share: float, seed: int) -> Iterator[Event]:
    chance = random.Random(f"{seed}/{person.name}/{day.number}")  # noqa: S311 - a story, no secret
    if not day.is_workday and chance.random() > _ON_FREE_DAYS:
        return
    sessions = Sessions(teller=Teller(chance=chance))
    count = max(1, round(chance.gauss(person.sessions, 1.0))) if day.is_workday else 1
    shift = round(person.early * 3600)
    begins = sorted(day.some_moment(HOURS["desk"], chance) + shift for _ in range(count))
    where = _where(person, chance, share)
    place = place_of({**where, "agent": person.browser, "console": True}, "management", sessions)
    if where["from"] == "homes":
        place = place.elsewhere(address=person.home_address)
    yield from portal(person, sessions, begins[0] - 90, place, fails=1 if chance.random() < _TYPING_ERRORS else 0)
    for at in begins:
        yield from _session(person, sessions, at, where)


def _where(person: Person, chance: random.Random, share: float) -> dict[str, Any]:
    if person.away and person.away[0] <= share <= person.away[1]:
        return {"from": "hotel", "number": 7}
    if chance.random() < person.home_ratio:
        return {"from": "homes"}
    return {"from": "office", "number": chance.randrange(2)}


def _session(person: Person, sessions: Sessions, at: int, where: dict[str, Any]) -> Iterator[Event]:
    chance = sessions.chance
    accounts = list(person.sets)
    # The first account of a person is the one they mostly work in.
    account = accounts[min(int(chance.expovariate(1.2)), len(accounts) - 1)]
    console = chance.random() < _CONSOLE
    who = {"sso": person.name, "in": account, "console": console, **where}
    caller, opening = called(who, sessions, at)
    yield from opening
    count = min(heavy(chance, _MEDIAN[console], 1.0), _LONGEST)
    when = at + 5
    for call in _mix(person.part, account, "console" if console else "cli").some(chance, count):
        # Pages ask at once; people read between them.
        when += 0 if console and chance.random() < 0.6 else 1 + round(chance.expovariate(1 / 25))  # noqa: PLR2004
        yield sessions.teller.tell(caller, call, when)
    if not console and chance.random() < _EXPIRED:
        yield sessions.teller.tell(caller, "sts:GetCallerIdentity!ExpiredToken", at + _OVER)


@cache
def _mix(part: str, account: str, way: str) -> Mix:
    return Mix.of(data_of("people")[part][account][way])
