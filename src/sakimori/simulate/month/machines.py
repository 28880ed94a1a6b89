"""Services and programs: what tells most events of a real trail, day and night (`data/machines.yaml`)."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Final

from sakimori.simulate.month.calendar import HOURS, Day
from sakimori.simulate.month.company import Account, the_company
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.identities import Role, of_service, service_linked
from sakimori.simulate.month.made_up import heavy, hexadecimal
from sakimori.simulate.month.sessions import Opened, Sessions, Wish
from sakimori.simulate.month.teller import Caller, Event, Teller

_ISSUERS: Final = {
    "task": "ecs-tasks.amazonaws.com", "task_execution": "ecs-tasks.amazonaws.com", "function": "lambda.amazonaws.com",
    "instance": "ec2.amazonaws.com",
}  # fmt: skip
_DELIVERED: Final = {
    "instance": ("AWS::EC2::Instance", "arn:aws:ec2:{region}:{account}:instance/{name}"),
    "function": ("AWS::Lambda::Function", "arn:aws:lambda:{region}:{account}:function:{name}"),
}
_ENDPOINT: Final = "vpce-0example1234567890"
_SERVICE_ROLES: Final = frozenset({"AWSBackupDefaultServiceRole"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Calls that come by chance, each as often as it weighs."""

    calls: tuple[str, ...]
    sums: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> "Mix":
        """From calls to their weights."""
        return cls(calls=tuple(weights), sums=tuple(accumulate(weights.values())))

    def some(self, chance: random.Random, count: int) -> list[str]:
        """So many calls."""
        return chance.choices(self.calls, cum_weights=self.sums, k=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One line of `data/machines.yaml`."""

    name: str
    kind: str
    account: Account
    region: str
    share: float
    mix: Mix
    hours: tuple[int, ...]
    calls: float
    minutes: float
    told: Mapping[str, Any]


@cache
def machines() -> tuple[Machine, ...]:
    """All of them."""
    company = the_company()
    return tuple(
        Machine(
            name=each["name"],
            kind=each["as"],
            account=company.accounts[each["account"]],
            region=each.get("region", company.home),
            share=each["share"],
            mix=Mix.of(each["mix"]),
            hours=HOURS[each["hours"]],
            calls=each.get("calls", 1),
            minutes=each.get("minutes", 1),
            told=each,
        )
        for each in data_of("machines")
    )


def events_of(machine: Machine, day: Day, quota: int, seed: int) -> Iterator[Event]:
    """At least `quota` events of a day."""
    chance = random.Random(f"{seed}/{machine.name}/{day.number}")  # noqa: S311 - a story, no secret
    teller = Teller(chance=chance)
    if machine.kind == "service":
        yield from _on_its_own(machine, day, quota, teller)
        return
    told = 0
    while told < quota:
        # A small quota is one short session; a large one many of all lengths.
        wanted = min(heavy(chance, machine.calls), max(1, quota - told))
        at = day.some_moment(machine.hours, chance)
        caller, opening = _open(machine, Sessions(teller=teller), at)
        yield from opening
        told += wanted + len(opening)
        yield from _calls(machine, caller, at, wanted, teller)


def _on_its_own(machine: Machine, day: Day, quota: int, teller: Teller) -> Iterator[Event]:
    service = machine.told["service"]
    caller = Caller(
        identity=of_service(service), account=machine.account, address=service, agent=service, region=machine.region,
        direct=False,
    )  # fmt: skip
    for call in machine.mix.some(teller.chance, quota):
        yield teller.tell(caller, call, day.some_moment(machine.hours, teller.chance))


def _calls(machine: Machine, caller: Caller, at: int, count: int, teller: Teller) -> Iterator[Event]:
    chance, length = teller.chance, machine.minutes * 60
    known = {"instance": caller.session} if machine.kind == "instance" else {}
    if machine.kind == "function":
        known["function"] = caller.session
    for moment, call in zip(
        sorted(chance.random() for _ in range(count)), machine.mix.some(chance, count), strict=True
    ):
        when = at + 1 + round(moment * length)
        scope = teller.scope(caller, when, **known) if known else None
        yield teller.tell(caller, call, when, scope=scope)


def _open(machine: Machine, sessions: Sessions, at: int) -> Opened:
    if machine.kind == "pod":
        return _pod(machine, sessions, at)
    if machine.kind == "service_linked":
        service, name = machine.told["service"], machine.told["role"]
        role = service_linked(machine.account, service, name)
        if name in _SERVICE_ROLES:
            role = Role(account=machine.account, name=name, path="service-role/")
        return sessions.by_service(service, Wish(role=role, name=machine.told["session"]), at, machine.region)
    chance = sessions.chance
    name = _session_name(machine, chance)
    wish = Wish(role=Role(account=machine.account, name=machine.told["role"]), name=name)
    caller, events = sessions.by_service(_ISSUERS[machine.kind], wish, at, machine.region)
    identity = {key: each for key, each in caller.identity.items() if key != "invokedBy"}
    if machine.kind in _DELIVERED:
        identity = delivered(machine.kind, identity, caller)
    address, endpoint = _address(machine, name, chance)
    agent = the_company().agents[machine.told["agent"]]
    return caller.elsewhere(identity=identity, address=address, agent=agent, endpoint=endpoint, direct=True), events


def _session_name(machine: Machine, chance: random.Random) -> str:
    if machine.kind == "instance":
        return chance.choice(machine.account.things["instance"])
    if machine.kind == "function":
        functions = machine.account.things["function"]
        return machine.name if machine.name in functions else chance.choice(functions[2:] or functions)
    return hexadecimal(chance, 32)


def delivered(kind: str, identity: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Credentials of an instance or a function say to which one they were given."""
    issuer, form = _DELIVERED[kind]
    to = form.format(region=caller.region, account=caller.account.id, name=caller.session)
    context = identity["sessionContext"]
    if kind == "instance":
        context = {**context, "ec2RoleDelivery": "2.0"}
    return {**identity, "sessionContext": context, "inScopeOf": {"issuerType": issuer, "credentialsIssuedTo": to}}


def _address(machine: Machine, name: str, chance: random.Random) -> tuple[str, str]:
    """Address and VPC endpoint: a machine keeps its address."""
    if machine.told["from"] == "private":
        return f"10.0.{chance.randrange(1, 8)}.{chance.randrange(4, 250)}", _ENDPOINT
    cloud = the_company().networks["cloud"]
    if machine.kind == "instance":
        return cloud.address(8 + machine.account.things["instance"].index(name)), ""
    return cloud.address(chance.randrange(3)), ""


def _pod(machine: Machine, sessions: Sessions, at: int) -> Opened:
    company = the_company()
    role = Role(account=machine.account, name=machine.told["role"])
    caller = Caller(
        identity={}, account=machine.account, address=company.networks["cloud"].address(4),
        agent=company.agents[machine.told["agent"]], region=machine.region,
    )  # fmt: skip
    provider = f"oidc.eks.{machine.region}.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
    wish = Wish(role=role, name=str(at * 1_000_000_000 + sessions.chance.randrange(1_000_000_000)))
    return sessions.by_pod(provider, machine.told["subject"], wish, at, caller)
