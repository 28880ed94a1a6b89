"""What rules and routes make of a canary: its detection, closed again at once, and a message to each route."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from sakimori.app.canary import RULE, Canary
from sakimori.app.detect import DetectRequest, chosen_rules, judge
from sakimori.findings.cases import settle
from sakimori.findings.detections import Sought, find_detections
from sakimori.findings.inbox_tables import MESSAGE
from sakimori.findings.recording import record_found
from sakimori.findings.tables import DETECTION
from sakimori.findings.triage import Decision, Doing, decide
from sakimori.lake.log_reader import Where
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition, MessageState
from sakimori.model.words import Severity
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.outputs.notify.outbox import drop, message_key, put
from sakimori.outputs.notify.route import Route
from sakimori.rules.detections.load import load_detections
from sakimori.state.store import Store
from sakimori.texts.language import show_time
from sakimori.texts.sentences import say

_EARLIER = timedelta(hours=1)
_BY = "sakimori"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the message to one route."""

    state: MessageState
    sent_at: datetime | None
    reason: str


def judge_canary(home: Path, store: Store, canary: Canary, clock: Callable[[], datetime]) -> None:
    """Run its rule over the lake, and record what that finds.

    Not as a watch does: what a watch has yet to judge stays for that watch and its own rules.
    """
    rules = chosen_rules(load_detections(), (RULE,), ())
    where = Where(since=canary.planted_at - _EARLIER, accounts=(canary.account,))
    found = judge(DetectRequest(home=home, where=where, rules=(RULE,)), rules, clock=clock)
    with store.begin() as connection:
        record_found(connection, found.detections if found else (), clock())


def detection_of(store: Store, canary: Canary) -> Detection | None:
    """The detection of this canary, once a rule has seen it."""
    found = find_detections(store, Sought(since=canary.planted_at - _EARLIER, rules=(RULE,)))
    return next((each.detection for each in found if canary.marker in each.detection.subject), None)


def tell_canary(
    connection: Connection, routes: Sequence[Route], canary: Canary, found: Detection, now: datetime
) -> None:
    """Put a message for each route into the outbox, at once and whatever the hour, and close the detection as harmless.

    In one transaction: whoever plans what else is told finds it closed.
    """
    for route in routes:
        put(connection, route.name, _message(route, canary, found, now), now)
    decide(
        connection, found.id,
        Decision(disposition=Disposition.BENIGN, reason=say("verify.closed_because", "en")), Doing(_BY, now),
    )  # fmt: skip
    case = connection.execute(select(DETECTION.c.case_id).where(DETECTION.c.id == found.id)).scalar()
    settle(connection, (case or "",), now)


def told_of(store: Store, canary: Canary, routes: Sequence[Route]) -> Mapping[str, Told]:
    """By route, as the ledger has it."""
    names = {_key(canary, route): route.name for route in routes}
    column = MESSAGE.c
    query = select(column.key, column.state, column.sent_at, column.reason).where(column.key.in_(list(names)))
    with store.read() as connection:
        rows = connection.execute(query).all()
    return {names[key]: Told(MessageState(state), sent_at, reason) for key, state, sent_at, reason in rows}


def drop_unsent(store: Store, canary: Canary, routes: Sequence[Route]) -> None:
    """Nobody waits for it any more: what was not sent is not sent tomorrow."""
    keys = [_key(canary, route) for route in routes]
    waiting = (MESSAGE.c.key.in_(keys), MESSAGE.c.state == MessageState.WAITING.value)
    with store.begin() as connection:
        for number in connection.execute(select(MESSAGE.c.number).where(*waiting)).scalars().all():
            drop(connection, number)


def _key(canary: Canary, route: Route) -> str:
    return message_key("canary", canary.marker, route.name)


def _message(route: Route, canary: Canary, found: Detection, now: datetime) -> Message:
    language = route.language
    return Message(
        key=_key(canary, route),
        kind=MessageKind.TEST,
        severity=Severity.INFORMATIONAL,
        language=language,
        headline=say("verify.message_headline", language),
        lines=(
            say("verify.message_way", language, at=show_time(canary.planted_at, language, seconds=True)),
            say("verify.message_nothing", language),
        ),
        footer=say("notify.grounds", language, rules=found.rule),
        made_at=now,
        data={"canary": canary.marker, "account_id": canary.account, "detection": found.id},
    )
