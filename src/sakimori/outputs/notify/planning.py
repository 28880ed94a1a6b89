"""What is told to whom, decided for every case that changed; the decision and its messages are written together.

A case is told once. It is told again when it says more than before: graver, in another Region, by another principal, another
kind of thing, ten times as much, open again, or going on a day later. What says no more is counted, and shows in the next
message. Whoever is told much at once gets one message of all of it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.inbox import Quiet
from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.findings.severities import rank_of
from sakimori.findings.tables import OPEN
from sakimori.model.triage import MessageState
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_message import POSTURE, case_message, closed_message
from sakimori.outputs.notify.case_view import CaseView, case_view
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.outbox import drop, made_between, message_key, put, replace_body, unsent_of_case
from sakimori.outputs.notify.route import Route, Timing
from sakimori.state.store import insert_into

DAILY: Final = "daily"
WEEKLY: Final = "weekly"
STORM: Final = "storm"
STORM_COUNT: Final = 20
CROWD: Final = 5
"""More new cases of posture than this of one account at once are told in one message: an assessment found them together."""
STORM_SPAN: Final = timedelta(minutes=5)
"""More messages than this to one route within this time are a storm."""
AGAIN: Final = timedelta(hours=24)
"""What goes on is told again after so long."""
SPACED: Final = timedelta(minutes=10)
"""Further news of one case waits for so long after the last, unless it is graver: one message tells of all."""
_TENFOLD: Final = 10
BEFORE: Final = timedelta(days=1)
"""What changed so long before a route was first there is told on it as new; older things stand in its first digest."""
_BATCH: Final = 500
_ROUTE: Final = "notify/route/"
_DAY: Final = "notify/day"
_REMEMBERED: Final = 50
_QUIET: Final = '%"is_quiet": true%'


@dataclass(frozen=True, slots=True, kw_only=True)
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
    since: datetime
    """When it was first told so grave: from then on somebody should take it."""
    escalated: tuple[str, ...] = ()
    is_quiet: bool = False
    """All of it was suppressed since: what is heard of it again is told again."""

    @classmethod
    def of(cls, view: CaseView, now: datetime, before: "Told | None") -> "Told":
        """That the case was told now as it stands; what was told before stays known."""
        goes_on = before is not None and before.is_open and not before.is_quiet
        return cls(
            at=now,
            severity=view.severity,
            count=view.count,
            regions=_joined(before.regions if before else (), view.regions),
            principals=_joined(before.principals if before else (), view.principals),
            rules=_joined(before.rules if before else (), view.rules),
            is_open=view.is_open,
            times=(before.times if before else 0) + 1,
            since=before.since if before and goes_on and view.severity.rank <= before.severity.rank else now,
            escalated=before.escalated if before and goes_on else (),
        )

    def news(self, view: CaseView, now: datetime) -> tuple[str, ...]:
        """Why the case is told again; nothing where it says no more than before."""
        words = {
            "reopened": view.is_open and (self.is_quiet or not self.is_open),
            "severity": view.severity.rank > self.severity.rank,
            "region": _has_more(self.regions, view.regions),
            "principal": _has_more(self.principals, view.principals),
            "rule": _has_more(self.rules, view.rules),
            "count": view.count >= _TENFOLD * max(1, self.count),
        }
        found = tuple(word for word, holds in words.items() if holds)
        goes_on = view.count > self.count and now - self.at >= AGAIN
        return found or (("again",) if goes_on else ())

    def plain(self) -> Mapping[str, Any]:
        """As it is kept."""
        return {
            "at": self.at.isoformat(), "severity": self.severity.value, "count": self.count, "regions": sorted(self.regions),
            "principals": sorted(self.principals), "rules": sorted(self.rules), "is_open": self.is_open, "times": self.times,
            "since": self.since.isoformat(), "escalated": list(self.escalated), "is_quiet": self.is_quiet,
        }  # fmt: skip


def told_of(text: str) -> dict[str, Told]:
    """By route, as the case has kept it."""
    return {
        route: Told(
            at=datetime.fromisoformat(each["at"]), severity=Severity(each["severity"]), count=each["count"],
            regions=frozenset(each["regions"]), principals=frozenset(each["principals"]), rules=frozenset(each["rules"]),
            is_open=each["is_open"], times=each["times"], escalated=tuple(each["escalated"]),
            since=datetime.fromisoformat(each.get("since", each["at"])), is_quiet=each.get("is_quiet", False),
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
    _crowded: set[str] = field(default_factory=set[str])
    """Accounts of which so much of posture is new that one message tells of all, as after a first assessment."""

    def consider(self) -> int:
        """Decide of every case that changed; how many there were. Without a route nothing is decided: the cases wait."""
        if not self.routes:
            return 0
        since = {route.name: self.there_since(route) for route in self.routes}
        self._look_again()
        self._crowded.update(self._find_crowded())
        # The gravest first: of many at once they are told one by one, and the summary is of the others.
        rank = rank_of(CASE.c.severity)
        pending = select(CASE.c.id).where(CASE.c.is_pending == 1).order_by(rank.desc(), CASE.c.changed_at, CASE.c.id)
        identifiers = self.connection.execute(pending.limit(_BATCH)).scalars().all()
        for identifier in identifiers:
            view = case_view(self.connection, identifier, self.quiet)
            told = told_of(view.told) if view is not None else {}
            for route in self.routes:
                if view is not None and route.takes(view.account, view.kind):
                    self._tell(route, view, told, since[route.name])
            self.keep(identifier, told, is_pending=0)
        return len(identifiers)

    def _find_crowded(self) -> Sequence[str]:
        of_posture = (CASE.c.is_pending == 1, CASE.c.kind == POSTURE, CASE.c.state == OPEN, CASE.c.told == "{}")
        query = select(CASE.c.account).where(*of_posture).group_by(CASE.c.account).having(func.count() > CROWD)
        return self.connection.execute(query).scalars().all()

    def there_since(self, route: Route) -> datetime:
        """The moment from which on this route tells of what changes: a day before it was first there."""
        known, begun = read_cursor(self.connection, _ROUTE + route.name), self.now - BEFORE
        if known is not None:
            # A clock that was ahead at first must not make everything old from then on.
            return min(datetime.fromisoformat(known), begun)
        write_cursor(self.connection, _ROUTE + route.name, begun.isoformat())
        self.connection.execute(update(CASE).where(CASE.c.state == OPEN).values(is_pending=1))
        return begun

    def _look_again(self) -> None:
        """Once a day at the open cases that nobody is told of: a suppression may have ended, with nothing else changed."""
        day = self.now.date().isoformat()
        if read_cursor(self.connection, _DAY) == day:
            return
        write_cursor(self.connection, _DAY, day)
        unheard = or_(CASE.c.told == "{}", CASE.c.told.like(_QUIET))
        self.connection.execute(update(CASE).where(CASE.c.state == OPEN, unheard).values(is_pending=1))

    def _tell(self, route: Route, view: CaseView, told: dict[str, Told], since: datetime) -> None:
        before = told.get(route.name)
        if not view.is_told:
            self._tell_no_more(route, view, told)
            return
        news = before.news(view, self.now) if before else ()
        timing = route.timing[view.severity]
        if timing is Timing.NEVER or (before and not news and not self._unsent(route, view)):
            return
        is_old = before is None and view.changed_at < since
        if timing is Timing.DAILY or timing is Timing.WEEKLY or is_old:
            if before is None or news:
                self._line(route, view, WEEKLY if timing is Timing.WEEKLY else DAILY)
        else:
            self._message(route, view, before, news, timing)
        if before is None or news:
            now_told = Told.of(view, self.now, before)
            # Who is new is not called out of bed for what lay there before.
            called = tuple(each.name for each in route.escalations) if is_old else now_told.escalated
            told[route.name] = replace(now_told, escalated=called)

    def _tell_no_more(self, route: Route, view: CaseView, told: dict[str, Told]) -> None:
        """Nothing of it is left: what was not sent yet need not be; who was told of it is told that it is over."""
        before = told.get(route.name)
        unsent = self._unsent(route, view)
        if unsent is not None:
            drop(self.connection, unsent["number"])
        if view.is_open:
            if view.is_for_digest and (before is None or view.changed_at > before.at):
                self._line(route, view, DAILY)
                before = Told.of(view, self.now, before)
            if before is not None:
                told[route.name] = replace(before, is_quiet=True)
            return
        if before is None or not before.is_open:
            return
        if self._was_sent(route, view):
            key = message_key(route.name, view.id, MessageKind.CLOSED, before.times)
            message = closed_message(view, route.language, self._name(view), key=key, kind=MessageKind.CLOSED, made_at=self.now)  # fmt: skip
            put(self.connection, route.name, message, route.hours.next_telling(self.now))
        told[route.name] = Told.of(view, self.now, before)

    def _message(self, route: Route, view: CaseView, before: Told | None, news: Sequence[str], timing: Timing) -> None:
        not_before = self.now if timing is Timing.NOW else route.hours.next_telling(self.now)
        if before and "severity" not in news:
            not_before = max(not_before, min(before.at, self.now) + SPACED)
        self._drop_word_of_end(route, view)
        unsent = self._unsent(route, view)
        is_crowded = before is None and view.kind == POSTURE and view.account in self._crowded
        if unsent is None and (is_crowded or self.is_storm(route, view.kind)):
            self._line(route, view, STORM)
            return
        kind = MessageKind(unsent["kind"]) if unsent else MessageKind.UPDATE if before else MessageKind.CASE
        key = unsent["key"] if unsent else message_key(route.name, view.id, kind, before.times if before else 0)
        shown = () if kind is MessageKind.CASE else tuple(dict.fromkeys((*_news_of(unsent), *news)))
        message = case_message(view, route.language, self._name(view), shown, key=key, kind=kind, made_at=self.now)
        if unsent is not None:
            replace_body(self.connection, unsent["number"], message, min(not_before, unsent["not_before"]))
        else:
            put(self.connection, route.name, message, not_before)

    def _unsent(self, route: Route, view: CaseView) -> RowMapping | None:
        return unsent_of_case(self.connection, route.name, view.id)

    def _was_sent(self, route: Route, view: CaseView) -> bool:
        """Whether a message of the case is there, or may be, as one is being tried."""
        column = MESSAGE.c
        is_tried = and_(column.state == MessageState.WAITING.value, column.tries > 0)
        query = select(column.number).where(
            column.route == route.name,
            column.case_id == view.id,
            or_(column.state == MessageState.SENT.value, is_tried),
        )
        return self.connection.execute(query.limit(1)).first() is not None

    def _drop_word_of_end(self, route: Route, view: CaseView) -> None:
        """It is open again before anybody heard that it was over; that word would hold back what follows in the thread."""
        column = MESSAGE.c
        those = (column.route == route.name, column.case_id == view.id, column.kind == MessageKind.CLOSED.value)
        unsent = (column.state == MessageState.WAITING.value, column.tries == 0)
        for number in self.connection.execute(select(column.number).where(*those, *unsent)).scalars().all():
            drop(self.connection, number)

    def fall_quiet(self, route: Route, view: CaseView) -> None:
        """The case was to stand in a list and was suppressed before that was sent: heard of again, it is told."""
        told = told_of(view.told)
        if route.name in told:
            told[route.name] = replace(told[route.name], is_quiet=True)
            self.keep(view.id, told)

    def keep(self, case_id: str, told: Mapping[str, Told], **more: int) -> None:
        """Write what each route was told of the case."""
        kept = json.dumps({name: each.plain() for name, each in told.items()})
        self.connection.execute(update(CASE).where(CASE.c.id == case_id).values(told=kept, **more))

    def line_of_storm(self, route: Route, view: CaseView) -> None:
        """The case is told in the summary."""
        self._line(route, view, STORM)

    def is_storm(self, route: Route, case_kind: str) -> bool:
        """Whether so much was told just now that one summary tells of the rest.

        Attacks are counted for themselves: an assessment that finds much must not drown them.
        """
        kinds = (MessageKind.CASE, MessageKind.UPDATE, MessageKind.ESCALATION)
        span = (self.now - STORM_SPAN, self.now)
        return made_between(self.connection, route.name, kinds, span, case_kind) >= STORM_COUNT

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


def _has_more(known: frozenset[str], now: Iterable[str]) -> bool:
    """Whether there is something that is not known; past what is remembered, nobody can say so and nothing is news."""
    return len(known) < _REMEMBERED and not known.issuperset(now)


def _news_of(unsent: RowMapping | None) -> Sequence[str]:
    """Why the message that waits is told: whoever replaces it tells that too."""
    return [] if unsent is None else json.loads(unsent["body"])["data"].get("news", [])
