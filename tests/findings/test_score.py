from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.findings.world import BUCKET, FAIL, PASS, STATEMENT, UNKNOWN, USER, VOLUME, rule, verdict

from sakimori.findings.score import WEIGHTS, Counts, Tally, score_of
from sakimori.model.assessment import Score
from sakimori.model.verdict import Mute, Verdict
from sakimori.model.words import Severity, Status

MUTE = Mute(reason="known", until=date(2027, 1, 1))
RULES = [rule(table) for table in (VOLUME, BUCKET, USER, STATEMENT)]


def judged(status: Status, of: int = 0, severity: Severity = Severity.HIGH, *, muted: bool = False) -> Verdict:
    return replace(verdict(status, RULES[of]), severity=severity, mute=MUTE if muted else None)


VERDICTS = st.builds(
    lambda status, of, severity, muted: judged(status, of, severity, muted=muted and status is FAIL),
    st.sampled_from(list(Status)),
    st.integers(0, 3),
    st.sampled_from(list(Severity)),
    st.booleans(),
)


def test_nothing_judged_has_no_score() -> None:
    assert score_of([]) == Score(controls=None, risk_weighted=None, coverage=None)


def test_a_control_passes_only_where_all_pass() -> None:
    verdicts = [judged(PASS, 0), judged(PASS, 0), judged(PASS, 1), judged(FAIL, 1), judged(PASS, 2), judged(UNKNOWN, 2)]
    score = score_of(verdicts)
    assert (score.controls_passed, score.controls_failed, score.controls_unknown) == (1, 1, 1)
    assert score.controls == pytest.approx(1 / 3)


def test_a_control_with_a_failure_and_an_unknown_has_failed() -> None:
    score = score_of([judged(UNKNOWN), judged(FAIL)])
    assert (score.controls_failed, score.controls_unknown) == (1, 0)


def test_unknown_never_counts_as_passed() -> None:
    score = score_of([judged(UNKNOWN, number) for number in range(4)])
    assert (score.controls, score.risk_weighted, score.coverage) == (0, 0, 0)


def test_severity_weighs() -> None:
    score = score_of([judged(FAIL, 0, Severity.CRITICAL), *[judged(PASS, 1, Severity.LOW)] * 10])
    assert score.risk_weighted == pytest.approx(0.5)


def test_what_is_only_informational_has_no_risk() -> None:
    assert score_of([judged(FAIL, 0, Severity.INFORMATIONAL)]).risk_weighted is None


def test_every_severity_has_a_weight_and_a_worse_one_weighs_more() -> None:
    assert list(WEIGHTS) == list(Severity)
    assert sorted(WEIGHTS.values(), reverse=True) == list(WEIGHTS.values())


def test_a_muted_failure_is_out_of_the_score_and_counted_apart() -> None:
    tally = Tally()
    for each in (judged(PASS), judged(FAIL, muted=True), judged(FAIL, 1, muted=True)):
        tally.add(each)
    score = tally.score()
    assert (score.controls, score.controls_passed, score.controls_failed) == (1, 1, 0)
    assert (score.risk_weighted, score.coverage) == (1, 1)
    assert tally.counts_of(RULES[0].id) == Counts(passed=1, failed=1, muted=1)
    assert tally.counts_of("never judged") == Counts()


def test_a_stream_is_counted_as_it_passes() -> None:
    tally = Tally()
    verdicts = [judged(PASS), judged(FAIL)]
    assert list(tally.counting(iter(verdicts))) == verdicts
    assert tally.score() == score_of(verdicts)


@pytest.mark.parametrize("severity", list(Severity))
def test_passes_counted_at_once_count_as_those_that_are_read(severity: Severity) -> None:
    at_once = Tally()
    at_once.add(judged(FAIL, 1))
    at_once.add_passes(RULES[0].id, severity, 3)
    at_once.add_passes(RULES[2].id, severity, 0)
    assert at_once.score() == score_of([judged(FAIL, 1), *(judged(PASS, 0, severity) for _ in range(3))])
    assert at_once.counts_of(RULES[0].id) == Counts(passed=3)


@pytest.mark.slow
@given(st.lists(VERDICTS))
def test_numbers_are_ratios_and_order_does_not_matter(verdicts: list[Verdict]) -> None:
    score = score_of(verdicts)
    assert score == score_of(reversed(verdicts))
    assert all(number is None or 0 <= number <= 1 for number in (score.controls, score.risk_weighted, score.coverage))


@pytest.mark.slow
@given(st.lists(VERDICTS), st.integers(0, 3), st.sampled_from(list(Severity)))
def test_losing_sight_of_a_pass_never_betters_a_number(verdicts: list[Verdict], of: int, severity: Severity) -> None:
    seen = score_of([*verdicts, judged(PASS, of, severity)])
    unseen = score_of([*verdicts, judged(UNKNOWN, of, severity)])
    assert (unseen.controls or 0) <= (seen.controls or 0)
    assert (unseen.risk_weighted or 0) <= (seen.risk_weighted or 0)
    assert (unseen.coverage or 0) < (seen.coverage or 0)
