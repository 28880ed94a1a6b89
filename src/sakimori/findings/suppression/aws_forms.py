"""Suppressions as GuardDuty's filters and Security Hub's automation rules write them, and back.

What one side cannot say stays visible: a condition that no recorded finding can answer becomes a criterion on a field of its
own name, which never holds here; a criterion that the service has no word for makes the suppression untranslatable there.
Sources: the models of `guardduty` (CreateFilter, Condition) and `securityhub` (AutomationRulesFindingFilters, StringFilter) in
botocore; GuardDuty User Guide, "Severity levels".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sakimori.findings.suppression.criteria import RULE, Criteria, Criterion, Operator
from sakimori.findings.suppression.subject import OWN_FIELDS, subject_fields
from sakimori.findings.suppression.suppression import Suppression
from sakimori.model.words import Severity

_EQUAL: Final = {"Equals": Operator.EQUALS, "Eq": Operator.EQUALS, "NotEquals": Operator.NOT_EQUALS, "Neq": Operator.NOT_EQUALS, "Matches": Operator.MATCHES}  # fmt: skip
_WORDS: Final = {Operator.EQUALS: "Equals", Operator.NOT_EQUALS: "NotEquals", Operator.MATCHES: "Matches"}
_ARCHIVED: Final = "service.archived"
"""Part of every filter that the console makes; a finding that is archived already is nobody's noise."""
_AT_LEAST: Final = frozenset({"GreaterThanOrEqual", "Gte"})
_BANDS: Final = {9: Severity.CRITICAL, 7: Severity.HIGH, 4: Severity.MEDIUM, 1: Severity.LOW}
_HUB_FIELDS: Final = {
    "ComplianceSecurityControlId": RULE, "GeneratorId": RULE, "ResourceId": "resource", "SeverityLabel": "severity",
}  # fmt: skip
_HUB_NEW: Final = {"RecordState": "ACTIVE", "WorkflowStatus": "NEW"}
"""What every finding is that somebody would still look at."""
_NOTHING: Final[Mapping[str, object]] = {}
_CONTROL: Final = re.compile(r"[A-Za-z0-9]{1,40}\.[0-9]{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a filter asks for: criteria, and the accounts and Regions that it names beside them."""

    criteria: Criteria
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


class Untranslatable(ValueError):  # noqa: N818 - what cannot be said there is data for the person, no failure
    """A criterion that the service has no word for; its argument is the field."""


@dataclass(slots=True)
class _Collected:
    entries: list[Criterion] = field(default_factory=list[Criterion])
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def form(self) -> Form:
        return Form(criteria=Criteria.of(self.entries), accounts=self.accounts, regions=self.regions)


def guardduty_form(finding_criteria: Mapping[str, Any]) -> Form:
    """The form of a filter's `FindingCriteria`."""
    found = _Collected()
    criterion = cast("Mapping[str, Mapping[str, Any]]", finding_criteria.get("Criterion") or {})
    for name, condition in criterion.items():
        if name == _ARCHIVED:
            continue
        for word, told in condition.items():
            listed = cast("list[object]", told) if isinstance(told, list) else [told]
            values = tuple(str(each) for each in listed)
            _take(found, name, word, values)
    return found.form()


def _take(found: _Collected, name: str, word: str, values: tuple[str, ...]) -> None:
    operator = _EQUAL.get(word)
    if name == "accountId" and operator is Operator.EQUALS:
        found.accounts = values
    elif name == "region" and operator is Operator.EQUALS:
        found.regions = values
    elif name == "severity":
        known = _severities(word, values)
        found.entries.append(Criterion("severity", Operator.EQUALS, known) if known else _unknown(name, word, values))
    elif operator is None:
        found.entries.append(_unknown(name, word, values))
    else:
        found.entries.append(Criterion(RULE if name == "type" else name, operator, values))


def _severities(word: str, values: Sequence[str]) -> tuple[str, ...]:
    """The bands that a condition on the number is exactly about; none where it cuts through one."""
    least = _BANDS.get(int(values[0])) if word in _AT_LEAST and values and values[0].isdecimal() else None
    return tuple(each.value for each in Severity if each.rank >= least.rank) if least else ()


def _unknown(name: str, word: str, values: tuple[str, ...]) -> Criterion:
    return Criterion(f"{name} {word}", Operator.EQUALS, values)


def guardduty_criteria(suppression: Suppression) -> Mapping[str, Any]:
    """The `FindingCriteria` of a filter; Untranslatable where it cannot be one. Regions are where the filter stands."""
    criterion: dict[str, dict[str, list[str]]] = {}
    for each in suppression.criteria.entries:
        name, values = _guardduty_words(each)
        criterion.setdefault(name, {})[_WORDS[each.operator]] = list(values)
    if suppression.accounts:
        criterion["accountId"] = {"Equals": list(suppression.accounts)}
    return {"Criterion": criterion}


def _guardduty_words(criterion: Criterion) -> tuple[str, tuple[str, ...]]:
    if criterion.field == RULE:
        return "type", criterion.values
    if criterion.field not in OWN_FIELDS:
        return criterion.field, criterion.values
    if criterion.field not in {"resource", "principal"} or criterion.operator is not Operator.EQUALS:
        raise Untranslatable(criterion.field)
    named = [subject_fields(each) for each in criterion.values]
    names = {name for each in named for name, _ in each}
    if len(names) != 1 or not all(named):
        raise Untranslatable(criterion.field)
    return names.pop(), tuple(dict.fromkeys(value for each in named for _, value in each))


def hub_form(criteria: Mapping[str, Any]) -> Form:
    """The form of an automation rule's `Criteria`."""
    found = _Collected()
    for name, tests in criteria.items():
        for comparison, values in _by_comparison(tests):
            if _HUB_NEW.get(name) in values and comparison == "EQUALS":
                continue
            if name == "AwsAccountId" and comparison == "EQUALS":
                found.accounts = values
            elif name == "ResourceRegion" and comparison == "EQUALS":
                found.regions = values
            else:
                found.entries.append(_hub_criterion(name, comparison, values))
    return found.form()


def _by_comparison(tests: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for each in cast("Iterable[object]", tests) if isinstance(tests, list) else ():
        told: Mapping[str, object] = cast("Mapping[str, object]", each) if isinstance(each, Mapping) else _NOTHING
        # A test of a number, a date or a tag has no one value: it is kept as it is told.
        plain = str(told["Value"]) if set(told) == {"Value", "Comparison"} else repr(sorted(told.items()))
        found.setdefault(str(told.get("Comparison", "")), []).append(plain)
    yield from ((comparison, tuple(values)) for comparison, values in found.items())


def _hub_criterion(name: str, comparison: str, values: tuple[str, ...]) -> Criterion:
    known = _HUB_FIELDS.get(name)
    if known is None:
        return _unknown(name, comparison, values)
    if known == "severity":
        values = tuple(each.lower() for each in values)
    if comparison in {"EQUALS", "NOT_EQUALS"}:
        return Criterion(known, Operator(comparison.lower()), values)
    if comparison in {"PREFIX", "CONTAINS"} and not any(sign in value for value in values for sign in "*?"):
        before = "*" if comparison == "CONTAINS" else ""
        return Criterion(known, Operator.MATCHES, tuple(f"{before}{each}*" for each in values))
    return _unknown(name, comparison, values)


def hub_criteria(suppression: Suppression) -> Mapping[str, Any]:
    """The `Criteria` of an automation rule; Untranslatable where it cannot be one."""
    told: dict[str, list[dict[str, str]]] = {}
    for each in suppression.criteria.entries:
        name = _hub_name(each)
        values = [value.upper() for value in each.values] if each.field == "severity" else each.values
        told.setdefault(name, []).extend(_hub_test(each, value) for value in values)
    for name, values in (("AwsAccountId", suppression.accounts), ("ResourceRegion", suppression.regions)):
        if values:
            told[name] = [{"Value": value, "Comparison": "EQUALS"} for value in values]
    return told


def _hub_name(criterion: Criterion) -> str:
    if criterion.field == RULE:
        are_controls = {_CONTROL.fullmatch(each) is not None for each in criterion.values}
        if len(are_controls) != 1:
            raise Untranslatable(criterion.field)
        return "ComplianceSecurityControlId" if are_controls.pop() else "GeneratorId"
    name = next((name for name, known in _HUB_FIELDS.items() if known == criterion.field), "")
    if not name:
        raise Untranslatable(criterion.field)
    return name


def _hub_test(criterion: Criterion, value: str) -> dict[str, str]:
    if criterion.operator is not Operator.MATCHES:
        return {"Value": value, "Comparison": criterion.operator.value.upper()}
    inner = value.strip("*")
    is_plain = bool(inner) and not any(sign in inner for sign in "*?")
    if is_plain and value == f"{inner}*":
        return {"Value": inner, "Comparison": "PREFIX"}
    if is_plain and value == f"*{inner}*":
        return {"Value": inner, "Comparison": "CONTAINS"}
    raise Untranslatable(criterion.field)
