"""One life of a program that records detections and tells of them: it ends by a kill, from outside or at a chosen point.

What it recorded it says through a pipe, after the transaction is over. Its clock runs faster than time, so that pauses and
storms pass; nothing else is other than in `sakimori watch --notify`.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from sakimori.findings.detections import record_detections
from sakimori.findings.inbox import Quiet
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.model.detection import Detection
from sakimori.model.triage import MessageState
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.outputs.notify.channel import Attempt, Channel
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.delivery import Delivery
from sakimori.outputs.notify.hours import Hours
from sakimori.outputs.notify.mail_address import mail_address
from sakimori.outputs.notify.mail_form import MailPlace
from sakimori.outputs.notify.planning import Planning
from sakimori.outputs.notify.rounds import Pulse, go_round
from sakimori.outputs.notify.route import Route, Timing
from sakimori.outputs.notify.slack_bot import SlackBot
from sakimori.outputs.notify.slack_webhook import SlackWebhook
from sakimori.outputs.notify.smtp import Mail, MailSecurity, MailServer
from sakimori.outputs.notify.webhook import Webhook
from sakimori.state.store import Store, open_store

from .sinks import CHANNEL, TOKEN

FASTER: Final = 200
"""Seconds of its clock in one second."""
ROUTES: Final = ("bot", "mail", "hook", "slack-hook")
POINTS: Final = (
    "recording", "recorded", "planning", "planned", "before send", *(f"sent to {each}" for each in ROUTES), "delivered",
)  # fmt: skip
"""Where it may die by its own hand; `sent to …` is between what the place took and the word that it did."""
SIGNING: Final = "whsec_" + "ZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl"
TIMING: Final = {**dict.fromkeys(Severity, Timing.NOW), Severity.LOW: Timing.DAILY}
SEVERITIES: Final = (Severity.LOW, *(Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL) * 5)
"""Few that can wait for a digest: it names fifty, and counts the others."""
STORM: Final = 25
"""Cases at once: more than are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What one life is to do. `known` are names of cases that may grow; `dies_at` a point, and the how-manieth time there."""

    place: str
    http_url: str
    smtp_port: int
    number: int
    began_at: float
    dies_at: tuple[str, int] = ("", 0)
    known: tuple[str, ...] = ()
    records: bool = True
    """Else it only tells, until nothing is left to be told, then says `idle`."""
    ahead: timedelta = timedelta()
    """How far its clock has jumped."""
    seconds: float = 600.0
    """Then it ends by itself, but not before so many rounds."""
    rounds: int = 0


class Fate:
    """Where this life ends."""

    def __init__(self, dies_at: tuple[str, int]) -> None:
        self._point, self._left = dies_at

    def reach(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """A channel before and after which one may die; the rate limits of the places are not those of the sinks."""

    seconds_between = 0.0

    def __init__(self, route: str, channel: Channel, fate: Fate) -> None:
        self.is_keyed = channel.is_keyed
        self._route = route
        self._channel = channel
        self._fate = fate

    def send(self, attempt: Attempt) -> str:
        self._fate.reach("before send")
        reference = self._channel.send(attempt)
        self._fate.reach(f"sent to {self._route}")
        return reference


@dataclass(frozen=True, slots=True)
class Around:
    """What a life works with."""

    chance: random.Random
    clock: Callable[[], datetime]
    fate: Fate
    pipe: Pipe

    @contextmanager
    def begin(self, store: Store, point: str) -> Iterator[Connection]:
        """A writing transaction at whose end, before the commit, a point is reached."""
        with store.begin() as connection:
            yield connection
            self.fate.reach(point)


def routes() -> tuple[Route, ...]:
    hours = Hours(zone=ZoneInfo("Asia/Tokyo"))
    return tuple(
        Route(name=name, kind=name, language="en", hours=hours, timing=TIMING, heartbeat=False) for name in ROUTES
    )


def channels(life: Life, fate: Fate) -> dict[str, Channel]:
    place = MailPlace(sender=mail_address("sakimori@example.com"), recipients=(mail_address("to@example.com"),))
    server = MailServer(host="127.0.0.1", port=life.smtp_port, security=MailSecurity.PLAIN, timeout_seconds=60)
    made: dict[str, Channel] = {
        "bot": SlackBot(Secret(TOKEN), CHANNEL, base_url=f"{life.http_url}/api/"),
        "mail": Mail(server, place),
        "hook": Webhook(Secret(f"{life.http_url}/hook"), Secret(SIGNING), now=lambda: datetime.now(UTC)),  # noqa: TID251
        "slack-hook": SlackWebhook(Secret(f"{life.http_url}/services/T/B/x")),
    }
    return {name: Dying(name, channel, fate) for name, channel in made.items()}


def seen(name: str, severity: Severity, at: datetime) -> Detection:
    """What `name` did: each name is a principal, and so a case; the title tells both in every message."""
    title = f"mark:{name}:{severity}"
    return Detection(
        rule=f"test-{severity}",
        title=Text(en=title, ja=title),
        message=Text(en="", ja=""),
        severity=severity,
        confidence=Confidence.HIGH,
        first_at=at,
        last_at=at,
        count=1,
        principal=f"arn:aws:iam::111122223333:user/{name}",
        account="111122223333",
        region="ap-northeast-1",
    )


def live(life: Life, pipe: Pipe) -> None:
    """Until it is killed."""
    pipe.send(("alive", "", ""))
    fate = Fate(life.dies_at)
    # In the past, so that it never overtakes the clock of the sinks, from which Slack's stamps come.
    past = life.began_at - 100 * 3600

    def clock() -> datetime:
        return datetime.fromtimestamp(past + (time.time() - life.began_at) * FASTER, UTC) + life.ahead

    made = channels(life, fate)
    with open_store(life.place) as store:
        told = {route.name: route for route in routes()}
        delivery = Delivery(store, told, made.get, clock, sleep=lambda seconds: time.sleep(seconds / FASTER))
        around = Around(random.Random(life.number), clock, fate, pipe)  # noqa: S311 - no secret
        until = time.monotonic() + life.seconds
        turn = 0
        while time.monotonic() < until or turn < life.rounds:
            turn += 1
            if life.records:
                _record(store, life, turn, around)
            _plan(store, around)
            delivery.deliver(wait_seconds=0.05)
            fate.reach("delivered")
            if not life.records and _is_idle(store):
                pipe.send(("idle", "", ""))
                return


def _record(store: Store, life: Life, turn: int, around: Around) -> None:
    chance, clock = around.chance, around.clock
    severity = chance.choice(SEVERITIES)
    names = [f"{life.number}x{turn}"]
    lot = chance.random()
    if lot < 0.3 and life.known:
        names = [chance.choice(life.known)]
    elif life.number % 10 == 0 and turn == 1:
        names = [f"{life.number}x{turn}y{number}" for number in range(STORM)]
    elif lot < 0.4:
        with suppress(KeyError), store.begin() as connection:
            record_detections(connection, [seen("ghost", severity, clock())], clock())
            raise KeyError
    with around.begin(store, "recording") as connection:
        record_detections(connection, [seen(name, severity, clock()) for name in names], clock())
    for name in names:
        around.pipe.send(("recorded", name, severity.value))
    around.fate.reach("recorded")


def _plan(store: Store, around: Around) -> None:
    count = 1
    while count:
        with around.begin(store, "planning") as connection:
            planning = Planning(connection, routes(), around.clock(), Quiet())
            count = planning.consider()
            if not count:
                go_round(planning, Pulse)
    around.fate.reach("planned")


def _is_idle(store: Store) -> bool:
    waiting = (
        select(func.count()).select_from(MESSAGE).where(MESSAGE.c.state == MessageState.WAITING.value),
        select(func.count()).select_from(CASE).where(CASE.c.is_pending == 1),
        select(func.count()).select_from(DIGEST_LINE).where(DIGEST_LINE.c.list != "daily"),
    )
    with store.read() as connection:
        return not any(connection.execute(each).scalar_one() for each in waiting)
