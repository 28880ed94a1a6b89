"""The outbox: messages that are to be sent, and the ledger of what became of each.

A message is written in the same transaction as the word that it was told; from then on it is sent until it has arrived
or is given up, by whoever is there to send. Nothing is ever deleted from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, or_, select, update

from sakimori.findings.inbox_tables import CASE, DIGEST_LINE, MESSAGE
from sakimori.findings.severities import is_at_least
from sakimori.model.identity import identity
from sakimori.model.triage import MessageState
from sakimori.model.words import Severity
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.outputs.report.plain_values import as_json, plain
from sakimori.state.store import insert_into

REPLACEABLE: Final = (MessageKind.CASE, MessageKind.UPDATE)
_JUMP: Final = timedelta(minutes=5)
"""A message that was made so far in the future was made by a clock that has been set back since."""
MOST_BACKOFF: Final = timedelta(minutes=15)
_REASON: Final = 300
_MANY: Final = 200
_DUE_COLUMNS: Final = (MESSAGE.c.severity, MESSAGE.c.not_before, MESSAGE.c.created_at, MESSAGE.c.tries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that is to be sent."""

    number: int
    message: Message
    route: str
    tries: int
    tried_at: datetime | None
    created_at: datetime
    instead_of: str = ""
    """The key of the message that another route could not take."""


def message_key(*parts: object) -> str:
    """The idempotency key of what these parts name: the same parts, the same key."""
    return identity(*map(str, parts))


def put(connection: Connection, route: str, message: Message, not_before: datetime, instead_of: str = "") -> bool:
    """Write a message to be sent; False where one of that key is there already, sent or not."""
    row = {
        "key": message.key, "route": route, "case_id": message.case, "kind": message.kind.value,
        "severity": message.severity.value, "body": _body(message), "state": MessageState.WAITING.value,
        "not_before": not_before, "created_at": message.made_at, "tries": 0, "reference": "", "reason": "",
        "instead_of": instead_of,
    }  # fmt: skip
    statement = insert_into(connection, MESSAGE).values(row).on_conflict_do_nothing(index_elements=[MESSAGE.c.key])
    # Not the count of rows: PostgreSQL's driver does not tell it of an insert that makes its own number.
    return connection.execute(statement.returning(MESSAGE.c.number)).first() is not None


def unsent_of_case(connection: Connection, route: str, case: str) -> RowMapping | None:
    """The message of this case that nobody has begun to send on this route: a later word replaces it."""
    column = MESSAGE.c
    those = (column.route == route, column.case_id == case, column.state == MessageState.WAITING.value, column.tries == 0, column.kind.in_(REPLACEABLE))  # fmt: skip
    return connection.execute(select(MESSAGE).where(*those).order_by(column.number.desc()).limit(1)).mappings().first()


def replace_body(connection: Connection, number: int, message: Message, not_before: datetime) -> None:
    """Say in a message that was not sent yet what is so now; its key stays."""
    kept = {"body": _body(message), "severity": message.severity.value, "not_before": not_before}
    connection.execute(update(MESSAGE).where(MESSAGE.c.number == number).values(kept))


