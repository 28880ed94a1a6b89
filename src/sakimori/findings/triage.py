"""What people decide of findings: who looks after one, what it turned out to be, and everything that was said.

A finding of posture is no matter of opinion while it fails: it leaves the inbox when it is fixed, suppressed, or its rule
is disabled. One of an event ends with what it turned out to be. Nothing that was done is ever overwritten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from sakimori.findings.inbox_tables import REMARK, TRIAGE
from sakimori.findings.rows import storable, whole
from sakimori.model.errors import UsageError
from sakimori.model.triage import MAX_NAME, MAX_WORDS, Act, Disposition
from sakimori.state.batches import batches
from sakimori.state.store import insert_into

_UNDECIDED: Final = {
    "is_closed": 0,
    "disposition": "",
    "due_on": None,
    "reason": "",
    "decided_by": "",
    "decided_at": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What was decided of one finding; `touched_at` is when a person last did anything about it."""

    owner: str = ""
    disposition: Disposition | None = None
    is_closed: bool = False
    reason: str = ""
    due_on: date | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    touched_at: datetime | None = None


UNTOUCHED: Final = Triage()


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was done about a finding; `text` is what was said with it."""

    at: datetime
    by: str
    act: Act
    text: str


@dataclass(frozen=True, slots=True)
class Doing:
    """Who acts, and when (UTC)."""

    by: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise UsageError("triage.without_name")


def triage_of(connection: Connection, findings: Iterable[str]) -> dict[str, Triage]:
    """By id; those that nobody has touched are left out."""
    found: dict[str, Triage] = {}
    for some in batches(findings):
        rows = connection.execute(select(TRIAGE).where(TRIAGE.c.finding.in_(some))).mappings()
        found.update((row["finding"], as_triage(row)) for row in rows)
    return found


def as_triage(row: RowMapping) -> Triage:
    """Of a row that holds the columns of the table."""
    return Triage(
        owner=row["owner"],
        disposition=Disposition(row["disposition"]) if row["disposition"] else None,
        is_closed=bool(row["is_closed"]),
        reason=row["reason"],
        due_on=row["due_on"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        touched_at=row["touched_at"],
    )


def remarks_of(connection: Connection, finding: str) -> tuple[Remark, ...]:
    """Everything that was done about a finding, in its order."""
    rows = connection.execute(select(REMARK).where(REMARK.c.finding == finding).order_by(REMARK.c.number)).mappings()
    return tuple(Remark(row["at"], row["by"], Act(row["act"]), row["text"]) for row in rows)


def assign(connection: Connection, finding: str, owner: str, doing: Doing) -> None:
    """Name who looks after it; "" for nobody any more."""
    _change(connection, finding, doing, {"owner": bounded_name(owner)})
    remark(connection, finding, doing, Act.ASSIGN, owner)


def comment(connection: Connection, finding: str, text: str, doing: Doing) -> None:
    """Say something about it."""
    if not text.strip():
        raise UsageError("triage.without_words")
    _change(connection, finding, doing, {})
    remark(connection, finding, doing, Act.COMMENT, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a finding turned out to be, and why.

    With `due_on` it is true and `owner` will have put it right by that day: it stays in the inbox until it is.
    """

    disposition: Disposition
    reason: str
    owner: str = ""
    due_on: date | None = None


def decide(connection: Connection, finding: str, decision: Decision, doing: Doing) -> None:
    """Keep the decision; without a day by which it is put right, the finding leaves the inbox."""
    reason = decision.reason.strip()
    if not reason:
        raise UsageError("triage.without_reason")
    due = decision.due_on
    changed: dict[str, object] = {
        "disposition": decision.disposition.value,
        "reason": whole(reason)[:MAX_WORDS],
        "decided_by": bounded_name(doing.by),
        "decided_at": doing.at,
        "due_on": due,
        "is_closed": int(due is None),
    }
    if decision.owner:
        changed["owner"] = bounded_name(decision.owner)
    _change(connection, finding, doing, changed)
    told = f"{decision.disposition}: {reason}" if due is None else f"{due.isoformat()} {decision.owner}: {reason}"  # fmt: skip
    remark(connection, finding, doing, Act.CLOSE if due is None else Act.DECIDE, told)


