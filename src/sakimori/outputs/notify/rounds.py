"""What is told by the clock: storms summed up, digests, the heartbeat, and cases that nobody has taken."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final

from sqlalchemy import delete, or_, select

from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.findings.severities import is_at_least
from sakimori.findings.tables import OPEN
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_message import case_entry, case_message
from sakimori.outputs.notify.case_view import CaseView, case_view
from sakimori.outputs.notify.message import Message, MessageKind, Step
from sakimori.outputs.notify.outbox import made_between, message_key, put
from sakimori.outputs.notify.planning import BEFORE, DAILY, STORM, STORM_SPAN, WEEKLY, Planning, told_of
from sakimori.outputs.notify.route import Escalation, Route, Timing
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_MOST_ENTRIES: Final = 50
_MOST_NAMED: Final = 1_000
_MONDAY: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the heartbeat tells: that somebody still looks, and at what. None where it is not known."""

    events: int | None = None
    accounts: int = 0
    regions: int = 0
    detections: int = 0
    runs: int = 0
    canary_at: datetime | None = None
    ending: tuple[str, ...] = ()
    """Suppressions that end within two weeks."""


def go_round(planning: Planning, pulse: Callable[[], Pulse]) -> None:
    """Write what is due by now. Each message has a key of its hour: two that go round at once write it once."""
    for route in planning.routes:
        _storm(planning, route)
        _digest(planning, route, DAILY, None)
        _digest(planning, route, WEEKLY, _MONDAY)
        _heartbeat(planning, route, pulse)
        _escalate(planning, route)


def digest_now(planning: Planning, route: Route) -> bool:
    """Put everything that waits for a digest into one, without waiting for its hour; False where nothing does."""
    key = message_key(route.name, "digest-now", planning.now.isoformat())
    return _sum_up(planning, route, (DAILY, WEEKLY), key, MessageKind.DIGEST)


def _storm(planning: Planning, route: Route) -> None:
    """One message of all, at once; the next not before a while."""
    if _was_made(planning, route, MessageKind.STORM, planning.now - STORM_SPAN):
        return
    if _may_wait(planning, route):
        return
    key = message_key(route.name, STORM, planning.now.isoformat())
    _sum_up(planning, route, (STORM,), key, MessageKind.STORM)


def _may_wait(planning: Planning, route: Route) -> bool:
    """Whether nothing in it is told at all hours, and nobody works now."""
    if route.hours.next_telling(planning.now) <= planning.now:
        return False
    of_storm = (DIGEST_LINE.c.route == route.name, DIGEST_LINE.c.list == STORM)
    severities = select(CASE.c.severity).join(DIGEST_LINE, DIGEST_LINE.c.case_id == CASE.c.id).where(*of_storm)
    words = planning.connection.execute(severities.distinct()).scalars().all()
    return all(route.timing[Severity(word)] is not Timing.NOW for word in words)


def _digest(planning: Planning, route: Route, of_list: str, weekday: int | None) -> None:
    hour = route.hours.last_time(planning.now, route.digest_at, weekday)
    key = message_key(route.name, of_list, hour.date())
    # A line of the future was written by a clock that has been set back since.
    is_due = or_(DIGEST_LINE.c.at <= hour, DIGEST_LINE.c.at > planning.now)
    lines = select(DIGEST_LINE.c.case_id).where(
        DIGEST_LINE.c.route == route.name, DIGEST_LINE.c.list == of_list, is_due
    )
    was_told = select(MESSAGE.c.number).where(MESSAGE.c.key == key)
    if planning.connection.execute(lines.limit(1)).first() and not planning.connection.execute(was_told).first():
        _sum_up(planning, route, (of_list,), key, MessageKind.DIGEST)


def _sum_up(planning: Planning, route: Route, lists: Sequence[str], key: str, kind: MessageKind) -> bool:
    connection = planning.connection
    those = (DIGEST_LINE.c.route == route.name, DIGEST_LINE.c.list.in_(lists))
    cases = connection.execute(select(DIGEST_LINE.c.case_id).where(*those).distinct()).scalars().all()
    known = [view for each in cases if (view := case_view(connection, each, planning.quiet))]
    views = [view for view in known if view.is_told or view.is_for_digest]
    views.sort(key=lambda view: (-view.severity.rank, view.first_at, view.id))
    if views and not put(connection, route.name, _summary(planning, route, views, key, kind), planning.now):
        return False
    for view in known:
        if view not in views:
            planning.fall_quiet(route, view)
    connection.execute(delete(DIGEST_LINE).where(*those))
    return bool(views)


