"""The stage of a story: the company, its ordinary days, and the clock that goes back before them and ends at the present."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from moto.moto_api._internal import mock_random

from sakimori.simulate.clock import StoryClock
from sakimori.simulate.drill.attacker import Attacker
from sakimori.simulate.drill.hand import Bench, Hand
from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.leaked.access_log import write_access_log
from sakimori.simulate.scenarios.leaked.company import PRODUCTION, Company, found
from sakimori.simulate.scenarios.leaked.decoys import Days
from sakimori.simulate.scenarios.leaked.story import OFFICE_ADDRESS, Decoy, Story

_FIRST: Final = (
    ("iam", "list_users"), ("sts", "get_caller_identity"), ("s3", "list_buckets"), ("ec2", "describe_addresses"),
    ("cloudtrail", "describe_trails"), ("cloudwatch", "describe_alarms"), ("guardduty", "list_detectors"),
    ("lambda", "list_functions"), ("ses", "list_identities"), ("elasticbeanstalk", "describe_applications"),
)  # fmt: skip
_NAMES: Final = ("production", "development", "management", "outside")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a story of so long a time is played: `ends_at` is the present, `began_at` the beginning of the attack."""

    seeding: Seeding
    clock: StoryClock
    company: Company
    began_at: datetime
    ends_at: datetime
    speed: float
    set_up_at: float

    @classmethod
    def built(cls, seeding: Seeding, lasts: timedelta, furnish: Callable[[Company], None] | None = None) -> "Stage":
        """The company as it was a month before; `furnish` adds to it. Of that nothing is told later."""
        clock = seeding.clock
        if not isinstance(clock, StoryClock):
            raise TypeError(clock)
        ends_at, speed, set_up_at = clock(), clock.speed, time.monotonic()
        clock.run(0)
        began_at = (ends_at - lasts).replace(microsecond=0)
        clock.set(began_at - timedelta(days=30))
        owner = Hand(
            bench=Bench(seeding.endpoint_url), credentials=seeding.credentials, address=OFFICE_ADDRESS, agent="-", chance=random.Random(0)  # noqa: S311 - a story, no secret
        )  # fmt: skip
        for service, method in _FIRST:
            # What moto loads at a service's first call takes from its dice.
            owner.does(service, method)
        mock_random.seed(f"{seeding.seed}/ids")
        company = found(seeding)
        if furnish:
            furnish(company)
        for state in seeding.states:
            state.history.forget_calls()
        return cls(
            seeding=seeding,
            clock=clock,
            company=company,
            began_at=began_at,
            ends_at=ends_at,
            speed=speed,
            set_up_at=set_up_at,
        )

    def days(self) -> tuple[Decoy, ...]:
        """The company's days pass by; what they left is legitimate."""
        chance = random.Random(f"{self.seeding.seed}/days")  # noqa: S311 - a story, no secret
        return Days(company=self.company, clock=self.clock, began_at=self.began_at, chance=chance).pass_by()

    def ends(self, attacker: Attacker, decoys: tuple[Decoy, ...], **told: Any) -> None:
        """The attack is played, and the story told up to the present; `told` are fields of it that only one kind has."""
        seeding, clock, company = self.seeding, self.clock, self.company
        clock.set(self.began_at)
        attack = attacker.attack()
        logs, source = company.buckets["access-logs"], company.buckets["data"]
        key = write_access_log(seeding.states[PRODUCTION], source, logs, self.began_at - timedelta(days=2))
        told_at = clock()
        # A responder's own clock went on meanwhile: sessions that are opened from now on must not seem older than its cutoffs.
        meanwhile = timedelta(seconds=(time.monotonic() - self.set_up_at) * self.speed)
        clock.set(max(self.ends_at + meanwhile, told_at))
        attacker.hush()
        for state in seeding.states:
            state.history.keep_calls()
        clock.run(self.speed)
        mock_random.seed()
        seeding.story = Story(
            seed=seeding.seed, began_at=self.began_at, ended_at=told_at, accounts=dict(zip(_NAMES, company.ids, strict=True)),
            planted=attack.planted, held=attack.held, roles=attack.roles, decoys=decoys, empty_calls=attack.empty_calls,
            access_log=(logs, key), attacker=attacker, **told,
        )  # fmt: skip
