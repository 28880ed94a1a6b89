"""The suppressions that hold on a day: which of them, if any, keeps a finding quiet. And the store of all that ever were."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select, update

from sakimori.findings.inbox_tables import SUPPRESSION
from sakimori.findings.rows import storable
from sakimori.findings.suppression.criteria import RULE, Criteria, Criterion, Operator
from sakimori.findings.suppression.subject import Subject
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.state.store import Store, reading, writing

_KEYS: Final = ("resource", "principal")
"""Fields by whose value a suppression is found at once, if it must equal one."""
_KEPT: Final = 10_000
"""Rules whose candidates are remembered; an outsider may make up types without end."""
_TEXTS: Final = ("id", "source", "reason", "owner", "ticket", "evidence", "created_by", "approved_by", "ended_by")
_LISTS: Final = ("accounts", "regions", "created_from")


@dataclass(slots=True)
class _Candidates:
    """The suppressions that a finding of one rule may meet, by their place in the order."""

    loose: list[int] = field(default_factory=list[int])
    keyed: dict[tuple[str, str], list[int]] = field(default_factory=dict[tuple[str, str], list[int]])


class Suppressions:
    """Those given, in their order: of several that hold for a finding the first counts.

    `renamed` says how former ids of rules are called now: a suppression that names one goes on.
    """

    def __init__(self, entries: Iterable[Suppression], renamed: Mapping[str, str] | None = None) -> None:
        self.entries: Final = tuple(renamed_in(each, renamed or {}) for each in entries)
        self._exact: dict[str, list[int]] = {}
        self._open: list[int] = []
        for place, each in enumerate(self.entries):
            for rule in each.rules:
                self._exact.setdefault(rule, []).append(place)
            if not each.rules:
                self._open.append(place)
        self._by_rule: dict[str, _Candidates] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def may_concern(self, rule: str) -> bool:
        """Whether any of them could hold for a finding of this rule; cheap, and false for nearly all."""
        return rule in self._exact or any(self._takes(place, rule) for place in self._open)

    def of(self, subject: Subject) -> Suppression | None:
        """The suppression that keeps this finding quiet."""
        return next(self.all_of(subject), None)

    def all_of(self, subject: Subject) -> Iterator[Suppression]:
        """All that hold for this finding, in their order; for a critical one, only those that may."""
        candidates = self._candidates(subject.rule)
        if candidates is None:
            return
        places = set(candidates.loose)
        for key in _KEYS if candidates.keyed else ():
            for value in subject.values(key):
                places.update(candidates.keyed.get((key, value), ()))
        for place in sorted(places):
            entry = self.entries[place]
            # What came later and graver than all that it was judged by.
            if entry.holds(subject) and (entry.is_for_critical or subject.severity is not Severity.CRITICAL):
                yield entry

    def _candidates(self, rule: str) -> _Candidates | None:
        if rule not in self._exact and not self._open:
            return None
        known = self._by_rule.get(rule)
        if known is None:
            known = _Candidates()
            for place in sorted(
                (*self._exact.get(rule, ()), *(each for each in self._open if self._takes(each, rule)))
            ):
                self._put(known, place)
            if len(self._by_rule) < _KEPT:
                self._by_rule[rule] = known
        return known

    def _put(self, candidates: _Candidates, place: int) -> None:
        for key in _KEYS:
            values = self.entries[place].criteria.equal_to(key)
            if values:
                for value in values:
                    candidates.keyed.setdefault((key, value), []).append(place)
                return
        candidates.loose.append(place)

    def _takes(self, place: int, rule: str) -> bool:
        """Whether the criteria on the rule, which are no equals, hold for it."""
        return all(each.takes(rule) for each in self.entries[place].criteria.of_field(RULE))


def active_suppressions(place: Store | Connection, on: date, renamed: Mapping[str, str] | None = None) -> Suppressions:
    """The suppressions that hold on that day, the earliest made first."""
    return Suppressions((each for each in all_suppressions(place) if each.is_active(on)), renamed)


def all_suppressions(place: Store | Connection) -> tuple[Suppression, ...]:
    """Every suppression that ever was, the earliest made first."""
    query = select(SUPPRESSION).order_by(SUPPRESSION.c.created_at, SUPPRESSION.c.id)
    with reading(place) as connection:
        return tuple(_suppression(row) for row in connection.execute(query).mappings())


def find_suppression(place: Store | Connection, identifier: str) -> Suppression | None:
    """The suppression of that id."""
    query = select(SUPPRESSION).where(SUPPRESSION.c.id == identifier)
    with reading(place) as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _suppression(row)


def add_suppression(place: Store | Connection, suppression: Suppression) -> bool:
    """Keep it; False where the same is there already. UsageError where another decision has this id.

    What was once decided stays as it was: a longer or wider suppression is another one, with an id of its own.
    """
    with writing(place) as connection:
        known = find_suppression(connection, suppression.id)
        if known is not None:
            if is_same(known, suppression):
                return False
            raise UsageError("suppress.id_taken", id=suppression.id, ended=known.ended_at is not None)
        connection.execute(insert(SUPPRESSION).values(_row(suppression)))
        return True


def end_suppression(place: Store | Connection, identifier: str, at: datetime, by: str) -> bool:
    """End it now; False where it was ended before. It stays in the store."""
    column = SUPPRESSION.c
    those = (column.id == identifier, column.ended_at.is_(None))
    with writing(place) as connection:
        return (
            connection.execute(update(SUPPRESSION).where(*those).values(ended_at=at, ended_by=_whole(by))).rowcount > 0
        )


def is_same(known: Suppression, suppression: Suppression) -> bool:
    """Whether the store's suppression, which nobody has ended, is this decision, whoever wrote it down and when."""
    return known.ended_at is None and _decision(known) == _decision(_kept(suppression))


