"""An attack as it is told: calls one after another, each of which is a step of the truth."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import clock
from company import SHOP, Person
from record import Caller, Pen, Record, credentials, resource, session, user

OUTSIDE: Final = "935500000077"  # an account of the attackers
OUTSIDE_TOO: Final = "936600000088"
SCENARIOS: Final[dict[str, Callable[["Story"], None]]] = {}
ADMIN_POLICY: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ALL: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class Story:
    """One attack, with a clock that runs on from call to call."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.rng = random.Random(f"{seed} attack {name}")
        self.pen = Pen(self.rng)
        self.now: float = clock.START
        self.pace = (3.0, 25.0)
        self.records: list[Record] = []
        self.steps: list[Record] = []

    def at(self, day: int, time: str, pace: tuple[float, float] = (3.0, 25.0)) -> None:
        """Go to a moment, by the clock in Japan."""
        self.now, self.pace = clock.Day(day).at(time) + self.rng.random() * 300, pace

    def do(self, step: str, caller: Caller, api: str, **more: Any) -> Record:
        """A call."""
        record = self.pen.write(caller, self.now, api, **more)
        self.records.append(record)
        self.steps.append({"event_id": record["eventID"], "step": step})
        self.now += self.rng.uniform(*self.pace)
        return record

    def several(self, step: str, caller: Caller, calls: Sequence[tuple[str, Any]], **more: Any) -> None:
        for api, request in calls:
            self.do(step, caller, api, request=request, **more)

    def assume(self, step: str, caller: Caller, role: str, name: str, **more: Any) -> Caller:
        """Take a role of the same account or, with `account`, of another; the caller within it."""
        account = more.get("account", caller.account)
        arn = f"arn:aws:iam::{account}:role/{role}"
        identity = session(account, role, name, self.now)
        request = {"roleArn": arn, "roleSessionName": name, **more.get("request", {})}
        held = [resource(account, "AWS::IAM::Role", arn)]
        shared = self.pen.uuid()
        answer = credentials(identity, self.now)
        foreign = {"type": "AWSAccount", "principalId": caller.identity["principalId"], "accountId": caller.account}
        if account != caller.account:
            target = Caller(foreign, account, caller.ip, caller.agent)
            self.do(step, target, "sts:AssumeRole", request=request, response=answer, resources=held, shared=shared)
        else:
            self.do(step, caller, "sts:AssumeRole", request=request, response=answer, resources=held)
        return Caller(identity, account, caller.ip, caller.agent)

    def truth(self) -> Record:
        times = [record["eventTime"] for record in self.records]
        who = {record["userIdentity"].get("arn") or record["userIdentity"].get("principalId") or
               record["userIdentity"].get("accountId", "") for record in self.records}  # fmt: skip
        return {"start": min(times), "end": max(times), "principals": sorted(who), "steps": self.steps}


def scenario(tell: Callable[[Story], None]) -> Callable[[Story], None]:
    SCENARIOS[tell.__name__] = tell
    return tell


def stolen(name: str, ip: str, agent: str, account: str = SHOP) -> Caller:
    """A user's long-lived key in other hands."""
    return Caller(user(account, name), account, ip, agent)


def hijacked(person: Person, created: float, ip: str, agent: str) -> Caller:
    """A session of the console in other hands."""
    inside = person.console(0, created)
    return Caller(inside.identity, person.account, ip, agent, console=True)


def new_id(story: Story, prefix: str) -> str:
    return f"{prefix}-0{story.rng.getrandbits(64):016x}"
