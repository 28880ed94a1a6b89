"""Witnesses: the same fact, seen by several sources, is one finding.

A control of Security Hub on a resource is our posture finding on that resource; a finding of GuardDuty is our detection
whose rule finds its type, of the same account and principal (or resource), within a day. Ours leads, whichever came first:
it speaks both languages. What people decided and said of a witness before it was joined goes over to its finding.
Source: `rulebook/coverage/guardduty.yaml`, `rulebook/frameworks/seed-must-fix-2023.yaml`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, literal, select, update

from sakimori.findings.detection_rows import detection_of, searched
from sakimori.findings.inbox_tables import REMARK, TRIAGE
from sakimori.findings.rows import whole
from sakimori.findings.tables import DETECTION, FINDING, OPEN
from sakimori.model.detection import Detection
from sakimori.rules.same_facts import same_facts
from sakimori.state.batches import batches

OWN: Final = "sakimori"
_NEAR: Final = timedelta(hours=24)


def join_witnesses(connection: Connection, changed: Iterable[Detection]) -> tuple[Detection, ...]:
    """Join those of these detections that tell the same fact as another source does; the witnesses that joined."""
    joined: list[Detection] = []
    own: list[Detection] = []
    for each in changed:
        if each.producer == OWN:
            own.append(each)
            continue
        rules = same_facts().of(each.rule)
        if rules and not each.is_closed:
            lead = _posture_lead(connection, each, rules)
            lead_of_events = "" if lead else _detection_lead(connection, each, rules)
            if _join(connection, each.id, lead or lead_of_events, is_posture=bool(lead)):
                joined.append(each)
    if own and _has_others(connection):
        for each in own:
            joined += [told for told in _witnesses_of(connection, each) if _join(connection, told.id, each.id)]
    return tuple(joined)


def join_controls(connection: Connection) -> tuple[Detection, ...]:
    """Join what Security Hub says of resources on which findings of ours are open now; the witnesses that joined."""
    joined: list[Detection] = []
    column = DETECTION.c
    those = (column.producer == "securityhub", column.state == OPEN, column.witness_of == "")
    for row in connection.execute(select(DETECTION).where(*those)).mappings().all():
        told = detection_of(row)
        rules = same_facts().by_control.get(told.rule)
        if rules and _join(connection, row["id"], _posture_lead(connection, told, rules), is_posture=True):
            joined.append(told)
    return tuple(joined)


def release(connection: Connection, findings: Iterable[str]) -> tuple[Detection, ...]:
    """Let witnesses of these findings, which are resolved, speak for themselves again: they still say what ours no longer do."""
    released: list[Detection] = []
    for some in batches(findings):
        those = DETECTION.c.witness_of.in_(some)
        query = select(DETECTION).where(those, DETECTION.c.state == OPEN)
        released += [detection_of(row) for row in connection.execute(query).mappings()]
        connection.execute(update(DETECTION).where(those).values(witness_of=""))
    return tuple(released)


def leads_of(connection: Connection, witnesses: Iterable[str]) -> tuple[str, ...]:
    """The findings that these are witnesses of."""
    found: set[str] = set()
    for some in batches(witnesses):
        query = select(DETECTION.c.witness_of).where(DETECTION.c.id.in_(some), DETECTION.c.witness_of != "")
        found.update(connection.execute(query).scalars())
    return tuple(sorted(found))


def _join(connection: Connection, witness: str, lead: str, *, is_posture: bool = False) -> bool:
    """Whether there was a lead to join. Posture is not closed by what was said of its witness: it still fails."""
    if not lead or lead == witness:
        return False
    connection.execute(update(DETECTION).where(DETECTION.c.id == witness).values(witness_of=lead))
    decided = connection.execute(select(TRIAGE).where(TRIAGE.c.finding == witness)).mappings().first()
    has_own = connection.execute(select(TRIAGE.c.finding).where(TRIAGE.c.finding == lead)).first() is not None
    if decided is not None and not has_own:
        is_closed = 0 if is_posture else decided["is_closed"]
        connection.execute(insert(TRIAGE).values({**decided, "finding": lead, "is_closed": is_closed}))
        copied = [column for column in REMARK.c if column.name not in {"number", "finding"}]
        said = select(literal(lead), *copied).where(REMARK.c.finding == witness).order_by(REMARK.c.number)
        connection.execute(insert(REMARK).from_select(["finding", *(each.name for each in copied)], said))
    return True


def _posture_lead(connection: Connection, told: Detection, rules: Iterable[str]) -> str:
    column = FINDING.c
    place: list[ColumnElement[bool]] = [
        column.state == OPEN,
        column.rule.in_(sorted(rules)),
        column.account == whole(told.account),
    ]
    if told.resources:
        place.append(column.resource.in_([whole(each) for each in told.resources]))
    else:
        # A control on the account itself names no resource but the account; it holds where one finding is meant.
        place.append(column.region.in_((whole(told.region), "global")))
    found = connection.execute(select(column.id).where(*place).order_by(column.first_seen, column.id).limit(2)).all()
    return found[0].id if found and (told.resources or len(found) == 1) else ""


def _detection_lead(connection: Connection, told: Detection, rules: Iterable[str]) -> str:
    column = DETECTION.c
    query = select(DETECTION).where(*_near(told), column.producer == OWN, column.rule.in_(sorted(rules)))
    for row in connection.execute(query.order_by(column.first_at, column.id)).mappings():
        if _same_who_or_what(detection_of(row), told):
            return row["id"]
    return ""


def _witnesses_of(connection: Connection, own: Detection) -> tuple[Detection, ...]:
    kinds = [name for name, rules in same_facts().by_type.items() if own.rule in rules]
    if not kinds:
        return ()
    column = DETECTION.c
    query = select(DETECTION).where(
        *_near(own), column.producer != OWN, column.rule.in_(kinds), column.witness_of == "", column.state == OPEN
    )
    found = (detection_of(row) for row in connection.execute(query).mappings())
    return tuple(each for each in found if _same_who_or_what(own, each))


def _near(told: Detection) -> tuple[ColumnElement[bool], ...]:
    column = DETECTION.c
    return (
        column.account == searched(told.account),
        column.last_at >= told.first_at - _NEAR,
        column.first_at <= told.last_at + _NEAR,
    )


def _same_who_or_what(one: Detection, other: Detection) -> bool:
    if one.principal and one.principal == other.principal:
        return True
    return not set(one.resources).isdisjoint(other.resources)


def _has_others(connection: Connection) -> bool:
    return connection.execute(select(DETECTION.c.id).where(DETECTION.c.producer != OWN).limit(1)).first() is not None
