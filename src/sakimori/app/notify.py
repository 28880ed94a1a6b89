"""Telling people: decide what is told, write it to the outbox, deliver it; and what became of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.inbox import quiet_of
from sakimori.app.settings import Settings
from sakimori.findings.cursors import read_cursor
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.findings.suppression.suppressions import active_suppressions
from sakimori.findings.tables import DETECTION, RUN
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.triage import MessageState
from sakimori.outputs.notify.case_message import trial_message
from sakimori.outputs.notify.channel import Attempt, Channel, DeliveryError
from sakimori.outputs.notify.channels import Surroundings, open_channel
from sakimori.outputs.notify.delivery import Delivered, Delivery
from sakimori.outputs.notify.outbox import message_key, try_again
from sakimori.outputs.notify.planning import STORM, Planning
from sakimori.outputs.notify.rounds import Pulse, digest_now, go_round
from sakimori.outputs.notify.route import Route
from sakimori.outputs.notify.sns import Call
from sakimori.state.store import Store, reading

_WEEK: Final = timedelta(days=7)
CANARY: Final = "canary/heard"
"""The cursor that holds when a canary last came through whole."""
WATCHED: Final = "watch/beat"
"""The cursor that holds what a watch last did: JSON with `at` and `events` of the last seven days."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """What one home tells people. `clock` gives UTC."""

    store: Store
    home: Path
    settings: Settings
    clock: Callable[[], datetime]
    broken: dict[str, SakimoriError] = field(default_factory=dict[str, SakimoriError])
    """Routes that cannot be opened, and why; the others go on."""

    def plan(self) -> int:
        """Decide of what changed; how many cases there were."""
        if not self._routes:
            return 0
        considered = 0
        while True:
            with self.store.begin() as connection:
                planning = self._planning(connection)
                count = planning.consider()
                if not count:
                    go_round(planning, lambda: self._pulse(connection))
            considered += count
            if not count:
                return considered

    def send(self) -> Delivered:
        """Plan, and deliver what is due."""
        self.plan()
        return self.deliver()

    def again(self) -> int:
        """Take up what was given up in the last week; how many messages."""
        now = self.clock()
        with self.store.begin() as connection:
            return try_again(connection, [route.name for route in self._routes], now - _WEEK, now)

    def deliver(self) -> Delivered:
        """Deliver what is due."""
        routes = {route.name: route for route in self._routes}
        return Delivery(self.store, routes, self._channel, self.clock).deliver()

    def digest(self, names: Sequence[str]) -> int:
        """Put what waits for digests into messages now; how many routes have one."""
        self.plan()
        with self.store.begin() as connection:
            planning = self._planning(connection)
            return sum(digest_now(planning, route) for route in self.chosen(names))

    def test(self, names: Sequence[str]) -> Iterator[tuple[Route, str | SakimoriError]]:
        """Send a trial to each route, past the outbox: each with "" or the reason why it was not taken.

        One that cannot be opened keeps none of the others from being tried.
        """
        for route in self.chosen(names):
            key = message_key(route.name, "test", self.clock().isoformat())
            message = trial_message(route.language, key=key, made_at=self.clock())
            try:
                open_channel(route, self._around).send(Attempt(message=message))
            except DeliveryError as error:
                yield route, error.reason
            except SakimoriError as error:
                yield route, error
            else:
                yield route, ""

    def chosen(self, names: Sequence[str]) -> tuple[Route, ...]:
        """The routes of these names, or all; UsageError for none."""
        if not self._routes:
            raise UsageError("notify.no_route", path=self.home / "config.toml")
        return tuple(self.settings.notify.route(name) for name in names) or self._routes

    @property
    def _routes(self) -> tuple[Route, ...]:
        return self.settings.notify.routes

    @property
    def _around(self) -> Surroundings:
        return Surroundings(base=self.home, now=self.clock, topic_call=self._topic_call)

    def _channel(self, name: str) -> Channel | None:
        """The channel of a route, None for one that cannot be opened, or is no longer in the configuration."""
        try:
            return open_channel(self.settings.notify.route(name), self._around)
        except SakimoriError as error:
            self.broken[name] = error
            return None

    def _topic_call(self, route: Route) -> Call:
        """The door of whoever may publish: the profile of the route, or the ordinary credentials."""
        region = str(route.settings["topic"]).split(":")[3:4]
        asked = AccessRequest(
            profile=str(route.settings.get("profile", "")),
            endpoint_url=str(route.settings.get("endpoint_url", "")),
            regions=tuple(region),
        )
        (door,) = open_doors(asked)
        return door.call

    def _planning(self, connection: Connection) -> Planning:
        now = self.clock().astimezone(UTC)
        return Planning(
            connection=connection,
            routes=self._routes,
            now=now,
            quiet=quiet_of(connection, self.settings.mutes, now.date()),
            account_names={entry.id: entry.name for entry in self.settings.accounts if entry.id},
        )

    def _pulse(self, connection: Connection) -> Pulse:
        """What the heartbeat tells, of the last week."""
        now = self.clock()
        since = now - _WEEK
        recorded = select(
            func.count(), func.count(DETECTION.c.account.distinct()), func.count(DETECTION.c.region.distinct())
        )
        detections, accounts, regions = connection.execute(recorded.where(DETECTION.c.first_seen >= since)).one()
        runs = connection.execute(select(func.count()).select_from(RUN).where(RUN.c.at >= since)).scalar_one()
        beat = json.loads(read_cursor(connection, WATCHED) or "{}")
        heard = read_cursor(connection, CANARY)
        ending = (
            f"{each.id} ({each.expires_on.isoformat()})"
            for each in active_suppressions(connection, now.date()).entries
            if each.ends_soon(now.date())
        )
        return Pulse(
            events=beat.get("events"),
            accounts=accounts,
            regions=regions,
            detections=detections,
            runs=runs,
            canary_at=datetime.fromisoformat(heard) if heard else None,
            ending=tuple(ending),
        )


@dataclass(slots=True)
class NotifierThread:
    """Tells people beside other work, one round at a time: a channel that hangs holds up nothing."""

    notifier: Notifier
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _round: Future[Delivered] | None = None

    def go_round(self) -> Delivered | None:
        """Begin a round unless one is under way; what the last one did, once. A fault of the store is raised here."""
        done = self.finished(0.0)
        # Planned here and now: what is grave joins a round that is under way, however slow its channels are.
        self.notifier.plan()
        if self._round is None:
            self._round = self._pool.submit(self.notifier.deliver)
        return done

    def finished(self, wait_seconds: float) -> Delivered | None:
        """What the round under way did, if it ends within so many seconds."""
        if self._round is None:
            return None
        try:
            error = self._round.exception(wait_seconds)
        except TimeoutError:
            return None
        ended, self._round = self._round, None
        if isinstance(error, SakimoriError):
            raise error
        if error is not None:
            # A defect in telling must not end what watches.
            raise SakimoriError("notify.round_failed", kind=type(error).__name__) from error
        return ended.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStatus:
    """What became of the messages of a route."""

    name: str
    kind: str
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    for_digest: int = 0
    oldest_waiting_at: datetime | None = None
    last_sent_at: datetime | None = None
    reason: str = ""
    """Why something still waits or failed, as the channel last said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyStatus:
    """The ledger in numbers, and how many cases are untold."""

    routes: tuple[RouteStatus, ...]
    untold: int


