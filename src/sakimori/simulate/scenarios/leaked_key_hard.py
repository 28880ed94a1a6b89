"""The leaked key in worse hands: a second factor, roles that are assumed from outside, and new keys while the responder works."""

from sakimori.simulate.drill.record import Trick
from sakimori.simulate.scenarios import leaked_key
from sakimori.simulate.scenarios.form import Seeding, Truth


def seed(seeding: Seeding) -> Truth:
    """The same story with every trick."""
    return leaked_key.seed(seeding, frozenset(Trick))
