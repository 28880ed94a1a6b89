"""Criteria: which findings a suppression holds for. What is not known never fits: silence needs knowledge.

Where a field has several values (a finding with three resources), a criterion fits only if every one of them does: who
silences one bucket does not silence what concerns that bucket and another.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from typing import Final, cast

from sakimori.findings.suppression.subject import ALIASES, FIELDS, Subject
from sakimori.model.errors import UsageError
from sakimori.texts.nearest import nearest

MAX_CRITERIA: Final = 50
"""As a filter of GuardDuty: GuardDuty User Guide, "Filtering findings in GuardDuty"."""
MAX_VALUES: Final = 50
MAX_VALUE: Final = 2_048
RULE: Final = "rule"


class Operator(StrEnum):
    """How a criterion compares. `matches` is a pattern with `*` and `?`; case matters everywhere."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One field compared with values, of which one must fit (for `not_equals`: none)."""

    field: str
    operator: Operator
    values: tuple[str, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether each value of the field fits; not where there is none, or where some were not kept."""
        found = subject.values(self.field)
        return bool(found) and self.field not in subject.cut and all(map(self.takes, found))

    def takes(self, value: str) -> bool:
        """Whether this value of the field fits."""
        match self.operator:
            case Operator.EQUALS:
                return value in self.values
            case Operator.NOT_EQUALS:
                return value not in self.values
            case Operator.MATCHES:
                return any(_pattern(each).match(value) for each in self.values)


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria that must all hold; each field and operator once, in the order of fields and operators."""

    entries: tuple[Criterion, ...]

    @classmethod
    def of(cls, entries: Iterable[Criterion]) -> "Criteria":
        """Criteria in their one order, so that equal ones are equal however they were written."""
        ordered = sorted(entries, key=lambda each: (FIELDS.index(each.field) if each.field in FIELDS else len(FIELDS), each.field, each.operator))  # fmt: skip
        return cls(tuple(ordered))

    def holds(self, subject: Subject) -> bool:
        """Whether the finding fits."""
        return all(each.holds(subject) for each in self.entries)

    def equal_to(self, field: str) -> tuple[str, ...]:
        """The values that this field must equal, none where it need not equal any."""
        return next((each.values for each in self.entries if each.field == field and each.operator is Operator.EQUALS), ())  # fmt: skip

    def of_field(self, field: str) -> tuple[Criterion, ...]:
        """The criteria on a field."""
        return tuple(each for each in self.entries if each.field == field)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it asks for."""
        return frozenset(each.field for each in self.entries)

    def plain(self) -> dict[str, dict[str, list[str]]]:
        """As it stands in a file or in the store: field → operator → values."""
        found: dict[str, dict[str, list[str]]] = {}
        for each in self.entries:
            found.setdefault(each.field, {})[each.operator.value] = list(each.values)
        return found


def equals(field: str, *values: str) -> Criterion:
    """The criterion that a field is one of these values."""
    return Criterion(field, Operator.EQUALS, values)


def parse_criteria(data: object, place: str) -> Criteria:
    """The criteria of a mapping; UsageError at the first fault, which names `place`.

    A value may stand alone where a list of one is meant; a field with a value and no operator must equal it.
    """
    if not isinstance(data, Mapping) or not data:
        raise UsageError("suppress.criteria_missing", place=place)
    fields = cast("Mapping[object, object]", data)
    if len(fields) > MAX_CRITERIA:
        raise UsageError("suppress.criteria_too_many", place=place, most=MAX_CRITERIA)
    entries: dict[tuple[str, Operator], Criterion] = {}
    for name, told in fields.items():
        for each in _criteria_on(_field(name, place), told, place):
            if (each.field, each.operator) in entries:
                raise UsageError("suppress.criterion_twice", place=place, field=each.field)
            entries[each.field, each.operator] = each
    return Criteria.of(entries.values())


def _field(name: object, place: str) -> str:
    known = ALIASES.get(str(name), str(name))
    if known not in FIELDS:
        near = nearest(known, (*FIELDS, *ALIASES))
        raise UsageError("suppress.criterion_unknown", place=place, field=known[:200], near=near, known=FIELDS)
    return known


def _criteria_on(field: str, told: object, place: str) -> Iterable[Criterion]:
    if not isinstance(told, Mapping):
        yield Criterion(field, Operator.EQUALS, _values(told, field, place))
        return
    if not told:
        raise UsageError("suppress.criterion_empty", place=place, field=field)
    for name, values in cast("Mapping[object, object]", told).items():
        operator = next((each for each in Operator if each.value == name), None)
        if operator is None:
            raise UsageError("suppress.criterion_operator", place=place, field=field, name=str(name)[:100], known=[each.value for each in Operator])  # fmt: skip
        yield Criterion(field, operator, _values(values, field, place))


def _values(told: object, field: str, place: str) -> tuple[str, ...]:
    found = cast("Sequence[object]", told) if isinstance(told, list | tuple) else (told,)
    if not found or len(found) > MAX_VALUES:
        raise UsageError("suppress.criterion_values", place=place, field=field, most=MAX_VALUES)
    for each in found:
        if not isinstance(each, str) or not each.strip():
            raise UsageError("suppress.criterion_not_text", place=place, field=field)
        if len(each) > MAX_VALUE:
            raise UsageError("suppress.criterion_too_long", place=place, field=field, most=MAX_VALUE)
    return tuple(dict.fromkeys(cast("Sequence[str]", found)))


@lru_cache(maxsize=4_096)
def _pattern(glob: str) -> re.Pattern[str]:
    """`*` and `?` alone are signs; the expression that Python makes of them does not backtrack without end."""
    return re.compile(translate(glob.replace("[", "[[]")))
