"""The company: its accounts, people, networks, and the things that stand in its accounts; the same for every month."""

import ipaddress
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.made_up import base32, hexadecimal, uuid

_IDS: Final = {
    "instance": "i-0", "vpc": "vpc-0", "subnet": "subnet-0", "group": "sg-0", "volume": "vol-0", "image": "ami-0",
    "interface": "eni-0", "snapshot": "snap-0", "balancer": "", "target": "",
}  # fmt: skip
"""How the ids of the things that have no names begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the organisation: `things` are its names and ids by kind."""

    key: str
    id: str
    things: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`sets`: account to permission set; `sessions`: how many a workday has; `early`: hours after the others.

    `since`: which part of the month was over when they came; `away`: from when to when they are abroad.
    """

    name: str
    part: str
    sets: Mapping[str, str]
    sessions: float
    early: float
    browser: str
    home_ratio: float
    user_id: str
    home_address: str
    since: float = 0.0
    away: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Addresses of one owner, as a table of countries and networks has them."""

    name: str
    network: str
    country: str
    asn: int
    owner: str

    def address(self, number: int) -> str:
        """One of its addresses; the same number gives the same."""
        found = ipaddress.ip_network(self.network)
        return str(found[1 + number % (found.num_addresses - 2)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """All of it."""

    accounts: Mapping[str, Account]
    people: Mapping[str, Person]
    networks: Mapping[str, Network]
    agents: Mapping[str, str]
    sources: Mapping[str, str]
    global_services: frozenset[str]
    organization: str
    domain: str
    identity_store: str
    home: str
    users: Mapping[str, tuple[str, ...]]

    def region_of(self, action: str, wished: str) -> str:
        """Where an event is told: services with one endpoint for all have one region for it."""
        return "us-east-1" if action.partition(":")[0] in self.global_services else wished

    def source_of(self, action: str) -> str:
        """The `eventSource` of an action."""
        prefix = action.partition(":")[0]
        return f"{self.sources.get(prefix, prefix)}.amazonaws.com"

    def unique_id(self, prefix: str, *names: str) -> str:
        """The id that IAM gave somebody (AIDA…, AROA…): it ends in EXAMPLE, and is the same every time."""
        return f"{prefix}{base32(random.Random('/'.join(names)), 10)}EXAMPLE"  # noqa: S311 - a story, no secret

    def key_of(self, account: str, user: str) -> str:
        """The long-lived access key of a user."""
        return f"AKIA{base32(random.Random(f'{account}/{user}/key'), 9)}EXAMPLE"  # noqa: S311


@cache
def the_company() -> Company:
    """The company that `data/company.yaml` describes."""
    data = data_of("company")
    networks = {each["name"]: Network(**each) for each in data["networks"]}
    chance = random.Random("company")  # noqa: S311
    return Company(
        accounts={key: _account(key, each, data["things"][key]) for key, each in data["accounts"].items()},
        people={
            each["name"]: Person(**each, user_id=uuid(chance), home_address=networks["homes"].address(number * 5 + 3))
            for number, each in enumerate(data["people"])
        },
        networks=networks,
        agents=data["agents"],
        sources=data["sources"],
        global_services=frozenset(data["global_services"]),
        organization=data["organization"],
        domain=data["domain"],
        identity_store=data["identity_store"],
        home=data["home"],
        users={key: tuple(names) for key, names in data["users"].items()},
    )


def _account(key: str, described: Mapping[str, str], things: Mapping[str, Any]) -> Account:
    chance = random.Random(f"things of {key}")  # noqa: S311
    made = {kind: tuple(_made(kind, chance) for _ in range(count)) for kind, count in things["counts"].items()}
    named = {kind: tuple(names) for kind, names in things.items() if kind != "counts"}
    return Account(key=key, id=described["id"], things={**named, **made})


def _made(kind: str, chance: random.Random) -> str:
    return uuid(chance) if kind == "key" else f"{_IDS[kind]}{hexadecimal(chance, 16)}"
