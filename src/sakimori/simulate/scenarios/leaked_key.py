"""A small company whose build service's key was published: four hours of an attack, and what a responder meets then.

The story ends when it is seeded, so that its last sessions live on: with a clock at half past six its commit is from 02:14.
Everything in it is a real call to the simulated accounts; what is asked of it beside the rules is `Story`.
The same seed gives the same story, with the same ids (the tokens and secrets apart).
"""

import random
from datetime import timedelta
from typing import Final

from moto.moto_api._internal import mock_random

from sakimori.simulate.clock import StoryClock
from sakimori.simulate.drill.attacker import Attacker
from sakimori.simulate.drill.hand import Bench, Hand
from sakimori.simulate.drill.record import Trick
from sakimori.simulate.identities import OWNER
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.leaked.access_log import write_access_log
from sakimori.simulate.scenarios.leaked.company import OUTSIDE, PRODUCTION, VICTIM, Company, found
from sakimori.simulate.scenarios.leaked.decoys import Days
from sakimori.simulate.scenarios.leaked.story import OFFICE_ADDRESS, Story

LASTS: Final = timedelta(hours=4, minutes=16)
_FIRST: Final = (
    ("iam", "list_users"), ("sts", "get_caller_identity"), ("s3", "list_buckets"), ("ec2", "describe_addresses"),
    ("cloudtrail", "describe_trails"), ("cloudwatch", "describe_alarms"), ("guardduty", "list_detectors"),
    ("lambda", "list_functions"), ("ses", "list_identities"), ("elasticbeanstalk", "describe_applications"),
)  # fmt: skip
_NAMES: Final = ("production", "development", "management", "outside")


def seed(seeding: Seeding, tricks: frozenset[Trick] = frozenset()) -> Truth:
    """Play it; no rule's truth is known of this company."""
    clock = seeding.clock
    if not isinstance(clock, StoryClock):
        raise TypeError(clock)
    ends_at, speed = seeding.as_of, clock.speed
    clock.run(0)
    began_at = (ends_at - LASTS).replace(microsecond=0)
    clock.set(began_at - timedelta(days=30))
    owner = Hand(
        bench=Bench(seeding.endpoint_url), credentials=seeding.credentials, address=OFFICE_ADDRESS, agent="-", chance=random.Random(0)  # noqa: S311 - a story, no secret
    )  # fmt: skip
    for service, method in _FIRST:
        # What moto loads at a service's first call takes from its dice.
        owner.does(service, method)
    mock_random.seed(f"{seeding.seed}/ids")
    company = found(seeding)
    for state in seeding.states:
        state.history.forget_calls()
    chance = random.Random(f"{seeding.seed}/days")  # noqa: S311 - a story, no secret
    decoys = Days(company=company, clock=clock, began_at=began_at, chance=chance).pass_by()
    clock.set(began_at)
    attacker = _attacker(company, seeding, clock, tricks)
    attack = attacker.attack()
    logs, source = company.buckets["access-logs"], company.buckets["data"]
    key = write_access_log(seeding.states[PRODUCTION], source, logs, began_at - timedelta(days=2))
    told_at = clock()
    clock.set(max(ends_at, told_at))
    attacker.hush()
    for state in seeding.states:
        state.history.keep_calls()
    clock.run(speed)
    mock_random.seed()
    seeding.story = Story(
        seed=seeding.seed, began_at=began_at, ended_at=told_at, accounts=dict(zip(_NAMES, company.ids, strict=True)),
        victim=VICTIM, leaked_key=company.people[PRODUCTION, VICTIM].access_key_id, planted=attack.planted,
        held=attack.held, roles=attack.roles, decoys=decoys, empty_calls=attack.empty_calls, access_log=(logs, key),
        attacker=attacker,
    )  # fmt: skip
    return {}


def _attacker(company: Company, seeding: Seeding, clock: StoryClock, tricks: frozenset[Trick]) -> Attacker:
    return Attacker(
        seeding.endpoint_url, company.people[PRODUCTION, VICTIM], seeding.seed, clock, pause=clock.wait,
        own=company.people[OUTSIDE, OWNER], tricks=tricks,
    )  # fmt: skip
