"""A small company whose build service's key was published: four hours of an attack, and what a responder meets then.

The story ends when it is seeded, so that its last sessions live on: with a clock at half past six its commit is from 02:14.
Everything in it is a real call to the simulated accounts; what is asked of it beside the rules is `Story`.
The same seed gives the same story, with the same ids (the tokens and secrets apart).
"""

from datetime import timedelta
from typing import Final

from sakimori.simulate.drill.attacker import Attacker, with_leaked_key
from sakimori.simulate.drill.record import Trick
from sakimori.simulate.identities import OWNER
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.leaked.company import OUTSIDE, PRODUCTION, VICTIM
from sakimori.simulate.scenarios.leaked.stage import Stage

LASTS: Final = timedelta(hours=4, minutes=16)


def seed(seeding: Seeding, tricks: frozenset[Trick] = frozenset()) -> Truth:
    """Play it; no rule's truth is known of this company."""
    stage = Stage.built(seeding, LASTS)
    decoys = stage.days()
    key = stage.company.people[PRODUCTION, VICTIM]
    stage.ends(_attacker(stage, tricks), decoys, victim=VICTIM, leaked_key=key.access_key_id)
    return {}


def _attacker(stage: Stage, tricks: frozenset[Trick]) -> Attacker:
    company = stage.company
    return with_leaked_key(
        stage.seeding.endpoint_url, company.people[PRODUCTION, VICTIM], stage.seeding.seed, stage.clock,
        pause=stage.clock.wait, own=company.people[OUTSIDE, OWNER], tricks=tricks,
    )  # fmt: skip
