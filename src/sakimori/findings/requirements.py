"""Answering a framework: each requirement by what its rules said and by who vouches for the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sakimori.model.framework import (
    Attested,
    ConditionResult,
    FrameworkResult,
    RequirementResult,
    RequirementRule,
    RequirementStatus,
)
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.rules.framework import Condition, Framework, Question, Requirement, RuleUse
from sakimori.rules.judge import RuleResult

_HOLDS: Final = frozenset({RequirementStatus.PASS, RequirementStatus.ATTESTED})
_OPEN: Final = frozenset({RequirementStatus.UNKNOWN})


class Said:
    """What the rules of a run said, by rule and thresholds."""

    def __init__(self, results: Iterable[RuleResult], undone: Iterable[Verdict]) -> None:
        self._muted: dict[str, int] = {}
        for verdict in undone:
            if verdict.status is Status.FAIL and verdict.mute is not None:
                key = _key(verdict.rule, verdict.parameters)
                self._muted[key] = self._muted.get(key, 0) + 1
        self._results = {_key(result.rule.id, result.parameters): result for result in results}

    def of(self, use: RuleUse) -> RequirementRule | None:
        """The counts of a rule by these thresholds; None if the run did not judge it so."""
        key = use.key
        result = self._results.get(key)
        if result is None:
            return None
        return RequirementRule(
            id=use.rule, parameters=use.parameters, passed=result.count(Status.PASS), failed=result.count(Status.FAIL),
            unknown=result.count(Status.UNKNOWN), muted=self._muted.get(key, 0),
        )  # fmt: skip


def _key(rule: str, parameters: Mapping[str, Any]) -> str:
    return RuleUse(rule=rule, parameters=parameters).key


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whose word there is: `attested` gives, for a question, what is signed for each account."""

    questions: Mapping[str, Question]
    attested: Callable[[str], Mapping[str, Attested]]
    accounts: Sequence[str]
    today: date


def answer(framework: Framework, said: Said, vouched: Vouched) -> FrameworkResult:
    """The framework with an answer to every requirement."""
    requirements = tuple(_answer(requirement, said, vouched) for requirement in framework.requirements)
    by_id = {requirement.id: requirement.status for requirement in requirements}
    return FrameworkResult(
        id=framework.id, title=framework.title, version=framework.version, published_on=framework.published_on,
        source=framework.source, requirements=requirements,
        conditions=tuple(_condition(condition, by_id) for condition in framework.conditions),
    )  # fmt: skip


def _answer(requirement: Requirement, said: Said, vouched: Vouched) -> RequirementResult:
    # A rule that this run left out (--rule, --severity) was not looked at: unknown, with no count to show.
    found = [said.of(use) or RequirementRule(id=use.rule, parameters=use.parameters) for use in requirement.uses]
    left_out = any(said.of(use) is None for use in requirement.uses)
    signed: Mapping[str, Attested] = vouched.attested(requirement.question) if requirement.question else {}
    valid = {
        account: one
        for account, one in signed.items()
        if account in vouched.accounts and one.valid_until >= vouched.today
    }
    to_attest = tuple(account for account in vouched.accounts if account not in valid) if requirement.question else ()
    question = vouched.questions.get(requirement.question)
    return RequirementResult(
        id=requirement.id,
        title=requirement.title,
        status=_status(requirement, found, is_vouched=not to_attest, left_out=left_out),
        served_by=requirement.served_by,
        section=requirement.section,
        level=requirement.level,
        rules=tuple(found),
        question=requirement.question,
        question_text=question.text if question else None,
        attested=tuple(valid.values()),
        accounts_to_attest=to_attest,
        reason=requirement.reason,
        successors=requirement.successors,
    )


def _status(
    requirement: Requirement, rules: Sequence[RequirementRule], *, is_vouched: bool, left_out: bool
) -> RequirementStatus:
    if requirement.is_retired and not rules:
        return RequirementStatus.RETIRED
    if not rules and not requirement.question:
        return RequirementStatus.NOT_ASSESSABLE
    if any(rule.failed > rule.muted for rule in rules):
        return RequirementStatus.FAIL
    if left_out or any(rule.unknown for rule in rules):
        return RequirementStatus.UNKNOWN
    if requirement.question:
        return RequirementStatus.ATTESTED if is_vouched else RequirementStatus.TO_ATTEST
    return RequirementStatus.PASS if any(rule.passed for rule in rules) else RequirementStatus.NOTHING


def _condition(condition: Condition, by_id: Mapping[str, RequirementStatus]) -> ConditionResult:
    statuses = [by_id[name] for name in condition.requirements]
    held = sum(status in _HOLDS for status in statuses)
    could_hold = held + sum(status in _OPEN for status in statuses)
    is_met = True if held >= condition.at_least else None if could_hold >= condition.at_least else False
    return ConditionResult(
        title=condition.title, at_least=condition.at_least, requirements=condition.requirements, held=held,
        is_met=is_met,
    )  # fmt: skip
