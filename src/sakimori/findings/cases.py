"""Cases: what belongs together, and is told of together.

All that one principal was seen to do is one case, until a day passes without more of it: an attack makes dozens of
detections and is one affair. Where nobody knows who did it, the resource holds it together, or else the rule. Of posture,
the resources of one account that fail one rule are one case, as long as any of them does.

A case that changed is marked as pending in the same transaction: whoever tells people of it may be killed and go on later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, or_, select, update

from sakimori.findings.detection_rows import detection_of, searched
from sakimori.findings.inbox_tables import CASE, TRIAGE
from sakimori.findings.tables import CHANGE, CLOSED, DETECTION, FINDING, OPEN
from sakimori.model.arn import Arn
from sakimori.model.detection import Detection
from sakimori.model.identity import identity
from sakimori.model.words import Severity
from sakimori.state.batches import batches

ATTACK: Final = "attack"
POSTURE: Final = "posture"
QUIET: Final = timedelta(hours=24)
"""After so long without a further detection the next one of the same principal is another case."""
_ARMING: Final = frozenset({"persistence", "privilege-escalation", "credential-access"})
"""Tactics of what gives a principal to somebody: what names a principal then, tells of who made or armed it."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


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
    taken_by: str = ""

    def is_near(self, other: "_Case | Detection") -> bool:
        """Whether less than a day lies between them."""
        return self.first_at - QUIET <= other.last_at and other.first_at <= self.last_at + QUIET

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
    """Cases that are to be written."""
    _known: dict[str, _Case] = field(default_factory=dict[str, _Case])
    """Every case that was read or opened, each once."""
    _members: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _named: dict[tuple[str, str], list[Detection]] = field(default_factory=dict[tuple[str, str], list[Detection]])
    """Detections of this transaction that arm a principal, by account and what they name."""
    _case_of_member: dict[str, str] = field(default_factory=dict[str, str])
    _folded: dict[str, _Case] = field(default_factory=dict[str, _Case])
    """Cases that have become part of another, by id."""
    _left: set[str] = field(default_factory=set[str])
    """Cases that something was taken from."""
    _armed: dict[tuple[str, str], list[tuple[Detection, _Case]]] | None = None
    """What the store holds that arms a principal; None where nobody has looked."""
    _span: tuple[datetime, datetime] = (_NEVER, _NEVER)
    """The time that this transaction is about."""
    _made: int = -1
    """The last number that a case of this day has; -1 where nobody has looked."""

    def take_in(self, detections: Iterable[Detection]) -> None:
        """Find the case of each, which are new, have grown or have a say again, or open one. Call `write` at the end.

        A witness of another detection is in that one's case; of a finding of posture, in none.
        """
        told = sorted(detections, key=lambda each: each.first_at)
        if told:
            self._span, self._armed = (told[0].first_at, max(each.last_at for each in told)), None
        known, leads = self._placed([each.id for each in told])
        for each in told:
            if each.id in leads:
                continue
            case = self._case(known.get(each.id, ""))
            if case is None:
                if each.is_closed:
                    continue
                case = self._case_for(each)
                self._members.setdefault(case.id, []).append(each.id)
            self._case_of_member[each.id] = case.id
            case.take_in(each.severity, each.first_at, each.last_at)
            case.is_open = case.is_open or not each.is_closed
            self._fold(case, (case.key,))
            if _ARMING.intersection(each.tactics):
                self._fold(self._now(case), self._armed_by(each))
        self._take_in_witnesses([each for each in told if each.id in leads], known, leads)

    def _take_in_witnesses(
        self, witnesses: Iterable[Detection], known: Mapping[str, str], leads: Mapping[str, str]
    ) -> None:
        cases, _ = self._placed(sorted(set(leads.values()) - set(self._case_of_member)))
        for each in witnesses:
            lead = leads[each.id]
            case = self._case(self._case_of_member.get(lead) or cases.get(lead, ""))
            if known.get(each.id) and (case is None or known[each.id] != case.id):
                self._left.add(known[each.id])
            if case is not None:
                self._members.setdefault(case.id, []).append(each.id)
                case.take_in(each.severity, each.first_at, each.last_at)

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
            key = identity(POSTURE, partition, account_, rule_)
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
        opened: list[dict[str, object]] = []
        for case in self._by_id.values():
            values = {
                "severity": case.severity.value, "first_at": case.first_at, "last_at": case.last_at,
                "state": OPEN if case.is_open else CLOSED, "changed_at": self.at, "is_pending": 1, "taken_by": case.taken_by,
            }  # fmt: skip
            if case.is_new:
                fixed = {"id": case.id, "key": case.key, "kind": case.kind, "account": case.account, "subject": case.subject, "opened_at": self.at, "told": "{}"}  # fmt: skip
                opened.append({**values, **fixed})
            else:
                self.connection.execute(update(CASE).where(CASE.c.id == case.id).values(values))
        if opened:
            self.connection.execute(insert(CASE), opened)
        placed = [
            {"of_detection": each, "case_id": self._now(self._known[case]).id}
            for case, members in self._members.items()
            for each in members
        ]
        if placed:
            self.connection.execute(update(DETECTION).where(DETECTION.c.id == bindparam("of_detection")), placed)
        for case_id, into in self._folded.items():
            those = DETECTION.c.case_id == case_id
            self.connection.execute(update(DETECTION).where(those).values(case_id=self._now(into).id))
        attacks = {each.id for each in self._by_id.values() if each.kind == ATTACK and each.is_open}
        settle(self.connection, attacks | self._left, self.at)
        return tuple(self._by_id)

    def _placed(self, identifiers: list[str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Case by detection, of those that have one, and lead by detection, of those that are witnesses; the cases are read."""
        placed: dict[str, str] = {}
        leads: dict[str, str] = {}
        column = DETECTION.c
        for some in batches(identifiers):
            query = select(column.id, column.case_id, column.witness_of).where(column.id.in_(some))
            for row in self.connection.execute(query):
                placed |= {row.id: row.case_id} if row.case_id else {}
                leads |= {row.id: row.witness_of} if row.witness_of else {}
        wanted = sorted({case for each, case in placed.items() if each not in leads} - set(self._by_id))
        for some in batches(wanted):
            for row in self.connection.execute(select(CASE).where(CASE.c.id.in_(some))).mappings():
                self._remember(self._read(row))
        return placed, leads

    def _case(self, identifier: str) -> _Case | None:
        """The case of that id, or the one that it has become part of."""
        case = self._known.get(identifier)
        return self._now(case) if case is not None else None

    def _read(self, row: RowMapping) -> _Case:
        return self._now(self._known.setdefault(row["id"], _case_of(row)))

    def _now(self, case: _Case) -> _Case:
        while case.id in self._folded:
            case = self._folded[case.id]
        return case

    def _fold(self, case: _Case, keys: Iterable[str]) -> None:
        """Cases of these keys that no day lies between any more become one, the elder: in whatever order things are told."""
        for other in [each for key in keys for each in self._open(key)]:
            case = self._now(case)
            if other.id in {case.id, *self._folded} or not (case.is_open and other.is_open and case.is_near(other)):
                continue
            elder, younger = sorted((case, other), key=lambda each: (each.is_new, len(each.id), each.id))
            elder.take_in(younger.severity, younger.first_at, younger.last_at)
            elder.taken_by = elder.taken_by or younger.taken_by
            self._by_id[elder.id] = elder
            younger.is_open = False
            self._folded[younger.id] = elder
            self._open(younger.key).append(elder)
            self._by_id.pop(younger.id, None)
            if not younger.is_new:
                ended = {"state": CLOSED, "changed_at": self.at, "is_pending": 1}
                self.connection.execute(update(CASE).where(CASE.c.id == younger.id).values(ended))
            # It is longer now, and may touch the next one.
            self._fold(elder, (elder.key, younger.key))

    def _armed_by(self, detection: Detection) -> list[str]:
        """Remember whom it arms; the keys of cases that they may have already."""
        keys: list[str] = []
        for resource in detection.resources:
            self._named.setdefault((detection.account, resource), []).append(detection)
            if resource.startswith("arn:"):
                keys.append(identity(ATTACK, "", resource))
                continue
            within = f"arn:{detection.partition}:iam::{detection.account}:"
            keys += [identity(ATTACK, "", f"{within}{kind}/{resource}") for kind in ("user", "role")]
        return keys

    def _case_for(self, detection: Detection) -> _Case:
        account, subject = _held_together_by(detection)
        key = identity(ATTACK, account, subject)
        near = (each for each in self._open(key) if each.is_open and each.is_near(detection))
        case = min(near, key=lambda each: (each.is_new, len(each.id), each.id), default=None)
        if case is None:
            case = self._case_with(detection) or self._case_that_made(subject, detection)
            if case is not None:
                self._open(key).append(case)
        if case is not None:
            self._by_id[case.id] = case
            return case
        return self._open_case(key, ATTACK, detection.account, subject, detection.severity, detection.first_at)

    def _case_with(self, detection: Detection) -> _Case | None:
        """The open case of another in which this principal acted within a day: of whoever made it."""
        if not detection.principal:
            return None
        column = DETECTION.c
        query = (
            select(CASE)
            .join(DETECTION, column.case_id == CASE.c.id)
            .where(
                CASE.c.state == OPEN,
                column.principal == searched(detection.principal),
                column.witness_of == "",
                column.last_at >= detection.first_at - QUIET,
                column.first_at <= detection.last_at + QUIET,
            )
            .order_by(CASE.c.opened_at, CASE.c.id)
        )
        row = self.connection.execute(query.limit(1)).mappings().first()
        return self._read(row) if row is not None else None

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
                case = self._case(self._case_of_member[member.id])
                if case is not None and case.is_open:
                    return case
        return self._stored_case_that_armed(arn.account_id, names, detection)

    def _stored_case_that_armed(self, account: str, names: Iterable[str], detection: Detection) -> _Case | None:
        if self._armed is None:
            self._armed = self._read_armed()
        near = (
            case for name in names for member, case in self._armed.get((account, name), ())
            if member.principal != detection.principal and _is_near(member, detection)
        )  # fmt: skip
        open_ = (case for case in map(self._now, near) if case.is_open)
        return max(open_, key=lambda each: each.last_at, default=None)

    def _read_armed(self) -> dict[tuple[str, str], list[tuple[Detection, _Case]]]:
        """What arms a principal, of open cases and of the time that this transaction is about, by account and what it names.

        Read once: a pattern over whole bodies for every new principal would cost the square of their number.
        """
        column, (begin, end) = DETECTION.c, self._span
        query = (
            select(CASE, column.body, column.account.label("place"))
            .join(DETECTION, column.case_id == CASE.c.id)
            .where(
                CASE.c.state == OPEN,
                CASE.c.kind == ATTACK,
                column.last_at >= begin - QUIET,
                column.first_at <= end + QUIET,
                or_(*(column.body.like(f'%"{tactic}"%') for tactic in sorted(_ARMING))),
            )
        )
        found: dict[tuple[str, str], list[tuple[Detection, _Case]]] = {}
        for row in self.connection.execute(query).mappings():
            member = detection_of(row)
            if _ARMING.intersection(member.tactics):
                case = self._read(row)
                for resource in member.resources:
                    found.setdefault((row["place"], resource), []).append((member, case))
        return found

    def _open(self, key: str) -> list[_Case]:
        """The open cases of a key. Only those that something happens to are written."""
        if key not in self._by_key:
            query = select(CASE).where(CASE.c.key == key, CASE.c.state == OPEN)
            self._by_key[key] = [self._read(row) for row in self.connection.execute(query).mappings()]
        return self._by_key[key]

    def _open_case(self, key: str, kind: str, account: str, subject: str, severity: Severity, at: datetime) -> _Case:  # noqa: PLR0913, PLR0917 - the parts of a case
        case = _Case(self._next_id(), key, kind, searched(account), searched(subject), severity, at, at, is_new=True)
        self._remember(case)
        return case

    def _remember(self, case: _Case) -> None:
        self._by_id[case.id] = self._known[case.id] = case
        known = self._open(case.key)
        if all(each.id != case.id for each in known):
            known.append(case)

    def _next_id(self) -> str:
        """`SKM-20261123-01`: the day in UTC, and which case of that day it is."""
        day = f"SKM-{self.at.astimezone(UTC):%Y%m%d}-"
        if self._made < 0:
            latest = select(CASE.c.id).where(CASE.c.id.startswith(day))
            latest = latest.order_by(func.length(CASE.c.id).desc(), CASE.c.id.desc()).limit(1)
            self._made = int((self.connection.execute(latest).scalar() or "0").removeprefix(day))
        self._made += 1
        return f"{day}{self._made:02}"

    def _still_fails(self, account: str, rule: str) -> bool:
        query = select(FINDING.c.id).where(
            FINDING.c.state == OPEN, FINDING.c.rule == rule, FINDING.c.account == account
        )
        return self.connection.execute(query.limit(1)).first() is not None


def case_of_posture(connection: Connection, partition: str, account: str, rule: str) -> str:
    """The id of the open case of what fails a rule in an account, "" where there is none."""
    key = identity(POSTURE, partition, account, rule)
    query = select(CASE.c.id).where(CASE.c.key == key, CASE.c.state == OPEN).order_by(CASE.c.opened_at.desc()).limit(1)
    return connection.execute(query).scalar() or ""


def settle(connection: Connection, cases: Iterable[str], at: datetime) -> None:
    """Close those of these open cases whose detections have all been closed, by people or by the service that found them."""
    for some in batches(sorted(set(cases) - {""})):
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
    for some in batches(sorted(set(cases) - {""})):
        those = (CASE.c.id.in_(some), CASE.c.state == CLOSED)
        connection.execute(update(CASE).where(*those).values(state=OPEN, changed_at=at, is_pending=1))


def rename_posture(connection: Connection, place: tuple[str, str], rule: tuple[str, str], at: datetime) -> None:
    """Cases of a rule (former id, present id) at a place (partition, account) go on under the present id.

    Where one is open under either, the earlier stays, with what people have said in its thread, and the other ends.
    """
    former, now = (identity(POSTURE, *place, each) for each in rule)
    renamed = {"key": now, "subject": searched(rule[1])}
    connection.execute(update(CASE).where(CASE.c.key == former, CASE.c.kind == POSTURE).values(renamed))
    both = select(CASE.c.id).where(CASE.c.key == now, CASE.c.state == OPEN).order_by(CASE.c.opened_at, CASE.c.id)
    ended = connection.execute(both).scalars().all()[1:]
    if ended:
        values = {"state": CLOSED, "changed_at": at, "is_pending": 1}
        connection.execute(update(CASE).where(CASE.c.id.in_(ended)).values(values))


def rename_attack(connection: Connection, case_id: str, before: Detection, now: Detection) -> None:
    """The case of a detection whose rule has another name now, if nothing but the rule holds it together."""
    former, present = _held_together_by(before), _held_together_by(now)
    if case_id and former != present:
        those = (CASE.c.id == case_id, CASE.c.key == identity(ATTACK, *former))
        renamed = {"key": identity(ATTACK, *present), "subject": searched(present[1])}
        connection.execute(update(CASE).where(*those).values(renamed))


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


def _case_of(row: RowMapping) -> _Case:
    return _Case(
        row["id"], row["key"], row["kind"], row["account"], row["subject"], Severity(row["severity"]),
        row["first_at"], row["last_at"], is_open=row["state"] == OPEN, taken_by=row["taken_by"],
    )  # fmt: skip