def reopen(connection: Connection, finding: str, reason: str, doing: Doing) -> None:
    """Back into the inbox, with nothing decided of it."""
    if not reason.strip():
        raise UsageError("triage.without_reason")
    _change(connection, finding, doing, _UNDECIDED)
    remark(connection, finding, doing, Act.REOPEN, reason)


def open_again(connection: Connection, findings: Iterable[str], at: datetime) -> tuple[str, ...]:
    """Those of these that a person had closed: more of them came, and so they are open, with their owner and history."""
    known = triage_of(connection, findings)
    closed = tuple(finding for finding, each in known.items() if each.is_closed)
    for finding in closed:
        reason = known[finding].reason
        connection.execute(TRIAGE.update().where(TRIAGE.c.finding == finding).values(_UNDECIDED))
        remark(connection, finding, Doing("sakimori", at), Act.GROW, reason)
    return closed


def begin_again(connection: Connection, findings: Iterable[str], at: datetime) -> None:
    """These had been put right and are back: nothing is decided of them any more. Their owner and history stay."""
    for finding, known in triage_of(connection, findings).items():
        if known.disposition is not None or known.is_closed:
            connection.execute(TRIAGE.update().where(TRIAGE.c.finding == finding).values(_UNDECIDED))
            remark(connection, finding, Doing("sakimori", at), Act.GROW, known.reason)


def hand_over(connection: Connection, moved: Mapping[str, str]) -> None:
    """What people decided and said of findings goes over to others, which they are now (`moved`: old id to new).

    Where both were decided of, the later decision counts. A finding that is open under its new id is not closed by what was
    said of the old one.
    """
    known = triage_of(connection, {*moved, *moved.values()})
    for former, now in moved.items():
        if former in known:
            known[now] = _one_triage(known[now], known[former]) if now in known else known[former]
            _keep(connection, now, known[now])
            connection.execute(delete(TRIAGE).where(TRIAGE.c.finding == former))
    for some in batches(moved):
        said = select(REMARK.c.finding).where(REMARK.c.finding.in_(some)).distinct()
        for former in connection.execute(said).scalars().all():
            connection.execute(update(REMARK).where(REMARK.c.finding == former).values(finding=moved[former]))


def _one_triage(now: Triage, former: Triage) -> Triage:
    earlier, later = sorted((now, former), key=lambda each: (each.touched_at is not None, each.touched_at))
    owned = replace(later, owner=later.owner or earlier.owner)
    if later.disposition is not None or earlier.disposition is None or earlier.is_closed:
        return owned
    decided = ("disposition", "reason", "due_on", "decided_by", "decided_at")
    return replace(owned, **{name: getattr(earlier, name) for name in decided})


def _keep(connection: Connection, finding: str, triage: Triage) -> None:
    values: dict[str, object] = {each.name: getattr(triage, each.name) for each in fields(triage)}
    values |= {"disposition": triage.disposition or "", "is_closed": int(triage.is_closed)}
    statement = insert_into(connection, TRIAGE).values({"finding": finding, **values})
    connection.execute(statement.on_conflict_do_update(index_elements=[TRIAGE.c.finding], set_=values))


def remark(connection: Connection, finding: str, doing: Doing, act: Act, text: str) -> None:
    """Write down that something was done."""
    words = whole(text.strip())[:MAX_WORDS]
    connection.execute(
        insert(REMARK).values(finding=finding, at=doing.at, by=bounded_name(doing.by), act=act.value, text=words)
    )


def bounded_name(name: str) -> str:
    """A person's name as it is kept; UsageError for one that is no name."""
    words = storable(name.strip())
    if len(words) > MAX_NAME or any(not each.isprintable() for each in words):
        raise UsageError("triage.odd_name", most=MAX_NAME)
    return words


def _change(connection: Connection, finding: str, doing: Doing, changed: Mapping[str, object]) -> None:
    blank = {"owner": "", "disposition": "", "is_closed": 0, "reason": "", "due_on": None, "decided_by": "", "decided_at": None}  # fmt: skip
    told = {**changed, "touched_at": doing.at}
    statement = insert_into(connection, TRIAGE).values({"finding": finding, **blank, **told})
    connection.execute(statement.on_conflict_do_update(index_elements=[TRIAGE.c.finding], set_=told))
