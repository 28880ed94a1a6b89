"""Cases: what belongs together, and is told of together.

All that one principal was seen to do is one case, until a day passes without more of it: an attack makes dozens of
detections and is one affair. Where nobody knows who did it, the resource holds it together, or else the rule. Of posture,
the resources of one account that fail one rule are one case, as long as any of them does.

A case that changed is marked as pending in the same transaction: whoever tells people of it may be killed and go on later.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from sakimori.findings.detection_rows import detection_of, searched
from sakimori.findings.inbox_tables import CASE, TRIAGE
from sakimori.findings.tables import CHANGE, CLOSED, DETECTION, FINDING, OPEN
from sakimori.model.arn import Arn
from sakimori.model.detection import Detection
from sakimori.model.words import Severity

ATTACK: Final = "attack"
POSTURE: Final = "posture"
QUIET: Final = timedelta(hours=24)
"""After so long without a further detection the next one of the same principal is another case."""
_BATCH: Final = 5_000
_LOOKED_AT: Final = 200
_ARMING: Final = frozenset({"persistence", "privilege-escalation", "credential-access"})
"""Tactics of what gives a principal to somebody: what names a principal then, tells of who made or armed it."""
_ESCAPED: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(slots=True)
class _Case:
    """A case of this transaction; written once, at its end."""

    id: str
    key: str
    kind: str
    account: str
    subject: str
    severity: Severity
    first_at: datetime
    last_at: datetime
    is_new: bool = False
    is_open: bool = True

    def take_in(self, severity: Severity, first_at: datetime, last_at: datetime) -> None:
        self.severity = max(self.severity, severity, key=lambda each: each.rank)
        self.first_at = min(self.first_at, first_at)
        self.last_at = max(self.last_at, last_at)


@dataclass(slots=True)
class CaseBook:
    """The cases that one transaction writes to."""

    connection: Connection
    at: datetime
    _by_key: dict[str, list[_Case]] = field(default_factory=dict[str, list[_Case]])
    _by_id: dict[str, _Case] = field(default_factory=dict[str, _Case])
    _members: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _named: dict[tuple[str, str], list[Detection]] = field(default_factory=dict[tuple[str, str], list[Detection]])
    """Detections of this transaction that arm a principal, by account and what they name."""
    _case_of_member: dict[str, str] = field(default_factory=dict[str, str])
    _made: int = -1
    """Cases that were opened on this day; -1 where nobody has counted."""

    def take_in(self, detections: Iterable[Detection]) -> None:
        """Find the case of each, which are new or have grown, or open one. Call `write` at the end."""
        told = sorted(detections, key=lambda each: each.first_at)
        known = self._placed([each.id for each in told])
        for each in told:
            case = self._by_id.get(known.get(each.id, ""))
            if case is None:
                if each.is_closed:
                    continue
                case = self._case_for(each)
                self._members.setdefault(case.id, []).append(each.id)
            if _ARMING.intersection(each.tactics):
                for resource in each.resources:
                    self._named.setdefault((each.account, resource), []).append(each)
            self._case_of_member[each.id] = case.id
            case.take_in(each.severity, each.first_at, each.last_at)
            case.is_open = case.is_open or not each.is_closed

    def take_in_run(self, number: int) -> None:
        """The posture that a run of `assess` changed: cases that it opened, widened or ended."""
        begun = ("opened", "reopened")
        kind, account, rule = CHANGE.c.kind, FINDING.c.account, FINDING.c.rule
        rows = self.connection.execute(
            select(account, rule, FINDING.c.partition, FINDING.c.severity, kind, func.min(FINDING.c.first_seen))
            .join(CHANGE, CHANGE.c.finding == FINDING.c.id)
            .where(CHANGE.c.run == number)
            .group_by(account, rule, FINDING.c.partition, FINDING.c.severity, kind)
        ).all()
        rows = sorted(rows, key=lambda row: row[4] not in begun)
        for account_, rule_, partition, severity, kind_, first_seen in rows:
            key = _digest(POSTURE, partition, account_, rule_)
            case = next((each for each in self._open(key) if each.is_open), None)
            if kind_ in begun:
                if case is None:
                    case = self._open_case(key, POSTURE, account_, rule_, Severity(severity), first_seen)
                self._by_id[case.id] = case
                case.take_in(Severity(severity), case.first_at, self.at)
            elif case is not None and not self._still_fails(account_, rule_):
                self._by_id[case.id] = case
                case.is_open = False

    def write(self) -> tuple[str, ...]:
        """Write what changed; the ids of the cases that did."""
        for case in self._by_id.values():
            values = {
                "severity": case.severity.value, "first_at": case.first_at, "last_at": case.last_at,
                "state": OPEN if case.is_open else CLOSED, "changed_at": self.at, "is_pending": 1,
            }  # fmt: skip
            if case.is_new:
                fixed = {"id": case.id, "key": case.key, "kind": case.kind, "account": case.account, "subject": case.subject, "opened_at": self.at, "taken_by": "", "told": "{}"}  # fmt: skip
                self.connection.execute(insert(CASE).values({**values, **fixed}))
            else:
                self.connection.execute(update(CASE).where(CASE.c.id == case.id).values(values))
        for case_id, members in self._members.items():
            for begin in range(0, len(members), _BATCH):
                some = members[begin : begin + _BATCH]
                self.connection.execute(update(DETECTION).where(DETECTION.c.id.in_(some)).values(case_id=case_id))
        settle(
            self.connection, [each.id for each in self._by_id.values() if each.kind == ATTACK and each.is_open], self.at
        )
        return tuple(self._by_id)

    def _placed(self, identifiers: list[str]) -> Mapping[str, str]:
        """Case by detection, of those that have one; the cases are read too."""
        placed: dict[str, str] = {}
        for begin in range(0, len(identifiers), _BATCH):
            some = identifiers[begin : begin + _BATCH]
            query = select(DETECTION.c.id, DETECTION.c.case_id).where(
                DETECTION.c.id.in_(some), DETECTION.c.case_id != ""
            )
            placed.update((row.id, row.case_id) for row in self.connection.execute(query))
        wanted = sorted(set(placed.values()) - set(self._by_id))
        for begin in range(0, len(wanted), _BATCH):
            some = wanted[begin : begin + _BATCH]
            for row in self.connection.execute(select(CASE).where(CASE.c.id.in_(some))).mappings():
                self._remember(_case_of(row))
        return placed

    def _case_for(self, detection: Detection) -> _Case:
        account, subject = _held_together_by(detection)
        key = _digest(ATTACK, account, subject)
        near = (
            each for each in self._open(key)
            if each.is_open and each.first_at - QUIET <= detection.last_at and detection.first_at <= each.last_at + QUIET
        )  # fmt: skip
        case = max(near, key=lambda each: each.last_at, default=None) or self._case_that_made(subject, detection)
        if case is not None:
            self._by_id[case.id] = case
            return case
        return self._open_case(key, ATTACK, detection.account, subject, detection.severity, detection.first_at)

    def _case_that_made(self, principal: str, detection: Detection) -> _Case | None:
        """The open case in which somebody armed this principal within a day: who makes a user acts through it."""
        try:
            arn = Arn.parse(principal)
        except ValueError:
            return None
        if arn.service not in {"iam", "sts"}:
            return None
        names = (principal, _name_of(arn))
        for member in (each for name in names for each in self._named.get((arn.account_id, name), ())):
            if member.principal != principal and _is_near(member, detection):
                case = self._by_id[self._case_of_member[member.id]]
                if case.is_open:
                    return case
        return self._stored_case_that_armed(arn.account_id, names, detection)

    def _stored_case_that_armed(self, account: str, names: tuple[str, ...], detection: Detection) -> _Case | None:
        column = DETECTION.c
        naming = (f'%"{json.dumps(name)[1:-1].translate(_ESCAPED)}"%' for name in names)
        query = (
            select(CASE, column.body)
            .join(DETECTION, column.case_id == CASE.c.id)
            .where(
                CASE.c.state == OPEN,
                CASE.c.kind == ATTACK,
                column.account == account,
                column.last_at >= detection.first_at - QUIET,
                column.first_at <= detection.last_at + QUIET,
                or_(*(column.body.like(pattern, escape="\\") for pattern in naming)),
            )
            .order_by(CASE.c.last_at.desc())
        )
        for row in self.connection.execute(query.limit(_LOOKED_AT)).mappings():
            member = detection_of(row)
            if _ARMING.intersection(member.tactics) and not set(names).isdisjoint(member.resources):
                return self._by_id.get(row["id"]) or _case_of(row)
        return None

    def _open(self, key: str) -> list[_Case]:
        """The open cases of a key. Only those that something happens to are written."""
        if key not in self._by_key:
            query = select(CASE).where(CASE.c.key == key, CASE.c.state == OPEN)
            self._by_key[key] = [
                self._by_id.get(row["id"]) or _case_of(row) for row in self.connection.execute(query).mappings()
            ]
        return self._by_key[key]

    def _open_case(self, key: str, kind: str, account: str, subject: str, severity: Severity, at: datetime) -> _Case:  # noqa: PLR0913, PLR0917 - the parts of a case
        case = _Case(self._next_id(), key, kind, searched(account), searched(subject), severity, at, at, is_new=True)
        self._remember(case)
        return case

    def _remember(self, case: _Case) -> None:
        self._by_id[case.id] = case
        known = self._open(case.key)
        if all(each.id != case.id for each in known):
            known.append(case)

    def _next_id(self) -> str:
        """`SKM-20261123-01`: the day in UTC, and which case of that day it is."""
        day = f"SKM-{self.at.astimezone(UTC):%Y%m%d}-"
        if self._made < 0:
            count = select(func.count()).select_from(CASE).where(CASE.c.id.startswith(day))
            self._made = self.connection.execute(count).scalar_one()
        self._made += 1
        return f"{day}{self._made:02}"

    def _still_fails(self, account: str, rule: str) -> bool:
        query = select(FINDING.c.id).where(
            FINDING.c.state == OPEN, FINDING.c.rule == rule, FINDING.c.account == account
        )
        return self.connection.execute(query.limit(1)).first() is not None


def settle(connection: Connection, cases: Iterable[str], at: datetime) -> None:
    """Close those of these open cases whose detections have all been closed, by people or by the service that found them."""
    asked = sorted(set(cases) - {""})
    for begin in range(0, len(asked), _BATCH):
        some = asked[begin : begin + _BATCH]
        unsettled = (
            select(DETECTION.c.case_id)
            .outerjoin(TRIAGE, TRIAGE.c.finding == DETECTION.c.id)
            .where(
                DETECTION.c.case_id.in_(some),
                DETECTION.c.state == OPEN,
                DETECTION.c.witness_of == "",
                func.coalesce(TRIAGE.c.is_closed, 0) == 0,
            )
        )
        left = set(connection.execute(unsettled.distinct()).scalars())
        done = [each for each in some if each not in left]
        those = (CASE.c.id.in_(done), CASE.c.kind == ATTACK, CASE.c.state == OPEN)
        connection.execute(update(CASE).where(*those).values(state=CLOSED, changed_at=at, is_pending=1))


def reopen_cases(connection: Connection, cases: Iterable[str], at: datetime) -> None:
    """Open cases of which something is open again."""
    asked = sorted(set(cases) - {""})
    for begin in range(0, len(asked), _BATCH):
        those = (CASE.c.id.in_(asked[begin : begin + _BATCH]), CASE.c.state == CLOSED)
        connection.execute(update(CASE).where(*those).values(state=OPEN, changed_at=at, is_pending=1))


def _name_of(arn: Arn) -> str:
    """The name of a user or role, of a session that of its role."""
    kind, _, rest = arn.resource.partition("/")
    return rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2] or kind


def _is_near(one: Detection, other: Detection) -> bool:
    return one.first_at - QUIET <= other.last_at and other.first_at <= one.last_at + QUIET


def _held_together_by(detection: Detection) -> tuple[str, str]:
    """Account and subject: a principal is the same in every account that it reaches into; a resource only in its own."""
    if detection.principal.startswith("arn:"):
        return "", detection.principal
    named = detection.principal or (detection.resources[0] if detection.resources else "")
    return detection.account, named or detection.subject or detection.rule


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _case_of(row: RowMapping) -> _Case:
    return _Case(
        row["id"], row["key"], row["kind"], row["account"], row["subject"], Severity(row["severity"]),
        row["first_at"], row["last_at"], is_open=row["state"] == OPEN,
    )  # fmt: skip