def _summary(planning: Planning, route: Route, views: Sequence[CaseView], key: str, kind: MessageKind) -> Message:
    language = route.language
    if kind is MessageKind.STORM and len(views) == 1:
        # One case is no storm: it is told with its steps.
        name = planning.account_names.get(views[0].account, "")
        return case_message(views[0], language, name, (), key=key, kind=MessageKind.CASE, made_at=planning.now)
    entries = [
        case_entry(view, language, planning.account_names.get(view.account, "")) for view in views[:_MOST_ENTRIES]
    ]
    if len(views) > _MOST_ENTRIES:
        entries.append(say("notify.entries_more", language, count=len(views) - _MOST_ENTRIES))
    return Message(
        key=key,
        kind=kind,
        severity=views[0].severity,
        language=language,
        headline=say(f"notify.{kind}_headline", language, count=len(views), worst=views[0].title.in_(language)),
        lines=(say("notify.by_severity", language, counts=_by_severity(views, language)),),
        entries=tuple(entries),
        steps=(Step(text=say("notify.step_list", language), command="sakimori findings cases"),),
        made_at=planning.now,
        data={
            "cases": [dict(view.plain()) for view in views[:_MOST_ENTRIES]],
            "more": [view.id for view in views[_MOST_ENTRIES:_MOST_NAMED]],
            "count": len(views),
        },
    )


def _by_severity(views: Iterable[CaseView], language: Language) -> list[str]:
    counts: dict[Severity, int] = {}
    for view in views:
        counts[view.severity] = counts.get(view.severity, 0) + 1
    return [f"{say(f'report.severity_{each}', language)} {counts[each]}" for each in Severity if each in counts]


def _was_made(planning: Planning, route: Route, kind: MessageKind, after: datetime) -> bool:
    return made_between(planning.connection, route.name, (kind,), (after, planning.now)) > 0


def _heartbeat(planning: Planning, route: Route, pulse: Callable[[], Pulse]) -> None:
    """Once a week; the first one when the first week begins after the route was there."""
    if not route.heartbeat:
        return
    hour = route.hours.last_time(planning.now, time(9, 0), _MONDAY)
    begun = planning.there_since(route) + BEFORE
    if begun > hour or _was_made(planning, route, MessageKind.HEARTBEAT, hour - datetime.resolution):
        return
    key = message_key(route.name, MessageKind.HEARTBEAT, hour.date())
    put(planning.connection, route.name, heartbeat_message(route.language, pulse(), key, planning.now), planning.now)


def heartbeat_message(language: Language, pulse: Pulse, key: str, now: datetime) -> Message:
    """Still watching."""
    canary = say("notify.canary_ok", language, at=pulse.canary_at) if pulse.canary_at else say("notify.canary_never", language)  # fmt: skip
    events = say("notify.pulse_events", language, count=pulse.events) if pulse.events is not None else say("notify.pulse_no_lake", language)  # fmt: skip
    lines = [
        events,
        say("notify.pulse", language, accounts=pulse.accounts, regions=pulse.regions, detections=pulse.detections, runs=pulse.runs),
        canary,
        *(say("notify.ending", language, suppression=each) for each in pulse.ending),
    ]  # fmt: skip
    return Message(
        key=key,
        kind=MessageKind.HEARTBEAT,
        severity=Severity.INFORMATIONAL,
        language=language,
        headline=say("notify.heartbeat_headline", language),
        lines=tuple(lines),
        made_at=now,
        data={"events": pulse.events, "accounts": pulse.accounts, "regions": pulse.regions, "detections": pulse.detections, "runs": pulse.runs},
    )  # fmt: skip


def _escalate(planning: Planning, route: Route) -> None:
    """Cases that were told here and that nobody has taken since."""
    if not route.escalations:
        return
    least = min((each.severity for each in route.escalations), key=lambda each: each.rank)
    query = select(CASE).where(CASE.c.state == OPEN, CASE.c.taken_by == "", is_at_least(CASE.c.severity, least))
    for row in planning.connection.execute(query).mappings().all():
        told = told_of(row["told"])
        mine = told.get(route.name)
        if mine is None:
            continue
        due = [
            each for each in route.escalations
            if each.name not in mine.escalated and mine.severity.rank >= each.severity.rank and planning.now >= mine.since + each.after
        ]  # fmt: skip
        view = case_view(planning.connection, row["id"], planning.quiet) if due else None
        if view is None or not view.is_told:
            continue
        for each in due:
            _escalation(planning, view, each, mine.since)
        told[route.name] = replace(mine, escalated=(*mine.escalated, *(each.name for each in due)))
        planning.keep(row["id"], told)


def _escalation(planning: Planning, view: CaseView, due: Escalation, since: datetime) -> None:
    route = next((each for each in planning.routes if each.name == due.to), None)
    if route is None:
        return
    if planning.is_storm(route, view.kind):
        planning.line_of_storm(route, view)
        return
    message = case_message(
        view, route.language, planning.account_names.get(view.account, ""), ("untaken",),
        key=message_key(due.to, view.id, MessageKind.ESCALATION, due.name, since.isoformat()),
        kind=MessageKind.ESCALATION, made_at=planning.now,
    )  # fmt: skip
    put(planning.connection, due.to, message, planning.now)
