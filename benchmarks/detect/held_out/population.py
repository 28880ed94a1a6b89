"""Populations: many machine callers, each with its sessions, and the calls that they make by weight."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import clock
from company import SHOP
from record import Caller, Pen, Record, credentials, fixed, key_id, principal_id, resource, service, session, user

Made = Any | Callable[[random.Random], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of call: how often, and what stands in it. Callables get the generator."""

    weight: float
    api: str
    request: Made = None
    response: Made = None
    resources: Made = None
    extra: Made = None
    data: bool = False
    errors: tuple[tuple[float, str, str], ...] = ()
    region: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A machine.

    `kind`: key (a user's), role (issued by a service), linked (a service within its role), web (by a provider's token),
    cross (from another account), chained (by a user's key), or service (an AWS service itself).
    """

    kind: str
    name: str
    role: str = ""
    account: str = SHOP
    ip: str = ""
    agent: str = ""
    issuer: str = ""
    path: str = ""
    endpoint: str = ""
    subject: str = ""
    hours: int = 1
    weight: float = 1.0

    def caller(self, when: float) -> Caller:
        """Who calls at that moment."""
        if self.kind == "service":
            return service(self.name, self.account)
        if self.kind == "key":
            identity = user(self.account, self.name, key_id(f"{self.account} {self.name} rotated", "AKIA")
                            if self.name == "sftp-batch" and when > clock.Day(16).at("10:20") else None)  # fmt: skip
            if self.ip.endswith(".com"):
                identity["invokedBy"] = self.ip
            return Caller(identity, self.account, self.ip, self.agent)
        more: Record = {"path": self.path}
        if self.kind == "web":
            more["web"] = self.issuer
        elif self.issuer == "ec2":
            more["delivery"] = "2.0"
        elif self.kind == "linked":
            more["invoked_by"] = f"{self.issuer}.amazonaws.com"
        identity = session(self.account, self.role, self.name, self.born(when), **more)
        return Caller(identity, self.account, self.ip, self.agent, endpoint=self.endpoint)

    def born(self, when: float) -> int:
        """When the session of that moment was issued."""
        slot = self.hours * 3600
        late = sum(fixed(self.role + self.name).encode()) % 240
        return clock.START + int((when - clock.START) // slot) * slot + late

    def issue(self, pen: Pen, born: int) -> Record:
        """The event by which STS gave that session out."""
        identity = self.caller(born + 1).identity
        arn = f"arn:aws:iam::{self.account}:role/{self.path}{self.role}"
        request: Record = {"roleArn": arn, "roleSessionName": self.name}
        common: Record = {
            "response": credentials(identity, born, self.hours * 3600),
            "resources": [resource(self.account, "AWS::IAM::Role", arn)],
            "region": "ap-northeast-1",
        }
        if self.kind == "web":
            provider = self.issuer.split("oidc-provider/")[1]
            who = {
                "type": "WebIdentityUser",
                "principalId": f"{self.issuer}:sts.amazonaws.com:{self.subject}",
                "userName": self.subject,
                "identityProvider": self.issuer,
            }
            caller = Caller(who, self.account, self.ip, self.agent)
            common["response"] |= {"subjectFromWebIdentityToken": self.subject, "audience": "sts.amazonaws.com",
                                   "provider": self.issuer}  # fmt: skip
            extra = {"identityProviderConnectionVerificationMethod": "IAMTrustStore", "issuer": provider}
            return pen.write(caller, born, "sts:AssumeRoleWithWebIdentity", request=request, extra=extra, **common)
        by = service(self.issuer, self.account)
        if self.kind == "chained":
            by = Caller(user(self.account, self.subject), self.account, self.ip, self.agent)
        if self.kind == "cross":
            giver = principal_id(self.issuer, self.subject)
            who = {"type": "AWSAccount", "principalId": f"{giver}:{self.name}", "accountId": self.issuer}
            by = Caller(who, self.account, self.ip, self.agent)
            request |= {"externalId": f"hinode-{self.issuer[:4]}", "durationSeconds": self.hours * 3600}
        return pen.write(by, born, "sts:AssumeRole", request=request, shared=pen.uuid(), **common)


@dataclass(frozen=True, slots=True)
class Population:
    """Actors with the same habits. `share` is of all events; `free` is how much of it remains on days off."""

    name: str
    share: float
    actors: Sequence[Actor]
    shapes: Sequence[Shape]
    hours: Sequence[int] = clock.FLAT
    free: float = 1.0
    first: int = 0
    weights: list[float] = field(default_factory=list)

    def events(self, day: clock.Day, rng: random.Random, daily: float) -> Iterator[Record]:
        """What they do on a day when `daily` events are expected of everybody."""
        pen = Pen(rng)
        factor = (1.0 if day.working else self.free) * (1.7 if day.number in clock.SALE and self.free == 1.0 else 1.0)
        count = int(daily * self.share * factor * rng.uniform(0.93, 1.07))
        shapes = rng.choices(self.shapes, [shape.weight for shape in self.shapes], k=count)
        actors = rng.choices(self.actors, [actor.weight for actor in self.actors], k=count)
        issued: dict[tuple[str, str, str, int], Actor] = {}
        for moment, shape, actor in zip(day.moments(rng, count, self.hours), shapes, actors, strict=True):
            when = moment
            if actor.kind not in {"key", "service"}:
                born = actor.born(when)
                when = max(when, born + 2)
                issued[actor.account, actor.role, actor.name, born] = actor
            yield written(pen, actor.caller(when), when, shape)
        for (*_, born), actor in issued.items():
            if actor.kind != "linked" or actor.weight >= 1:
                yield actor.issue(pen, born)


def written(pen: Pen, caller: Caller, when: float, shape: Shape) -> Record:
    """A call of that shape."""
    rng = pen.rng
    more: Record = {"request": _made(shape.request, rng)}
    if shape.response is not None:
        more["response"] = _made(shape.response, rng)
    if shape.resources is not None:
        more["resources"] = _made(shape.resources, rng)
    if shape.extra is not None:
        more["extra"] = _made(shape.extra, rng)
    for chance, code, message in shape.errors:
        if rng.random() < chance:
            if code == "denied":
                more["denied"] = message
            else:
                more["error"] = (code, message)
            break
    return pen.write(caller, when, shape.api, data=shape.data, region=shape.region, **more)


def _made(value: Made, rng: random.Random) -> Any:
    return value(rng) if callable(value) else value