def notify_status(store: Store, routes: Sequence[Route]) -> NotifyStatus:
    """Of these routes, and of those that have messages but are no longer in the configuration."""
    column = MESSAGE.c
    with store.read() as connection:
        found: dict[str, RouteStatus] = {each.name: RouteStatus(name=each.name, kind=each.kind) for each in routes}
        query = select(column.route, column.state, func.count(), func.min(column.created_at), func.max(column.sent_at))
        for route, state, count, first, last in connection.execute(query.group_by(column.route, column.state)):
            known = found.get(route, RouteStatus(name=route, kind=""))
            if state == MessageState.WAITING.value:
                known = replace(known, waiting=count, oldest_waiting_at=first)
            elif state == MessageState.SENT.value:
                known = replace(known, sent=count, last_sent_at=last)
            elif state == MessageState.FAILED.value:
                known = replace(known, failed=count)
            found[route] = known
        for name, known in found.items():
            lines = select(func.count()).select_from(DIGEST_LINE).where(DIGEST_LINE.c.route == name)
            reason = (
                select(column.reason).where(column.route == name, column.reason != "").order_by(column.number.desc())
            )
            found[name] = replace(
                known,
                for_digest=connection.execute(lines).scalar_one(),
                reason=connection.execute(reason.limit(1)).scalar() or "",
            )
        return NotifyStatus(routes=tuple(found.values()), untold=untold(connection))


def untold(place: Store | Connection) -> int:
    """How many cases changed and nobody has decided of them yet."""
    query = select(func.count()).select_from(CASE).where(CASE.c.is_pending == 1)
    with reading(place) as connection:
        return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """What nobody was told yet on purpose: messages held until people work, and cases of the next summary of many at once."""

    held: int
    held_until: datetime | None
    in_summary: int


def put_off(store: Store, now: datetime) -> PutOff:
    """As it is after a delivery."""
    column = MESSAGE.c
    those = (column.state == MessageState.WAITING.value, column.tries == 0, column.not_before > now)
    lines = select(func.count()).select_from(DIGEST_LINE).where(DIGEST_LINE.c.list == STORM)
    with store.read() as connection:
        held, until = connection.execute(select(func.count(), func.min(column.not_before)).where(*those)).one()
        return PutOff(held=held, held_until=until, in_summary=connection.execute(lines).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One message of the ledger."""

    key: str
    route: str
    kind: str
    case: str
    severity: str
    state: str
    headline: str
    created_at: datetime
    sent_at: datetime | None
    tries: int
    reason: str
    instead_of: str


def ledger(store: Store, routes: Sequence[str], limit: int) -> tuple[LedgerLine, ...]:
    """The latest messages first."""
    query = select(MESSAGE).order_by(MESSAGE.c.number.desc()).limit(limit)
    if routes:
        query = query.where(MESSAGE.c.route.in_(routes))
    with store.read() as connection:
        rows = connection.execute(query).mappings().all()
    same = ("key", "route", "kind", "severity", "state", "created_at", "sent_at", "tries", "reason", "instead_of")
    return tuple(
        LedgerLine(
            case=row["case_id"], headline=json.loads(row["body"])["headline"], **{name: row[name] for name in same}
        )
        for row in rows
    )
