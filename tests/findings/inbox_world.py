"""Detections of made-up people, and what the store then holds of cases, read without the code that is tested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from tests.findings.test_detections import NOON, detection

from sakimori.findings.detections import record_detections
from sakimori.findings.inbox_tables import CASE, TRIAGE
from sakimori.findings.tables import DETECTION, OPEN
from sakimori.findings.triage import Decision, Doing, decide
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition
from sakimori.state.store import Store

ACCOUNT = "111122223333"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def user(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


def act(who: str = "alice", hour: float = 0, *, rule: str = "some-rule", **more: Any) -> Detection:
    """Something that a user did so many hours after noon; `lasting` so many hours."""
    begun = NOON + hour * HOUR
    usual = {"principal": user(who) if who else "", "resources": (), "tactics": ("discovery",), "first_at": begun}
    return detection(rule=rule, last_at=begun + more.pop("lasting", 0) * HOUR, **{**usual, **more})


def guardduty(number: int = 1, hour: float = 0, **more: Any) -> Detection:
    """What GuardDuty says of a trail that was stopped, which our rule finds too."""
    usual = {
        "rule": "Stealth:IAMUser/CloudTrailLoggingDisabled",
        "producer": "guardduty",
        "native_id": f"arn:finding/{number}",
    }
    return act(hour=hour, **{**usual, "source": "", **more})


def keep(store: Store, *told: Detection, hour: float = 24) -> None:
    record_detections(store, told, NOON + hour * HOUR)


def close(store: Store, *told: Detection, hour: float = 25, as_: Disposition = Disposition.BENIGN) -> None:
    with store.begin() as connection:
        for each in told:
            decide(connection, each.id, Decision(disposition=as_, reason="known"), Doing("sato", NOON + hour * HOUR))


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: str
    kind: str
    subject: str
    severity: str
    state: str
    first_at: datetime
    last_at: datetime
    is_pending: int
    taken_by: str


def cases(store: Store) -> list[CaseRow]:
    names = CaseRow.__slots__
    with store.read() as connection:
        rows = connection.execute(select(*(CASE.c[name] for name in names)).order_by(CASE.c.opened_at, CASE.c.id))
        return [CaseRow(*row) for row in rows]


def case_of(store: Store, told: Detection) -> str:
    with store.read() as connection:
        return str(connection.execute(select(DETECTION.c.case_id).where(DETECTION.c.id == told.id)).scalar_one())


def groups(store: Store) -> set[frozenset[str]]:
    """The open detections that are no witnesses, by case; each in one, or a case "" that they have not."""
    found: dict[str, set[str]] = {}
    with store.read() as connection:
        query = select(DETECTION.c.id, DETECTION.c.case_id).outerjoin(TRIAGE, TRIAGE.c.finding == DETECTION.c.id)
        for row in connection.execute(query.where(DETECTION.c.state == OPEN, DETECTION.c.witness_of == "")):
            found.setdefault(row.case_id, set()).add(row.id)
        open_ids = set(
            connection.execute(select(CASE.c.id).where(CASE.c.state == OPEN, CASE.c.kind == "attack")).scalars()
        )
    assert set(found) == open_ids, (set(found), open_ids)
    return {frozenset(members) for members in found.values()}


def ids(told: Iterable[Detection]) -> frozenset[str]:
    return frozenset(each.id for each in told)
