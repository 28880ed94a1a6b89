"""A place that takes messages, or does not, as a test says; and a clock that the test sets."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, select

from sakimori.findings.inbox_tables import MESSAGE
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt, Channel, DeliveryError, FailureKind
from sakimori.outputs.notify.delivery import Delivery
from sakimori.outputs.notify.hours import Hours
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.outputs.notify.outbox import message_key, put
from sakimori.outputs.notify.route import Route
from sakimori.state.store import Store

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

LATER = DeliveryError(FailureKind.LATER, "place: not now")
NEVER = DeliveryError(FailureKind.NEVER, "place: no such channel")


def asked_to_wait(seconds: float) -> DeliveryError:
    return DeliveryError(FailureKind.LATER, "place: too many", seconds)


@dataclass(slots=True)
class Clock:
    """Time in a test: it passes when somebody sleeps, or is set."""

    at: datetime = NOON
    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class Place:
    """A channel: `answers` are what the next sends get (None: taken), then everything is taken."""

    answers: list[DeliveryError | None] = field(default_factory=list)
    always: DeliveryError | None = None
    is_keyed: bool = False
    seconds_between: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)
    taken: list[Attempt] = field(default_factory=list)
    before: Callable[[Attempt], object] = lambda _attempt: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, attempt: Attempt) -> str:
        with self.lock:
            self.attempts.append(attempt)
        self.before(attempt)
        answer = self.answers.pop(0) if self.answers else self.always
        if answer is not None:
            raise answer
        with self.lock:
            self.taken.append(attempt)
        return f"reference of {attempt.message.key}"

    def headlines(self) -> list[str]:
        return [each.message.headline for each in self.taken]


def route(name: str, **changes: Any) -> Route:
    return replace(Route(name=name, kind="test", language="en", hours=Hours(zone=ZoneInfo("Asia/Tokyo"))), **changes)


def told(headline: str, **changes: Any) -> Message:
    """A message; its key is of its headline."""
    given: dict[str, Any] = {
        "key": message_key(headline), "kind": MessageKind.CASE, "severity": Severity.MEDIUM, "language": "en",
        "headline": headline, "made_at": NOON,
    }  # fmt: skip
    return Message(**(given | changes))


def wait_for(store: Store, name: str, *messages: Message, not_before: datetime | None = None) -> None:
    """Put them into the outbox of a route."""
    with store.begin() as connection:
        for each in messages:
            assert put(connection, name, each, not_before or each.made_at)


def delivery(store: Store, clock: Clock, places: Mapping[str, Channel], routes: Iterable[Route] = ()) -> Delivery:
    """Of these routes, or of one route for each place."""
    known = {each.name: each for each in routes} or {name: route(name) for name in places}
    return Delivery(store, known, places.get, clock, sleep=clock.sleep, monotonic=clock.monotonic)


def rows(store: Store) -> list[RowMapping]:
    with store.read() as connection:
        return list(connection.execute(select(MESSAGE).order_by(MESSAGE.c.number)).mappings())


def states(store: Store) -> dict[str, str]:
    """By the route and the key's first digits; the state."""
    return {f"{row['route']} {row['key'][:4]}": row["state"] for row in rows(store)}
