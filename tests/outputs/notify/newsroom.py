"""A store, some routes and a clock that the test moves: what is recorded, planned and sent, and what stands in the outbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from tests.findings.test_detections import detection

from sakimori.findings.detections import record_detections
from sakimori.findings.inbox import Quiet
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.model.detection import Detection
from sakimori.model.words import Severity
from sakimori.outputs.notify.outbox import due, has_arrived
from sakimori.outputs.notify.planning import Planning
from sakimori.outputs.notify.rounds import Pulse, digest_now, go_round
from sakimori.outputs.notify.route import Route
from sakimori.outputs.notify.route_entries import parse_notify
from sakimori.state.store import Store

NOON = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
"""A Wednesday, noon in Japan."""
NIGHT = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
"""Eleven in the evening of that day."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLACK = {"kind": "slack", "name": "chat", "webhook": "env:FAKE", "heartbeat": False}
MAIL = {"kind": "mail", "name": "mail", "host": "127.0.0.1", "from": "a@example.com", "to": "b@example.com", "heartbeat": False}  # fmt: skip


def routes(*entries: dict[str, Any], **shared: Any) -> tuple[Route, ...]:
    return parse_notify({"route": list(entries), **shared}).routes


def jst(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


def act(who: str = "alice", severity: Severity = Severity.HIGH, at: datetime = NOON, **more: Any) -> Detection:
    principal = f"arn:aws:iam::111122223333:user/{who}" if who else ""
    return detection(principal=principal, severity=severity, first_at=at, last_at=more.pop("last_at", at), **more)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the outbox."""

    row: Any
    body: Any

    @property
    def kind(self) -> str:
        return str(self.row["kind"])

    @property
    def state(self) -> str:
        return str(self.row["state"])

    @property
    def due(self) -> datetime:
        at: datetime = self.row["not_before"]
        return at

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases that it names, of a summary all that it lists."""
        listed = [each["case"] for each in self.body["data"].get("cases", [])]
        return (*([self.row["case_id"]] if self.row["case_id"] else []), *listed, *self.body["data"].get("more", []))

    @property
    def news(self) -> tuple[str, ...]:
        return tuple(self.body["data"].get("news", ()))


@dataclass
class Newsroom:
    """Records, plans and sends at `now`."""

    store: Store
    routes: tuple[Route, ...] = field(default_factory=lambda: routes(SLACK))
    now: datetime = NOON
    quiet: Quiet = field(default_factory=Quiet)
    names: dict[str, str] = field(default_factory=dict)

    def record(self, *found: Detection) -> None:
        record_detections(self.store, found, self.now)

    def plan(self) -> None:
        while True:
            with self.store.begin() as connection:
                planning = Planning(connection, self.routes, self.now, self.quiet, self.names)
                if not planning.consider():
                    go_round(planning, lambda: Pulse(events=5, accounts=1, regions=2, detections=3, runs=4))
                    return

    def tell(self, *found: Detection) -> None:
        """Record and plan."""
        self.record(*found)
        self.plan()

    def send(self) -> tuple[str, ...]:
        """Let what is due arrive; the keys in their order."""
        sent: list[str] = []
        for route in self.routes:
            while True:
                with self.store.begin() as connection:
                    numbers = due(connection, self.now, route.name).get(route.name, ())
                    if not numbers:
                        break
                    key = connection.execute(select(MESSAGE.c.key).where(MESSAGE.c.number == numbers[0])).scalar_one()
                    has_arrived(connection, numbers[0], f"ts-{numbers[0]}", self.now)
                    sent.append(key)
        return tuple(sent)

    def begin_to_send(self) -> None:
        """As a process does that is killed before it hears whether its message was taken."""
        with self.store.begin() as connection:
            connection.execute(update(MESSAGE).values(tries=1, tried_at=self.now))

    def after(self, span: timedelta) -> "Newsroom":
        self.now += span
        return self

    def digest(self, route: str = "chat") -> bool:
        with self.store.begin() as connection:
            planning = Planning(connection, self.routes, self.now, self.quiet, self.names)
            return digest_now(planning, next(each for each in self.routes if each.name == route))

    def messages(self, route: str = "chat", *kinds: str) -> list[Line]:
        query = select(MESSAGE).where(MESSAGE.c.route == route).order_by(MESSAGE.c.number)
        with self.store.read() as connection:
            found = [Line(row, json.loads(row["body"])) for row in connection.execute(query).mappings()]
        return [each for each in found if (not kinds or each.kind in kinds) and each.state != "dropped"]

    def kinds(self, route: str = "chat") -> list[str]:
        return [each.kind for each in self.messages(route)]

    def waiting_lines(self, route: str = "chat") -> list[str]:
        query = select(DIGEST_LINE.c.list).where(DIGEST_LINE.c.route == route).order_by(DIGEST_LINE.c.case_id)
        with self.store.read() as connection:
            return list(connection.execute(query).scalars())

    def cases(self) -> list[Any]:
        with self.store.read() as connection:
            return list(connection.execute(select(CASE).order_by(CASE.c.id)).mappings())

    def hush(self, *words: str, in_digest: bool = False) -> None:
        """Suppress all detections of these principals; none ends every suppression."""

        def of(told: Any) -> str:
            return "quiet-1" if any(told.principal.endswith(f"/{word}") for word in words) else ""

        self.quiet = Quiet(of, lambda _rule: True, lambda _suppression: in_digest) if words else Quiet()


def many(
    count: int, severity: Severity = Severity.HIGH, at: datetime = NOON, name: str = "user"
) -> Sequence[Detection]:
    return [act(f"{name}-{number}", severity, at) for number in range(count)]


def more_of(told: Detection, **changes: Any) -> Detection:
    return replace(told, **changes)
