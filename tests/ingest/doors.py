"""The door of a simulated account, and what may stand before a door: somebody who refuses single calls."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.door import Door
from sakimori.aws.open_session import OpenSession
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.model.words import GapKind
from sakimori.simulate.server import SimulatedAccount

HOME = "us-east-1"
TOKYO = "ap-northeast-1"


class Time:
    """A clock that only sleeping moves, so that no test waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep, chance=lambda: 0.5)


def door_of(
    account: SimulatedAccount, name: str = "owner", *, regions: tuple[str, ...] = (HOME,), time: Time | None = None
) -> BotoDoor:
    """The account as this user may enter it; without a time of its own its repetitions take none."""
    key = account.credentials(name)
    session = boto3.Session(
        aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret_access_key, region_name=HOME
    )
    return open_account(
        OpenSession.of_boto3(session),
        regions=regions,
        settings=DoorSettings(endpoint_url=account.endpoint_url, transient_tries=2),
        clock=(time or Time()).clock(),
    )


Refusing = Callable[[str, str, Mapping[str, object]], Refusal | None]


class Guarded:
    """A door before which somebody stands: what `refusing` gives for a call is raised, everything is remembered."""

    def __init__(self, door: Door, refusing: Refusing = lambda *_: None) -> None:
        self.account = door.account
        self.refusals: tuple[Refusal, ...] = ()
        self.refusing = refusing
        self.asked: list[tuple[str, str, dict[str, object]]] = []
        self._door = door

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self._ask(operation, region, parameters)
        return self._door.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        self._ask(operation, region, parameters)
        yield from self._door.pages(operation, region, parameters)

    def _ask(self, operation: str, region: str, parameters: Mapping[str, object]) -> None:
        self.asked.append((operation, region, dict(parameters)))
        if refusal := self.refusing(operation, region, parameters):
            raise refusal

    def count(self, operation: str) -> int:
        return sum(asked == operation for asked, _, _ in self.asked)


def denied(call: str, message: str = "no", code: str = "AccessDenied") -> Refusal:
    return Refusal(call=call, kind=GapKind.DENIED, code=code, message=message)
