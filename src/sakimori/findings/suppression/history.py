"""What the store remembers of the findings that a suppression would hide or would have hidden."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, or_, select

from sakimori.findings.detection_rows import detection_of, searched
from sakimori.findings.inbox_tables import CASE, MESSAGE, TRIAGE
from sakimori.findings.rows import verdict_of
from sakimori.findings.suppression.subject import OWN, Subject, subject_of_detection, subject_of_verdict
from sakimori.findings.suppression.suppression import Suppression
from sakimori.findings.tables import DETECTION, FINDING, RUN
from sakimori.model.triage import Disposition, MessageState
from sakimori.state.batches import batches

REPLAYED: Final = timedelta(days=90)
_POSTURE: Final = "posture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One finding of the store. `sightings` is how often it was raised, `days` on which days at least (UTC).

    A detection of ours is one sighting, however many events it has: it was told once. A service of AWS raises a finding
    again each time it counts it. A failing rule was raised by each run that saw it.
    `told_at` is when people were first told of it, None where they never were.
    """

    id: str
    kind: str
    subject: Subject
    first_at: datetime
    last_at: datetime
    recorded_at: datetime
    sightings: int
    days: frozenset[date]
    disposition: Disposition | None = None
    is_closed: bool = False
    owner: str = ""
    reason: str = ""
    decided_by: str = ""
    case_id: str = ""
    lead: str = ""
    told_at: datetime | None = None

    @property
    def is_harmless(self) -> bool:
        """Whether a person closed it as benign or false."""
        return self.is_closed and self.disposition in {Disposition.BENIGN, Disposition.FALSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The findings of the last 90 days that a suppression holds for, and how many days of them the store has."""

    matches: tuple[Past, ...]
    reach_days: int


class History:
    """The past of the store up to a moment; findings are read when they are asked for."""

    def __init__(self, connection: Connection, now: datetime, renamed: Mapping[str, str] | None = None) -> None:
        self._connection = connection
        self._now = now
        self._since = now - REPLAYED
        self._renamed = renamed or {}
        sent = MESSAGE.c.state == MessageState.SENT.value
        self._first_message: datetime | None = connection.execute(
            select(func.min(MESSAGE.c.sent_at)).where(sent)
        ).scalar()
        self._runs: Sequence[datetime] | None = None

    @cached_property
    def reach_days(self) -> int:
        """Over how many of the last 90 days the store has been kept: what came before it, no replay shows."""
        firsts = (
            self._connection.execute(select(func.min(column))).scalar()
            for column in (DETECTION.c.first_seen, FINDING.c.first_seen, RUN.c.at)
        )
        first = min((at for at in firsts if at is not None), default=self._now)
        return max(0, min(REPLAYED.days, (self._now - first).days))

    def replay(self, suppression: Suppression) -> Replay:
        """What it would have hidden."""
        found = tuple(each for each in self._candidates(suppression) if suppression.holds(each.subject))
        return Replay(matches=self._with_decisions(found), reach_days=self.reach_days)

    def findings(self, identifiers: Iterable[str]) -> tuple[Past, ...]:
        """The findings of these ids, however old."""
        found: list[Past] = []
        for some in batches(sorted(set(identifiers))):
            found += self._posture(FINDING.c.id.in_(some))
            found += self._detections(DETECTION.c.id.in_(some))
        return self._with_decisions(found)

    def detections_since(self, since: datetime) -> tuple[Past, ...]:
        """Everything noticed since then, with what was decided; witnesses of another finding are left out."""
        return self._with_decisions(self._detections(DETECTION.c.last_at >= since, DETECTION.c.witness_of == ""))

    def beginning_with(self, beginning: str) -> tuple[str, ...]:
        """The ids of findings of either kind that begin so; at most three."""
        found: list[str] = []
        for table in (FINDING, DETECTION):
            query = select(table.c.id).where(table.c.id.startswith(beginning, autoescape=True)).limit(3)
            found += self._connection.execute(query).scalars()
        return tuple(sorted(found))[:3]

    def _candidates(self, suppression: Suppression) -> Iterator[Past]:
        rules = self._names_of(suppression.rules)
        if suppression.source == OWN:
            those = [or_(FINDING.c.last_seen >= self._since, FINDING.c.resolved_at.is_(None))]
            yield from self._posture(*those, *_of_rules(FINDING, rules))
        by_service = (DETECTION.c.producer == suppression.source, DETECTION.c.last_at >= self._since)
        yield from self._detections(*by_service, *_of_rules(DETECTION, rules), *_of_place(suppression))

    def _names_of(self, rules: Iterable[str]) -> tuple[str, ...]:
        """These and their former ids, under which older findings lie."""
        asked = set(rules)
        return tuple(sorted(asked | {old for old, new in self._renamed.items() if new in asked}))

    def _posture(self, *those: ColumnElement[bool]) -> Iterator[Past]:
        for row in self._connection.execute(select(FINDING).where(*those)).mappings():
            subject = subject_of_verdict(verdict_of(row))
            now = replace(subject, rule=self._renamed.get(subject.rule, subject.rule))
            yield Past(
                id=row["id"], kind=_POSTURE, subject=now, first_at=row["first_seen"], last_at=row["last_seen"],
                recorded_at=row["first_seen"], **self._runs_between(row),
            )  # fmt: skip

    def _runs_between(self, row: RowMapping) -> dict[str, Any]:
        if self._runs is None:
            self._runs = self._connection.execute(select(RUN.c.at).order_by(RUN.c.at)).scalars().all()
        runs = self._runs[bisect_left(self._runs, row["first_seen"]) : bisect_right(self._runs, row["last_seen"])]
        days = {at.date() for at in runs} | {row["first_seen"].date(), row["last_seen"].date()}
        return {"sightings": max(1, len(runs)), "days": frozenset(days)}

    def _detections(self, *those: ColumnElement[bool]) -> Iterator[Past]:
        for row in self._connection.execute(select(DETECTION).where(*those)).mappings():
            told = detection_of(row)
            yield Past(
                id=row["id"], kind="detection", subject=subject_of_detection(told), first_at=told.first_at,
                last_at=told.last_at, recorded_at=row["first_seen"], sightings=1 if told.producer == OWN else told.count,
                days=frozenset({told.first_at.date(), told.last_at.date()}), case_id=row["case_id"],
                lead=row["witness_of"],
            )  # fmt: skip

    def _with_decisions(self, found: Iterable[Past]) -> tuple[Past, ...]:
        """The findings with what people decided of them and when they were told, the earliest first."""
        pasts = sorted(found, key=lambda each: (each.first_at, each.id))
        decided = self._decided({name for each in pasts for name in (each.id, each.lead) if name})
        of_witnesses = self._of_witnesses({each.id for each in pasts if not each.lead})
        told = self._told(pasts)
        return tuple(
            replace(
                each,
                told_at=self._told_at(each, told),
                **_decision(
                    _weightiest(decided.get(each.lead), [decided.get(each.id)])
                    if each.lead
                    else _weightiest(decided.get(each.id), of_witnesses.get(each.id, ()))
                ),
            )
            for each in pasts
        )

    def _of_witnesses(self, leads: set[str]) -> Mapping[str, Sequence[RowMapping]]:
        """What was decided of witnesses before they were joined, by the finding that they stand with."""
        found: dict[str, list[RowMapping]] = {}
        for some in batches(sorted(leads)):
            query = select(TRIAGE, DETECTION.c.witness_of).join(DETECTION, DETECTION.c.id == TRIAGE.c.finding)
            for row in self._connection.execute(query.where(DETECTION.c.witness_of.in_(some))).mappings():
                found.setdefault(row["witness_of"], []).append(row)
        return found

    def _decided(self, identifiers: set[str]) -> Mapping[str, RowMapping]:
        found: dict[str, RowMapping] = {}
        for some in batches(sorted(identifiers)):
            rows = self._connection.execute(select(TRIAGE).where(TRIAGE.c.finding.in_(some))).mappings()
            found.update((row["finding"], row) for row in rows)
        return found

    def _told(self, pasts: Iterable[Past]) -> Mapping[tuple[str, str], datetime]:
        """The first message of each case, by (case, "") or for posture by (account, rule)."""
        cases: dict[tuple[str, str], datetime] = {}
        sent = MESSAGE.c.state == MessageState.SENT.value
        for some in batches(sorted({each.case_id for each in pasts if each.case_id})):
            # A case that a digest told of has no message of its own, but what was told of it.
            in_digest = select(CASE.c.id, CASE.c.opened_at).where(CASE.c.id.in_(some), CASE.c.told.not_in(("", "{}")))
            own = select(MESSAGE.c.case_id, func.min(MESSAGE.c.sent_at)).where(sent, MESSAGE.c.case_id.in_(some))
            for query in (in_digest, own.group_by(MESSAGE.c.case_id)):
                for row in self._connection.execute(query):
                    cases[row[0], ""] = row[1]
        rules = {each.subject.rule for each in pasts if each.kind == _POSTURE}
        for some in batches(sorted(rules)):
            those = (CASE.c.kind == _POSTURE, CASE.c.subject.in_(some), sent)
            query = (
                select(CASE.c.account, CASE.c.subject, func.min(MESSAGE.c.sent_at))
                .join(MESSAGE, MESSAGE.c.case_id == CASE.c.id)
                .where(*those)
                .group_by(CASE.c.account, CASE.c.subject)
            )
            cases.update(((account, rule), at) for account, rule, at in self._connection.execute(query))
        return cases

    def _told_at(self, past: Past, told: Mapping[tuple[str, str], datetime]) -> datetime | None:
        """Until the first message is sent, people read the store itself, and what is recorded is told."""
        if past.subject.is_sample:
            return None
        key = (past.subject.account, past.subject.rule) if past.kind == _POSTURE else (past.case_id, "")
        is_before = self._first_message is None or past.recorded_at < self._first_message
        return told.get(key) or (past.recorded_at if is_before else None)


def _of_rules(table: Table, rules: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [table.c.rule.in_([searched(each) for each in rules])] if rules else []


def _of_place(suppression: Suppression) -> Iterator[ColumnElement[bool]]:
    """What the columns can tell of a detection before it is read whole."""
    principals = suppression.criteria.equal_to("principal")
    for column, values in ((DETECTION.c.account, suppression.accounts), (DETECTION.c.principal, principals)):
        if values:
            yield column.in_([searched(each) for each in values])


def _weightiest(lead: RowMapping | None, others: Iterable[RowMapping | None]) -> RowMapping | None:
    """The decision that counts where a finding and its witnesses were each decided of: the finding's own if it is the last.

    Otherwise one that says true counts before any other. A mere remark decides nothing, and covers no decision.
    """
    own = lead if lead is not None and lead["disposition"] else None
    told = [row for row in others if row is not None and row["disposition"]]
    if own is not None and all(row["decided_at"] <= own["decided_at"] for row in told):
        return own
    decided = [own, *told] if own is not None else told
    true = (row for row in decided if row["disposition"] == Disposition.TRUE.value)
    return next(true, decided[0] if decided else lead)


def _decision(row: RowMapping | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "disposition": Disposition(row["disposition"]) if row["disposition"] else None,
        "is_closed": bool(row["is_closed"]),
        "owner": row["owner"],
        "reason": row["reason"],
        "decided_by": row["decided_by"],
    }
