"""What a suppression leaves on the findings that it was made from: a remark of who decided what, never taken away."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from sakimori.findings.inbox_tables import TRIAGE
from sakimori.findings.suppression.suppression import Suppression
from sakimori.findings.tables import DETECTION, FINDING
from sakimori.findings.triage import Doing, remark
from sakimori.model.triage import Act
from sakimori.state.store import insert_into

_BLANK = {
    "owner": "",
    "disposition": "",
    "is_closed": 0,
    "reason": "",
    "due_on": None,
    "decided_by": "",
    "decided_at": None,
}


def mark_suppressed(connection: Connection, suppression: Suppression, doing: Doing) -> None:
    """Say on each finding that it was made from that this suppression keeps it quiet."""
    told = f"{suppression.id} ({suppression.action}, {suppression.expires_on.isoformat()}): {suppression.reason}"
    for finding in _known(connection, suppression.created_from):
        remark(connection, finding, doing, Act.SUPPRESS, told)
        _touch(connection, finding, doing.at)


def mark_ended(connection: Connection, suppression: Suppression, reason: str, doing: Doing) -> None:
    """Say on each finding that it was made from that the suppression is over."""
    for finding in _known(connection, suppression.created_from):
        remark(connection, finding, doing, Act.COMMENT, f"{suppression.id}: {reason}")
        _touch(connection, finding, doing.at)


def _known(connection: Connection, findings: Iterable[str]) -> tuple[str, ...]:
    asked = list(findings)
    known = {
        each
        for table in (FINDING, DETECTION)
        for each in connection.execute(select(table.c.id).where(table.c.id.in_(asked))).scalars()
    }
    return tuple(each for each in asked if each in known)


def _touch(connection: Connection, finding: str, at: datetime) -> None:
    statement = insert_into(connection, TRIAGE).values({"finding": finding, **_BLANK, "touched_at": at})
    connection.execute(statement.on_conflict_do_update(index_elements=[TRIAGE.c.finding], set_={"touched_at": at}))
