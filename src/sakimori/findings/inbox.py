"""The inbox: findings of every kind in one list, the worst first, with what people decided of each.

A finding is a posture finding or a detection (ours, imported, or told by a mail of AWS); one that is a witness of another
stands with that one. What a suppression keeps quiet is there, and named as such.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Select, case, func, or_, select

from sakimori.findings.detection_rows import detection_of, searched
from sakimori.findings.inbox_tables import CASE, TRIAGE
from sakimori.findings.patterns import is_like
from sakimori.findings.rows import verdict_of
from sakimori.findings.severities import is_at_least, rank_of
from sakimori.findings.tables import CLOSED, DETECTION, FINDING, OPEN, RESOLVED
from sakimori.findings.triage import UNTOUCHED, Triage, as_triage
from sakimori.model.detection import Detection
from sakimori.model.triage import Disposition, Standing
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Severity
from sakimori.state.batches import batches
from sakimori.state.store import Store, reading

POSTURE: Final = "posture"
MUTE: Final = "mute"
"""How a mute of the configuration is named where a suppression has its id."""
_SHOWN: Final = 5
_PAGE: Final = 500
_LARGEST_PAGE: Final = 8_000
Told = Verdict | Detection

TIME_TO_DECIDE: Final = {
    Severity.CRITICAL: timedelta(hours=1),
    Severity.HIGH: timedelta(days=1),
    Severity.MEDIUM: timedelta(days=7),
    Severity.LOW: timedelta(days=30),
    Severity.INFORMATIONAL: timedelta(days=90),
}
"""Within what time people decide of a finding; the first is the hour in which a leaked key is contained."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Another source that tells the same fact."""

    id: str
    producer: str
    rule: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Quiet:
    """What is kept quiet: `suppression` is the id of the suppression that holds for a finding, "" for none.

    `may_concern` says cheaply whether one could, for a rule.
    """

    suppression: Callable[[Told], str] = lambda _told: ""
    may_concern: Callable[[str], bool] = lambda _rule: False
    is_for_digest: Callable[[str], bool] = lambda _suppression: False
    """Whether what the suppression of this id keeps quiet still stands in digests."""
    is_in_case: Callable[[str], bool] = lambda _suppression: False
    """Whether it still counts in its case."""
    may_hide_critical: Callable[[str], bool] = lambda _suppression: True
    """Whether it may keep quiet what a witness calls critical."""
    on: date | None = None
    """The day, for mutes that a run of `assess` saw by a tag; None holds none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFinding:
    """One finding as it stands: `told` is what its own source says of it."""

    id: str
    told: Told
    standing: Standing
    first_seen: datetime
    last_seen: datetime
    """When it was first recorded, and when it last changed (posture: was last seen)."""
    triage: Triage = UNTOUCHED
    case: str = ""
    suppression: str = ""
    witnesses: tuple[Witness, ...] = ()

    @property
    def is_posture(self) -> bool:
        """Whether it is of posture."""
        return isinstance(self.told, Verdict)

    @property
    def producer(self) -> str:
        """Who found it."""
        return "sakimori" if isinstance(self.told, Verdict) else self.told.producer

    @property
    def severity(self) -> Severity:
        """The gravest word of all who tell of it."""
        return max((self.told.severity, *(each.severity for each in self.witnesses)), key=lambda each: each.rank)

    @property
    def title(self) -> Text:
        """One line."""
        return self.told.message if isinstance(self.told, Verdict) else self.told.title

    @property
    def subject(self) -> str:
        """What or whom it is about: the resource of posture, otherwise the principal, or the first resource."""
        told = self.told
        if isinstance(told, Verdict):
            return told.resource
        return told.principal or (told.resources[0] if told.resources else "")

    @property
    def resources(self) -> tuple[str, ...]:
        """ARNs or names."""
        return (self.told.resource,) if isinstance(self.told, Verdict) else self.told.resources

    def is_late(self, now: datetime) -> bool:
        """Whether nobody decided of it in time."""
        waits = self.standing is Standing.OPEN and self.triage.disposition is None
        return waits and now - self.first_seen > TIME_TO_DECIDE[self.told.severity]

    def untouched_for(self, now: datetime) -> timedelta:
        """How long nobody has done anything about it."""
        touched = self.triage.touched_at
        return max(now - (max(touched, self.first_seen) if touched else self.first_seen), timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxSought:
    """Which findings; an empty word does not matter. Words of `rules`, `principals` and `resources` are patterns (`*`, `?`)."""

    standings: Sequence[Standing] = (Standing.OPEN,)
    severity: Severity | None = None
    """At least so grave."""
    kinds: Sequence[str] = ()
    """`posture`, or names of producers."""
    rules: Sequence[str] = ()
    accounts: Sequence[str] = ()
    regions: Sequence[str] = ()
    principals: Sequence[str] = ()
    resources: Sequence[str] = ()
    owners: Sequence[str] = ()
    """"" is nobody."""
    dispositions: Sequence[str] = ()
    """Words of Disposition; "none" is undecided."""
    case: str = ""
    since: datetime | None = None
    until: datetime | None = None
    untouched_before: datetime | None = None
    """Only those that nobody has touched since."""
    is_overdue_on: datetime | None = None
    """Only those that were to be fixed before that day."""
    is_late_at: datetime | None = None
    """Only those that nobody had decided of in time by then."""
    limit: int | None = None


@dataclass(slots=True)
class InboxCounts:
    """How much there is, by severity; how much of it is undecided, and how long the oldest has lain."""

    open: dict[Severity, int] = field(default_factory=dict[Severity, int])
    suppressed: int = 0
    undecided: int = 0
    untouched: int = 0
    """Open for more than thirty days with nobody doing anything."""


def find_in_inbox(place: Store | Connection, sought: InboxSought, quiet: Quiet) -> tuple[InboxFinding, ...]:
    """The findings that were so sought, the worst first, of equally grave ones the latest."""
    with reading(place) as connection:
        streams = [_found(connection, each, sought, quiet) for each in (_POSTURE, _DETECTION) if each.is_wanted(sought)]
        merged = heapq.merge(*streams, key=lambda each: (-each.severity.rank, -_latest(each).timestamp(), each.id))
        found: list[InboxFinding] = []
        for each in merged:
            found.append(each)
            if sought.limit is not None and len(found) >= sought.limit:
                break
        return tuple(found)


def inbox_by_id(place: Store | Connection, beginning: str, quiet: Quiet) -> tuple[InboxFinding, ...]:
    """The findings whose id begins so, a witness as the finding that it stands with; at most a handful, by id."""
    if not beginning or not beginning.isalnum():
        return ()
    with reading(place) as connection:
        detection = DETECTION.c
        query = select(detection.id, detection.witness_of).where(detection.id.startswith(beginning, autoescape=True))
        ids = {row.witness_of or row.id for row in connection.execute(query.order_by(detection.id).limit(_SHOWN))}
        query = select(FINDING.c.id).where(FINDING.c.id.startswith(beginning, autoescape=True)).order_by(FINDING.c.id)
        ids |= set(connection.execute(query.limit(_SHOWN)).scalars())
        found = [
            each.finding(row, quiet)
            for each in (_POSTURE, _DETECTION)
            for row in connection.execute(each.rows().where(each.table.c.id.in_(sorted(ids)))).mappings()
        ]
        return tuple(sorted(_with_witnesses(connection, found, quiet), key=lambda each: each.id))[:_SHOWN]


def findings_of_case(connection: Connection, case_id: str, quiet: Quiet) -> tuple[InboxFinding, ...]:
    """All findings of a case that are not witnesses, whatever became of them, in the order of time; none for no such case."""
    row = connection.execute(select(CASE).where(CASE.c.id == case_id)).mappings().first()
    if row is None:
        return ()
    if row["kind"] == POSTURE:
        finding = FINDING.c
        query = _POSTURE.rows().where(finding.account == row["account"], finding.rule == row["subject"], finding.state == OPEN)  # fmt: skip
        found = [_POSTURE.finding(each, quiet) for each in connection.execute(query).mappings()]
    else:
        detection = DETECTION.c
        query = _DETECTION.rows().where(detection.case_id == case_id, detection.witness_of == "")
        found = [_DETECTION.finding(each, quiet) for each in connection.execute(query).mappings()]
    ordered = sorted(found, key=lambda each: (_first(each), -each.told.severity.rank, each.id))
    return _with_witnesses(connection, ordered, quiet)


def count_inbox(place: Store | Connection, now: datetime, quiet: Quiet) -> InboxCounts:
    """What is in the inbox; what is suppressed is counted apart."""
    counts = InboxCounts()
    with reading(place) as connection:
        for kind in (_POSTURE, _DETECTION):
            old = now - timedelta(days=30)
            laid = case((kind.is_untouched_since(old), 1), else_=0)
            undecided = case((func.coalesce(TRIAGE.c.disposition, "") == "", 1), else_=0)
            gravest, source = kind.gravest(connection)
            query = select(gravest, func.count(), func.sum(undecided), func.sum(laid))
            query = query.select_from(source).where(kind.is_open()).group_by(gravest)
            for rank, count, undecided_count, laid_count in connection.execute(query):
                word = _BY_RANK[rank]
                counts.open[word] = counts.open.get(word, 0) + count
                counts.undecided += undecided_count
                counts.untouched += laid_count
            _take_off(connection, kind, quiet, counts, old)
    return counts


def _take_off(connection: Connection, kind: "_Kind", quiet: Quiet, counts: InboxCounts, old: datetime) -> None:
    """What is suppressed is not open. Only rows of rules that a suppression may concern are looked at."""
    rules = connection.execute(select(kind.table.c.rule).where(kind.is_open()).select_from(kind.joined).distinct())
    concerned = [each for each in rules.scalars() if quiet.may_concern(each)]
    muted = [FINDING.c.muted_until.is_not(None)] if kind.is_posture else []
    for begin in range(0, max(len(concerned), len(muted)), _PAGE):
        some = concerned[begin : begin + _PAGE]
        query = kind.rows().where(kind.is_open(), or_(kind.table.c.rule.in_(some), *(muted if begin == 0 else ())))
        hidden = (
            found for row in connection.execute(query).mappings() if (found := kind.finding(row, quiet)).suppression
        )
        for page in batches(hidden, _PAGE):
            for found in _with_witnesses(connection, page, quiet):
                if found.standing is not Standing.SUPPRESSED:
                    continue
                counts.suppressed += 1
                counts.open[found.severity] -= 1
                counts.undecided -= found.triage.disposition is None
                counts.untouched -= max(found.triage.touched_at or found.first_seen, found.first_seen) < old


class _Kind:
    """How findings of one kind are read."""

    def __init__(self, table: Any, latest: str) -> None:
        self.table = table
        self.latest = latest
        self.joined = table.outerjoin(TRIAGE, TRIAGE.c.finding == table.c.id)
        self.is_posture = table is FINDING

    def rows(self) -> Select[Any]:
        """Rows with their triage; without what a list does not need."""
        decided = [each for each in TRIAGE.c if each.name != "finding"]
        columns: list[Any] = [*self.table.c, *decided, TRIAGE.c.finding.label("triaged")]
        return cast("Select[Any]", select(*columns).select_from(self.joined))

    def is_open(self) -> ColumnElement[bool]:
        """Of those that are no witnesses."""
        if self.is_posture:
            return FINDING.c.state == OPEN
        return (DETECTION.c.state == OPEN) & (DETECTION.c.witness_of == "") & _not_closed()

    def since(self) -> ColumnElement[datetime]:
        """Since when it has been there, for the last time."""
        column = self.table.c
        return func.coalesce(column.reopened_at, column.first_seen) if self.is_posture else column.first_seen

    def is_untouched_since(self, at: datetime) -> ColumnElement[bool]:
        """Whether it was there before that, and nobody has done anything about it from then on."""
        return (self.since() < at) & (func.coalesce(TRIAGE.c.touched_at, self.since()) < at)

    def gravest(self, connection: Connection) -> tuple[ColumnElement[int], Any]:
        """The rank of the gravest word of all who tell of it, and what it is to be selected from."""
        own = rank_of(self.table.c.severity)
        witness = DETECTION.alias("witness")
        lead = witness.c.witness_of
        if connection.execute(select(witness.c.id).where(lead > "").limit(1)).first() is None:
            return own, self.joined
        told = (
            select(lead, func.max(rank_of(witness.c.severity)).label("rank")).where(lead > "").group_by(lead).subquery()
        )
        graver = case((told.c.rank > own, told.c.rank), else_=own)
        return graver, self.joined.outerjoin(told, told.c.witness_of == self.table.c.id)

    def is_wanted(self, sought: InboxSought) -> bool:
        """Whether any of this kind may be sought."""
        if not sought.kinds:
            return True
        return POSTURE in sought.kinds if self.is_posture else any(each != POSTURE for each in sought.kinds)

    def finding(self, row: RowMapping, quiet: Quiet) -> InboxFinding:
        """The finding of a row of `rows`."""
        told = verdict_of(row) if self.is_posture else detection_of(row)
        triage = as_triage(row) if row["triaged"] else UNTOUCHED
        standing = self._standing(row, triage)
        suppression = ""
        if (
            standing is Standing.OPEN
            and self.is_posture
            and row["muted_until"]
            and quiet.on
            and quiet.on <= row["muted_until"]
        ):
            suppression = MUTE
        elif standing is Standing.OPEN and quiet.may_concern(row["rule"]):
            suppression = quiet.suppression(told)
        return InboxFinding(
            id=row["id"],
            told=told,
            standing=Standing.SUPPRESSED if suppression else standing,
            first_seen=(row["reopened_at"] if self.is_posture else None) or row["first_seen"],
            last_seen=row["last_seen"],
            triage=triage,
            case="" if self.is_posture else row["case_id"],
            suppression=suppression,
        )

    def _standing(self, row: RowMapping, triage: Triage) -> Standing:
        if row["state"] == RESOLVED:
            return Standing.RESOLVED
        return Standing.CLOSED if row["state"] == CLOSED or triage.is_closed else Standing.OPEN


_POSTURE: Final = _Kind(FINDING, "last_seen")
_DETECTION: Final = _Kind(DETECTION, "last_at")


_BY_RANK: Final = {each.rank: each for each in Severity}


def _not_closed() -> ColumnElement[bool]:
    return func.coalesce(TRIAGE.c.is_closed, 0) == 0


def _found(connection: Connection, kind: _Kind, sought: InboxSought, quiet: Quiet) -> Iterator[InboxFinding]:
    """In the order of the list. The ids are sorted alone: whole rows would be carried through the sort."""
    column = kind.table.c
    gravest, source = kind.gravest(connection)
    ordered = select(column.id).select_from(source).where(*_conditions(kind, sought))
    ordered = ordered.order_by(gravest.desc(), column[kind.latest].desc(), column.id)
    identifiers = connection.execute(ordered).scalars().all()
    begin, size = 0, _PAGE if sought.limit is None else max(20, min(_PAGE, sought.limit))
    while some := identifiers[begin : begin + size]:
        begin, size = begin + size, min(2 * size, _LARGEST_PAGE)
        rows = {row["id"]: row for row in connection.execute(kind.rows().where(column.id.in_(some))).mappings()}
        page = _with_witnesses(connection, [kind.finding(rows[identifier], quiet) for identifier in some], quiet)
        yield from (each for each in page if each.standing in sought.standings and _matches(each, sought))


def _matches(found: InboxFinding, sought: InboxSought) -> bool:
    if sought.resources and not found.is_posture and not any(fnmatchcase(each.lower(), pattern.lower()) for each in found.resources for pattern in sought.resources):  # fmt: skip
        return False
    if sought.since is not None and _latest(found) < sought.since:
        return False
    return sought.until is None or _first(found) < sought.until


def _conditions(kind: _Kind, sought: InboxSought) -> list[ColumnElement[bool]]:
    column = kind.table.c
    conditions = [_stands(kind, sought.standings)]
    if not kind.is_posture:
        conditions.append(column.witness_of == "")
        producers = [each for each in sought.kinds if each != POSTURE]
        if producers:
            conditions.append(column.producer.in_(producers))
    if sought.case:
        conditions.append(_is_of_posture_case(sought.case) if kind.is_posture else column.case_id == sought.case)
    if sought.severity is not None:
        is_grave = is_at_least(DETECTION.c.severity, sought.severity)
        graver = select(DETECTION.c.witness_of).where(is_grave, DETECTION.c.witness_of != "")
        conditions.append(is_at_least(column.severity, sought.severity) | column.id.in_(graver))
    for name, chosen in (("account", sought.accounts), ("region", sought.regions)):
        if chosen:
            conditions.append(column[name].in_([searched(each) for each in chosen]))
    if sought.rules:
        conditions.append(or_(*(is_like(column.rule, each) for each in sought.rules)))
    if sought.resources and kind.is_posture:
        conditions.append(or_(*(is_like(column.resource, each) for each in sought.resources)))
    if sought.principals:
        who: Column[str] = column.resource if kind.is_posture else column.principal
        conditions.append(or_(*(is_like(who, each) for each in sought.principals)))
    return [*conditions, *_decided(kind, sought)]


def _is_of_posture_case(case_id: str) -> ColumnElement[bool]:
    of_case = (CASE.c.id == case_id, CASE.c.kind == POSTURE, CASE.c.state == OPEN)
    same = (CASE.c.account == FINDING.c.account, CASE.c.subject == FINDING.c.rule)
    return (FINDING.c.state == OPEN) & select(CASE.c.id).where(*of_case, *same).exists()


def _stands(kind: _Kind, standings: Sequence[Standing]) -> ColumnElement[bool]:
    column = kind.table.c
    ways: list[ColumnElement[bool]] = []
    if Standing.OPEN in standings or Standing.SUPPRESSED in standings:
        ways.append((column.state == OPEN) & _not_closed())
    if Standing.CLOSED in standings:
        ways.append((column.state == CLOSED) | (func.coalesce(TRIAGE.c.is_closed, 0) == 1))
    if Standing.RESOLVED in standings:
        ways.append(column.state == RESOLVED)
    return or_(*ways)


def _decided(kind: _Kind, sought: InboxSought) -> Iterator[ColumnElement[bool]]:
    if sought.owners:
        yield func.coalesce(TRIAGE.c.owner, "").in_(sought.owners)
    if sought.dispositions:
        words = ["" if each == "none" else Disposition(each).value for each in sought.dispositions]
        yield func.coalesce(TRIAGE.c.disposition, "").in_(words)
    if sought.untouched_before is not None:
        yield kind.is_untouched_since(sought.untouched_before)
    if sought.is_late_at is not None:
        seen = (
            func.coalesce(kind.table.c.reopened_at, kind.table.c.first_seen)
            if kind.is_posture
            else kind.table.c.first_seen
        )
        ways = [(kind.table.c.severity == word.value) & (seen < sought.is_late_at - span) for word, span in TIME_TO_DECIDE.items()]  # fmt: skip
        yield or_(*ways) & (func.coalesce(TRIAGE.c.disposition, "") == "")
    if sought.is_overdue_on is not None:
        yield TRIAGE.c.due_on < sought.is_overdue_on.date()


def _with_witnesses(connection: Connection, found: Sequence[InboxFinding], quiet: Quiet) -> tuple[InboxFinding, ...]:
    """With those who tell the same. What one of them calls critical is not quiet with a lead that nobody called so."""
    by_lead: dict[str, list[Witness]] = {}
    column = DETECTION.c
    for some in batches((each.id for each in found), _PAGE):
        query = select(column.witness_of, column.id, column.producer, column.rule, column.severity)
        for row in connection.execute(query.where(column.witness_of.in_(some)).order_by(column.first_seen, column.id)):
            told = Witness(row.id, row.producer, row.rule, Severity(row.severity))
            by_lead.setdefault(row.witness_of, []).append(told)
    return tuple(_seen_by(each, by_lead.get(each.id, ()), quiet) for each in found)


def _seen_by(found: InboxFinding, witnesses: Sequence[Witness], quiet: Quiet) -> InboxFinding:
    if not witnesses:
        return found
    seen = replace(found, witnesses=tuple(witnesses))
    is_hidden = seen.standing is Standing.SUPPRESSED and seen.severity is Severity.CRITICAL
    if is_hidden and not quiet.may_hide_critical(seen.suppression):
        return replace(seen, standing=Standing.OPEN, suppression="")
    return seen


def _latest(found: InboxFinding) -> datetime:
    return found.last_seen if isinstance(found.told, Verdict) else found.told.last_at


def _first(found: InboxFinding) -> datetime:
    return found.first_seen if isinstance(found.told, Verdict) else found.told.first_at
