"""What is told to whom, decided for every case that changed; the decision and its messages are written together.

A case is told once. It is told again when it says more than before: graver, in another Region, by another principal, another
kind of thing, ten times as much, open again, or going on a day later. What says no more is counted, and shows in the next
message. Whoever is told much at once gets one message of all of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.inbox import Quiet
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_message import case_message, closed_message
from sakimori.outputs.notify.case_view import CaseView, case_view
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.outbox import drop, made_since, message_key, put, replace_body, thread_of, unsent_of_case
from sakimori.outputs.notify.route import Route, Timing
from sakimori.state.store import insert_into

DAILY: Final = "daily"
WEEKLY: Final = "weekly"
STORM: Final = "storm"
STORM_COUNT: Final = 20
STORM_SPAN: Final = timedelta(minutes=5)
"""More messages than this to one route within this time are a storm."""
AGAIN: Final = timedelta(hours=24)
"""What goes on is told again after so long."""
SPACED: Final = timedelta(minutes=10)
"""Further news of one case waits for so long after the last, unless it is graver: one message tells of all."""
_TENFOLD: Final = 10
_BEFORE: Final = timedelta(days=1)
"""What changed so long before a route was first there is told on it as new; older things stand in its first digest."""
_BATCH: Final = 500
_ROUTE: Final = "notify/route/"
_REMEMBERED: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """What a route was last told of a case."""

    at: datetime
    severity: Severity
    count: int = 0
    regions: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    is_open: bool = True
    times: int = 1
    escalated: tuple[str, ...] = ()

    @classmethod
    def of(cls, view: CaseView, now: datetime, before: "Told | None") -> "Told":
        """That the case was told now as it stands; what was told before stays known."""
        return cls(
            at=now,
            severity=view.severity,
            count=view.count,
            regions=_joined(before.regions if before else (), view.regions),
            principals=_joined(before.principals if before else (), view.principals),
            rules=_joined(before.rules if before else (), view.rules),
            is_open=view.is_open,
            times=(before.times if before else 0) + 1,
            escalated=before.escalated if before else (),
        )

    def news(self, view: CaseView, now: datetime) -> tuple[str, ...]:
        """Why the case is told again; nothing where it says no more than before."""
        words = {
            "reopened": view.is_open and not self.is_open,
            "severity": view.severity.rank > self.severity.rank,
            "region": not self.regions.issuperset(view.regions),
            "principal": not self.principals.issuperset(view.principals),
            "rule": not self.rules.issuperset(view.rules),
            "count": view.count >= _TENFOLD * max(1, self.count),
            "again": view.count > self.count and now - self.at >= AGAIN,
        }
        return tuple(word for word, holds in words.items() if holds)

    def plain(self) -> Mapping[str, Any]:
        """As it is kept."""
        return {
            "at": self.at.isoformat(), "severity": self.severity.value, "count": self.count, "regions": sorted(self.regions),
            "principals": sorted(self.principals), "rules": sorted(self.rules), "is_open": self.is_open, "times": self.times,
            "escalated": list(self.escalated),
        }  # fmt: skip


def told_of(text: str) -> dict[str, Told]:
    """By route, as the case has kept it."""
    return {
        route: Told(
            at=datetime.fromisoformat(each["at"]), severity=Severity(each["severity"]), count=each["count"],
            regions=frozenset(each["regions"]), principals=frozenset(each["principals"]), rules=frozenset(each["rules"]),
            is_open=each["is_open"], times=each["times"], escalated=tuple(each["escalated"]),
        )
        for route, each in json.loads(text).items()
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planning:
    """One planning, within a writing transaction of the store."""

    connection: Connection
    routes: Sequence[Route]
    now: datetime
    quiet: Quiet
    account_names: Mapping[str, str] = field(default_factory=dict[str, str])

    def consider(self) -> int:
        """Decide of every case that changed; how many there were. Without a route nothing is decided: the cases wait."""
        if not self.routes:
            return 0
        since = {route.name: self.there_since(route) for route in self.routes}
        pending = select(CASE.c.id).where(CASE.c.is_pending == 1).order_by(CASE.c.changed_at, CASE.c.id)
        identifiers = self.connection.execute(pending.limit(_BATCH)).scalars().all()
        for identifier in identifiers:
            view = case_view(self.connection, identifier, self.quiet)
            told = told_of(view.told) if view is not None else {}
            for route in self.routes:
                if view is not None and route.takes(view.account, view.kind):
                    self._tell(route, view, told, since[route.name])
            kept = json.dumps({name: each.plain() for name, each in told.items()})
            self.connection.execute(update(CASE).where(CASE.c.id == identifier).values(is_pending=0, told=kept))
        return len(identifiers)

    def there_since(self, route: Route) -> datetime:
        """The moment from which on this route tells of what changes: a day before it was first there."""
        known = read_cursor(self.connection, _ROUTE + route.name)
        if known is not None:
            return datetime.fromisoformat(known)
        begun = self.now - _BEFORE
        write_cursor(self.connection, _ROUTE + route.name, begun.isoformat())
        return begun

    def _tell(self, route: Route, view: CaseView, told: dict[str, Told], since: datetime) -> None:
        before = told.get(route.name)
        if not view.is_told:
            if view.is_for_digest and before is None:
                self._line(route, view, DAILY)
            self._tell_no_more(route, view, told)
            return
        news = before.news(view, self.now) if before else ()
        if before and not news:
            return
        timing = route.timing[view.severity]
        if timing is Timing.NEVER:
            return
        is_old = before is None and view.changed_at < since
        if timing is Timing.DAILY or timing is Timing.WEEKLY or is_old:
            self._line(route, view, WEEKLY if timing is Timing.WEEKLY else DAILY)
        else:
            self._message(route, view, before, news, timing)
        told[route.name] = Told.of(view, self.now, before)

    def _tell_no_more(self, route: Route, view: CaseView, told: dict[str, Told]) -> None:
        """Nothing of it is left: what was not sent yet need not be; who was told of it is told that it is over."""
        before = told.get(route.name)
        unsent = unsent_of_case(self.connection, route.name, view.id)
        if unsent is not None:
            drop(self.connection, unsent["number"])
        if before is None or not before.is_open or view.is_open:
            return
        if thread_of(self.connection, route.name, view.id):
            key = message_key(route.name, view.id, MessageKind.CLOSED, before.times)
            message = closed_message(view, route.language, self._name(view), key=key, kind=MessageKind.CLOSED, made_at=self.now)  # fmt: skip
            put(self.connection, route.name, message, route.hours.next_telling(self.now))
        told[route.name] = Told.of(view, self.now, before)

    def _message(self, route: Route, view: CaseView, before: Told | None, news: Sequence[str], timing: Timing) -> None:
        not_before = self.now if timing is Timing.NOW else route.hours.next_telling(self.now)
        if before and "severity" not in news:
            not_before = max(not_before, min(before.at, self.now) + SPACED)
        unsent = unsent_of_case(self.connection, route.name, view.id)
        kind = MessageKind(unsent["kind"]) if unsent else MessageKind.UPDATE if before else MessageKind.CASE
        key = unsent["key"] if unsent else message_key(route.name, view.id, kind, before.times if before else 0)
        if unsent is None and self._is_storm(route):
            self._line(route, view, STORM)
            return
        shown = () if kind is MessageKind.CASE else news
        message = case_message(view, route.language, self._name(view), shown, key=key, kind=kind, made_at=self.now)
        if unsent is not None:
            replace_body(self.connection, unsent["number"], message, min(not_before, unsent["not_before"]))
        else:
            put(self.connection, route.name, message, not_before)

    def _is_storm(self, route: Route) -> bool:
        kinds = (MessageKind.CASE, MessageKind.UPDATE)
        return made_since(self.connection, route.name, self.now - STORM_SPAN, kinds) >= STORM_COUNT

    def _line(self, route: Route, view: CaseView, of_list: str) -> None:
        line = {"route": route.name, "case_id": view.id, "list": of_list, "at": self.now, "count": view.findings}
        statement = insert_into(self.connection, DIGEST_LINE).values(line)
        keys = (DIGEST_LINE.c.route, DIGEST_LINE.c.case_id, DIGEST_LINE.c.list)
        self.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"count": view.findings}))

    def _name(self, view: CaseView) -> str:
        return self.account_names.get(view.account, "")


def _joined(before: Iterable[str], now: Iterable[str]) -> frozenset[str]:
    """Both, and not without end: what an outsider may make up is bounded."""
    return frozenset(sorted({*before, *now})[:_REMEMBERED])