def drop(connection: Connection, number: int) -> None:
    """It is overtaken."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.number == number).values(state=MessageState.DROPPED.value))


def made_between(
    connection: Connection,
    route: str,
    kinds: tuple[MessageKind, ...],
    span: tuple[datetime, datetime],
    case_kind: str = "",
) -> int:
    """How many messages of these kinds were made for a route after one moment and until another; of cases of one kind.

    What a clock made that has been set back since lies beyond the end of `span`.
    """
    after, until = span
    column = MESSAGE.c
    those = (column.route == route, column.created_at > after, column.created_at <= until)
    of_kind = (column.kind.in_([each.value for each in kinds]), column.state != MessageState.DROPPED.value)
    query = select(func.count()).select_from(MESSAGE).where(*those, *of_kind)
    if case_kind:
        query = query.join(CASE, CASE.c.id == column.case_id).where(CASE.c.kind == case_kind)
    return connection.execute(query).scalar_one()


def due(connection: Connection, now: datetime, route: str = "") -> dict[str, tuple[int, ...]]:
    """Numbers of what is due, by route (or of one): the gravest first, but of one case in its order.

    Reads no bodies: thousands may wait.
    """
    column = MESSAGE.c
    query = select(column.number, column.route, column.case_id, *_DUE_COLUMNS).order_by(column.number)
    query = query.where(column.state == MessageState.WAITING.value)
    begun: set[tuple[str, str]] = set()
    found: dict[str, list[tuple[int, int]]] = {}
    for row in connection.execute(query.where(column.route == route) if route else query).mappings():
        of_case = (row["route"], row["case_id"])
        if of_case in begun:
            continue
        if row["case_id"]:
            begun.add(of_case)
        if _is_due(row, now):
            found.setdefault(row["route"], []).append((-Severity(row["severity"]).rank, row["number"]))
    return {name: tuple(number for _, number in sorted(those)) for name, those in found.items()}


def waiting_and_grave(connection: Connection, route: str, now: datetime) -> tuple[Waiting, ...]:
    """What is grave and should have gone out on a route by now, in its order; a bounded number."""
    column = MESSAGE.c
    is_grave = is_at_least(column.severity, Severity.HIGH)
    those = (column.route == route, column.state == MessageState.WAITING.value, is_grave)
    overdue = or_(column.not_before <= now, column.tries > 0)
    query = select(MESSAGE).where(*those, overdue).order_by(column.number).limit(_MANY)
    return tuple(map(as_waiting, connection.execute(query).mappings()))


def as_waiting(row: RowMapping) -> Waiting:
    """Of a row of the table."""
    return Waiting(
        number=row["number"], message=_message(row["body"]), route=row["route"], tries=row["tries"],
        tried_at=row["tried_at"], created_at=row["created_at"], instead_of=row["instead_of"],
    )  # fmt: skip


def begin_try(connection: Connection, number: int, now: datetime, until: datetime) -> Waiting | None:
    """The message as it stands now, written down as being sent before it is; None where it is no longer to be sent.

    From now on no later word replaces it. Where nobody writes how the try ended, the next one is not before `until`.
    `tries` and `tried_at` are of the tries before this one.
    """
    those = (MESSAGE.c.number == number, MESSAGE.c.state == MessageState.WAITING.value)
    row = connection.execute(select(MESSAGE).where(*those)).mappings().first()
    if row is None:
        return None
    begun = {"tries": row["tries"] + 1, "tried_at": now, "not_before": until}
    connection.execute(update(MESSAGE).where(*those).values(begun))
    return as_waiting(row)


def has_arrived(connection: Connection, number: int, reference: str, now: datetime) -> None:
    """It is there."""
    arrived = {"state": MessageState.SENT.value, "reference": reference, "sent_at": now, "reason": ""}
    connection.execute(update(MESSAGE).where(MESSAGE.c.number == number).values(arrived))


def try_later(connection: Connection, number: int, reason: str, not_before: datetime) -> None:
    """It was not taken now."""
    later = {"reason": reason[:_REASON], "not_before": not_before}
    connection.execute(update(MESSAGE).where(MESSAGE.c.number == number).values(later))


def rest(connection: Connection, route: str, until: datetime) -> None:
    """The place asked to be left alone until then: nothing that waits for this route goes before."""
    column = MESSAGE.c
    those = (column.route == route, column.state == MessageState.WAITING.value, column.not_before < until)
    connection.execute(update(MESSAGE).where(*those).values(not_before=until))


def give_up(connection: Connection, number: int, reason: str) -> None:
    """It will not arrive on this route."""
    failed = {"state": MessageState.FAILED.value, "reason": reason[:_REASON]}
    connection.execute(update(MESSAGE).where(MESSAGE.c.number == number).values(failed))


def try_again(connection: Connection, routes: Sequence[str], since: datetime, now: datetime) -> int:
    """What was given up since then is sent after all: its route was set up wrong, and is right now. How many messages."""
    column = MESSAGE.c
    those = (column.state == MessageState.FAILED.value, column.route.in_(routes), column.created_at >= since)
    waiting = {"state": MessageState.WAITING.value, "not_before": now}
    return connection.execute(update(MESSAGE).where(*those).values(waiting)).rowcount


def thread_of(connection: Connection, route: str, case: str) -> str:
    """The reference of the first message of a case that arrived on a route, "" for none."""
    if not case:
        return ""
    column = MESSAGE.c
    those = (column.route == route, column.case_id == case, column.state == MessageState.SENT.value)
    query = select(column.reference).where(*those).order_by(column.number).limit(1)
    return connection.execute(query).scalar() or ""


def _is_due(row: RowMapping, now: datetime) -> bool:
    """Whether its hour has come. Who set the clock back does not wait for an hour that was told by the wrong one."""
    if row["not_before"] <= now:
        return True
    if row["tries"] == 0:
        return row["created_at"] > now + _JUMP
    return row["not_before"] > now + MOST_BACKOFF


def _body(message: Message) -> str:
    """Halves of characters, which a log can hold and no store takes, become question marks."""
    body = as_json(plain(msgspec.to_builtins(message, builtin_types=(datetime,))))
    return body.encode("utf-8", "replace").decode()


def _message(body: str) -> Message:
    return cast("Message", msgspec.json.decode(body.encode(), type=Message))


def forget_route(connection: Connection, route: str) -> int:
    """Drop what waits for a route that is no more, its lines of digests too; how many messages. What was sent stays."""
    connection.execute(delete(DIGEST_LINE).where(DIGEST_LINE.c.route == route))
    those = (MESSAGE.c.route == route, MESSAGE.c.state == MessageState.WAITING.value)
    return connection.execute(update(MESSAGE).where(*those).values(state=MessageState.DROPPED.value)).rowcount
