"""How a requirement stands follows from its rules and from whose word there is, and unknown never counts as met."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.world import ONE, TWO

from sakimori.findings.requirements import Said, Vouched, answer
from sakimori.model.framework import Attested, FrameworkResult, RequirementStatus
from sakimori.model.verdict import Mute, Text, Verdict
from sakimori.model.words import Confidence, Severity, Status
from sakimori.rules.framework import Condition, Framework, Question, Requirement, RuleUse
from sakimori.rules.judge import RuleResult
from sakimori.rules.rule import Rule

WORDS = Text("words", "言葉")
TODAY = date(2026, 11, 1)
QUESTION = Question(id="q", text=WORDS, how=WORDS, valid_days=90)


def _rule(name: str) -> Rule:
    return Rule(
        id=name, path=Path(f"{name}.yaml"), title=WORDS, why=WORDS, fail=WORDS, fix=WORDS, severity=Severity.HIGH,
        confidence=Confidence.HIGH, judges="aws_house", query="", query_line=1, tables=("aws_house",),
    )  # fmt: skip


def _result(name: str, passed: int = 0, failed: int = 0, unknown: int = 0, **parameters: int) -> RuleResult:
    counts = {Status.PASS: passed, Status.FAIL: failed, Status.UNKNOWN: unknown}
    return RuleResult(rule=_rule(name), parameters=parameters, counts=counts)


def _muted(name: str) -> Verdict:
    return Verdict(
        rule=name, status=Status.FAIL, severity=Severity.HIGH, confidence=Confidence.HIGH, partition="aws", account=ONE,
        region="global", resource="r", resource_type="", message=WORDS, mute=Mute(reason="known"),
    )  # fmt: skip


def _signed(until: date) -> Attested:
    return Attested(question="q", signer="s", signed_at=datetime(2026, 10, 1, tzinfo=UTC), valid_until=until)


def _answer(
    *requirements: Requirement,
    results: tuple[RuleResult, ...] = (),
    muted: tuple[Verdict, ...] = (),
    signed: dict[str, Attested] | None = None,
    accounts: tuple[str, ...] = (ONE,),
    conditions: tuple[Condition, ...] = (),
) -> FrameworkResult:
    framework = Framework(
        id="f", title=WORDS, version="1", published_on=TODAY, source="", thresholds="seed", requirements=requirements,
        conditions=conditions,
    )  # fmt: skip
    vouched = Vouched(questions={"q": QUESTION}, attested=lambda _: signed or {}, accounts=accounts, today=TODAY)
    return answer(framework, Said(results, muted), vouched)


def _uses(*names: str) -> tuple[RuleUse, ...]:
    return tuple(RuleUse(rule=name) for name in names)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ((_result("a", passed=3), _result("b", passed=1)), RequirementStatus.PASS),
        ((_result("a", passed=3), _result("b", failed=1)), RequirementStatus.FAIL),
        ((_result("a", unknown=1), _result("b", failed=1)), RequirementStatus.FAIL),
        ((_result("a", unknown=1), _result("b", passed=9)), RequirementStatus.UNKNOWN),
        ((_result("a"), _result("b")), RequirementStatus.NOTHING),
        ((_result("a", passed=1), _result("b")), RequirementStatus.PASS),
        # A rule that the run left out was not looked at.
        ((_result("a", passed=1),), RequirementStatus.UNKNOWN),
    ],
)
def test_rules_decide_together(results: tuple[RuleResult, ...], expected: RequirementStatus) -> None:
    (found,) = _answer(Requirement(id="r", title=WORDS, uses=_uses("a", "b")), results=results).requirements
    assert found.status is expected


def test_the_same_rule_by_other_thresholds_is_another_answer() -> None:
    uses = (RuleUse(rule="a", parameters={"days": 45}),)
    results = (_result("a", passed=1, days=90), _result("a", failed=1, days=45))
    (found,) = _answer(Requirement(id="r", title=WORDS, uses=uses), results=results).requirements
    assert found.status is RequirementStatus.FAIL


def test_a_muted_failure_fails_no_requirement_and_is_told() -> None:
    (found,) = _answer(
        Requirement(id="r", title=WORDS, uses=_uses("a")), results=(_result("a", failed=1),), muted=(_muted("a"),)
    ).requirements
    assert found.status is RequirementStatus.NOTHING
    assert (found.rules[0].failed, found.rules[0].muted) == (1, 1)


def test_a_word_holds_until_its_day_and_for_its_account_alone() -> None:
    asked = Requirement(id="r", title=WORDS, question="q")
    statuses = [
        _answer(asked, signed=signed, accounts=accounts).requirements[0].status
        for signed, accounts in (
            ({}, (ONE,)),
            ({ONE: _signed(TODAY)}, (ONE,)),
            ({ONE: _signed(date(2026, 10, 31))}, (ONE,)),
            ({ONE: _signed(TODAY)}, (ONE, TWO)),
            ({ONE: _signed(TODAY), TWO: _signed(TODAY)}, (ONE, TWO)),
            ({TWO: _signed(TODAY)}, (ONE,)),
        )
    ]
    yes, no = RequirementStatus.ATTESTED, RequirementStatus.TO_ATTEST
    assert statuses == [no, yes, no, no, yes, no]


def test_a_word_does_not_outweigh_what_a_rule_sees() -> None:
    asked = Requirement(id="r", title=WORDS, uses=_uses("a"), question="q")
    signed = {ONE: _signed(TODAY)}
    for result, expected in (
        (_result("a", failed=1), RequirementStatus.FAIL),
        (_result("a", unknown=1), RequirementStatus.UNKNOWN),
        (_result("a", passed=1), RequirementStatus.ATTESTED),
    ):
        assert _answer(asked, results=(result,), signed=signed).requirements[0].status is expected


def test_a_condition_is_open_while_what_is_unknown_could_decide_it() -> None:
    requirements = [Requirement(id=name, title=WORDS, uses=_uses(name)) for name in "abcd"]
    condition = Condition(title=WORDS, at_least=2, requirements=("a", "b", "c", "d"))
    for counts, expected in (
        (("passed", "passed", "failed", "failed"), True),
        (("passed", "unknown", "failed", "failed"), None),
        (("passed", "failed", "failed", "failed"), False),
        (("unknown", "unknown", "failed", "failed"), None),
    ):
        results = tuple(_result(name, **{count: 1}) for name, count in zip("abcd", counts, strict=True))
        (found,) = _answer(*requirements, results=results, conditions=(condition,)).conditions
        assert found.is_met is expected


@pytest.mark.slow
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=4))
def test_a_requirement_is_met_only_where_nothing_fails_and_nothing_is_unknown(
    counts: list[tuple[int, int, int]],
) -> None:
    results = tuple(_result(str(index), *each) for index, each in enumerate(counts))
    uses = _uses(*(str(index) for index in range(len(counts))))
    (found,) = _answer(Requirement(id="r", title=WORDS, uses=uses), results=results).requirements
    is_clean = not any(failed or unknown for _, failed, unknown in counts)
    assert (found.status in {RequirementStatus.PASS, RequirementStatus.NOTHING}) == is_clean