def _decision(suppression: Suppression) -> Suppression:
    """What was decided."""
    return replace(suppression, created_at=_NEVER, created_by="", created_from=())


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def _kept(suppression: Suppression) -> Suppression:
    """The suppression as the store gives it back."""
    return replace(suppression, **{name: _whole(getattr(suppression, name)) for name in _TEXTS})


def _whole(text: str) -> str:
    return storable(text).encode("utf-8", "replace").decode()


def _row(suppression: Suppression) -> dict[str, object]:
    row: dict[str, object] = {name: _whole(getattr(suppression, name)) for name in _TEXTS}
    row |= {name: json.dumps(getattr(suppression, name)) for name in _LISTS}
    return row | {
        "action": suppression.action.value,
        "criteria": json.dumps(suppression.criteria.plain()),
        "created_at": suppression.created_at,
        "expires_on": suppression.expires_on,
        "ended_at": suppression.ended_at,
    }


def _suppression(row: RowMapping) -> Suppression:
    lists: dict[str, Any] = {name: tuple(json.loads(row[name])) for name in _LISTS}
    return Suppression(
        **{name: row[name] for name in (*_TEXTS, "created_at", "expires_on", "ended_at")},
        **lists,
        action=Action(row["action"]),
        criteria=_criteria(json.loads(row["criteria"])),
    )


def _criteria(plain: Mapping[str, Mapping[str, list[str]]]) -> Criteria:
    """As it was kept, whatever fields this program knows by now."""
    return Criteria.of(
        Criterion(name, Operator(operator), tuple(values))
        for name, told in plain.items()
        for operator, values in told.items()
    )


def renamed_in(suppression: Suppression, renamed: Mapping[str, str]) -> Suppression:
    """The suppression with former ids of rules as they are called now."""
    if not any(rule in renamed for rule in suppression.rules):
        return suppression
    entries = (
        replace(each, values=tuple(dict.fromkeys(renamed.get(value, value) for value in each.values)))
        if each.field == RULE and each.operator is Operator.EQUALS
        else each
        for each in suppression.criteria.entries
    )
    return replace(suppression, criteria=Criteria.of(entries))
