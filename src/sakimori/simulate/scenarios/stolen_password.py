"""The same small company, whose administrator has no second factor: the password is stolen, and used from abroad.

The administrator works on meanwhile, from the office, with the own key and by the same roles: what comes from there is legitimate.
"""

import random
from datetime import timedelta
from functools import partial
from typing import Final

from sakimori.simulate.console import SignIn, sign_in
from sakimori.simulate.drill.attacker import Attacker
from sakimori.simulate.drill.hand import Bench, Hand
from sakimori.simulate.drill.theft import BROWSER, Password, Theft, new_password
from sakimori.simulate.identities import OWNER, Credentials
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.leaked.company import ADMIN, DEVELOPER, OUTSIDE, PRODUCTION, Company
from sakimori.simulate.scenarios.leaked.stage import Stage
from sakimori.simulate.scenarios.leaked.story import OFFICE_ADDRESS

LASTS: Final = timedelta(hours=2, minutes=50)
_OFFICE_BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"  # fmt: skip
_DAYS: Final = 10


def seed(seeding: Seeding) -> Truth:
    """Play it; no rule's truth is known of this company."""
    chance = random.Random(f"{seeding.seed}/stolen-password")  # noqa: S311 - a story, no secret
    password = new_password(chance)
    stage = Stage.built(seeding, LASTS, partial(_passwords, stolen=password))
    _works_at_console(stage, password)
    decoys = stage.days()
    stage.ends(_thief(stage, chance, password), decoys, victim=ADMIN)
    return {}


def _passwords(company: Company, stolen: str) -> None:
    owner = company.owner(PRODUCTION)
    owner.does("iam", "create_login_profile", UserName=ADMIN, Password=stolen)
    owner.does("iam", "create_login_profile", UserName=DEVELOPER, Password=f"Own-{len(stolen)}-of-the-developer!")


def _works_at_console(stage: Stage, password: str) -> None:
    """The administrator's own mornings."""
    for day in range(_DAYS, 0, -1):
        stage.clock.set(stage.began_at - timedelta(days=day, hours=3))
        told = SignIn(user=ADMIN, password=password, address=OFFICE_ADDRESS, agent=_OFFICE_BROWSER)
        for credentials in sign_in(stage.seeding.states[PRODUCTION], told):
            hand = _hand(stage, credentials, random.Random(day), OFFICE_ADDRESS, _OFFICE_BROWSER)  # noqa: S311 - a story
            hand.does("ec2", "describe_instances")
            hand.does("iam", "list_users")


def _thief(stage: Stage, chance: random.Random, password: str) -> Attacker:
    company = stage.company
    nothing = Credentials(access_key_id="-", secret_access_key="-")  # noqa: S106 - a password is no key
    address = f"203.0.113.{chance.randrange(100, 250)}"
    return Attacker(
        Theft(
            leaked=_hand(stage, nothing, chance, address, BROWSER), chance=chance, clock=stage.clock,
            own=company.people[OUTSIDE, OWNER], victim=ADMIN, other=DEVELOPER, passwords={ADMIN: Password(text=password)},
            sign_in=partial(sign_in, stage.seeding.states[PRODUCTION]),
        ),
        stage.clock,
    )  # fmt: skip


def _hand(stage: Stage, credentials: Credentials, chance: random.Random, address: str, agent: str) -> Hand:
    return Hand(
        bench=Bench(stage.seeding.endpoint_url), credentials=credentials, address=address, agent=agent, chance=chance,
        pause=stage.clock.wait,
    )  # fmt: skip
