"""A kill at any moment loses nothing that was recorded, and doubles nothing where the place knows our key.

What the places received decides, not what the store says that they did.
"""

import pytest

from .killing import Toll, Torment
from .teller import ROUTES

KEYED = "bot"
NOTHING: dict[str, list[tuple[str, str]]] = {route: [] for route in ROUTES}


def holds(toll: Toll) -> None:
    assert toll.lost == NOTHING
    assert toll.invented == NOTHING
    assert toll.doubled[KEYED] == 0
    # Elsewhere a message is shown again with the same key alone.
    assert toll.doubled_otherwise == dict.fromkeys(ROUTES, 0)


@pytest.mark.slow
def test_a_few_kills_lose_and_double_nothing(place: str) -> None:
    toll = Torment(place, seed=1).run(kills=8)
    holds(toll)
    assert toll.kills == 8
    assert toll.recorded > 0


@pytest.mark.slow
def test_without_kills_and_faults_nothing_is_shown_twice_anywhere(place: str) -> None:
    torment = Torment(place, seed=2, at_once=3)
    toll = torment.run_whole(seconds=1.5)
    holds(toll)
    assert toll.doubled == dict.fromkeys(ROUTES, 0)
    assert toll.recorded > 3


@pytest.mark.slow
def test_two_hundred_kills_lose_and_double_nothing(place: str) -> None:
    """Each life takes the start of a process and some tenths of a second: minutes."""
    toll = Torment(place, seed=3).run(kills=200)
    holds(toll)
    # The test has seen what it is about: places that took something of which nobody wrote that they did.
    assert all(toll.kills_at[f"sent to {route}"] for route in ROUTES)
    assert all(toll.doubled[route] for route in set(ROUTES) - {KEYED})


@pytest.mark.slow
def test_kills_of_two_that_tell_at_once_lose_and_double_nothing(place: str) -> None:
    """A hundred lives, two at a time: a minute."""
    holds(Torment(place, seed=4, at_once=2).run(kills=100))
