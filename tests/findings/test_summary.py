from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.findings.world import FAIL, ONE, OSAKA, PASS, TOKYO, TWO, UNKNOWN, VOLUME, rule, verdict

from sakimori.findings.score import Tally
from sakimori.findings.summary import next_step, summarise, verdict_order
from sakimori.model.assessment import RuleSummary
from sakimori.model.verdict import Mute, Text, Verdict
from sakimori.model.words import Confidence, Severity, Status

MUTE = Mute(reason="known")


def summary(name: str, severity: Severity = Severity.HIGH, confidence: Confidence = Confidence.HIGH) -> RuleSummary:
    return RuleSummary(
        id=name,
        title=Text(en=f"{name} is right", ja=f"{name} が正しい"),
        why=Text(en="Why.", ja="理由。"),
        fix=Text(en=f"Mend {name}.", ja=f"{name} を直します。"),
        severity=severity,
        confidence=confidence,
    )


def judged(status: Status, name: str, *, muted: bool = False) -> Verdict:
    return replace(verdict(status, rule(VOLUME)), rule=name, mute=MUTE if muted else None)


def test_rules_come_worst_first_with_their_counts() -> None:
    rules = [summary(name) for name in ("empty", "passed", "muted", "unknown", "one", "two")]
    rules.append(summary("critical", Severity.CRITICAL))
    tally = Tally()
    for each in (
        judged(PASS, "passed"),
        judged(FAIL, "muted", muted=True),
        judged(UNKNOWN, "unknown"),
        judged(FAIL, "one"),
        judged(FAIL, "one", muted=True),
        *[judged(FAIL, "two")] * 2,
        judged(FAIL, "critical"),
    ):
        tally.add(each)
    ordered = summarise(rules, tally)
    assert [each.id for each in ordered] == ["critical", "one", "two", "unknown", "muted", "passed", "empty"]
    assert [(each.passed, each.failed, each.unknown, each.muted) for each in ordered[1:4]] == [
        (0, 2, 0, 1),
        (0, 2, 0, 0),
        (0, 0, 1, 0),
    ]


def test_verdicts_come_worst_first() -> None:
    low = replace(judged(FAIL, "a"), severity=Severity.LOW)
    ordered = [
        replace(judged(FAIL, "z"), severity=Severity.CRITICAL),
        replace(judged(FAIL, "a"), account=ONE, region=OSAKA),
        replace(judged(FAIL, "a"), account=TWO, region=TOKYO),
        replace(judged(FAIL, "b"), account=ONE),
        low,
        judged(UNKNOWN, "a"),
        replace(judged(PASS, "a"), severity=Severity.LOW),
        replace(judged(PASS, "b"), severity=Severity.CRITICAL),
    ]
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=verdict_order) == ordered


@given(st.permutations([replace(judged(FAIL, "a"), parameters={"days": days}) for days in range(5)]))
def test_the_order_of_verdicts_is_total(verdicts: list[Verdict]) -> None:
    assert [each.id for each in sorted(verdicts, key=verdict_order)] == sorted(each.id for each in verdicts)


def test_the_next_step_is_the_worst_open_failure() -> None:
    rules = [
        replace(summary("muted", Severity.CRITICAL), failed=3, muted=3),
        replace(summary("unsure", Severity.HIGH, Confidence.LOW), failed=9),
        replace(summary("sure", Severity.HIGH), failed=2),
        replace(summary("low", Severity.LOW), failed=99),
    ]
    found = [
        replace(judged(FAIL, "sure"), message=Text(en=f"{name} is open.", ja=f"{name} が開いています。"))
        for name in "ab"
    ]
    step = next_step(rules, [replace(found[0], mute=Mute(reason="known")), found[1]])
    assert step is not None
    assert step.command == "sakimori explain sure"
    assert step.text == Text(
        en="Start with this (2 to fix): b is open. Mend sure. Then this holds: sure is right.",
        ja="まずこれから始めてください（対象 2 件）。b が開いています。sure を直します。目指す状態: sure が正しい",
    )


def test_without_a_failure_the_next_step_is_what_could_not_be_seen() -> None:
    rules = [replace(summary("passed"), passed=1), replace(summary("blind"), unknown=17)]
    step = next_step(rules)
    assert step is not None
    assert step.command == "sakimori explain blind"
    assert "17" in step.text.en
    assert "17" in step.text.ja


def test_where_all_is_well_there_is_no_next_step() -> None:
    assert next_step([replace(summary("passed"), passed=1), summary("empty")]) is None


def test_a_hostile_rule_id_cannot_break_out_of_the_command() -> None:
    step = next_step([replace(summary("a; rm -rf /"), failed=1)])
    assert step is not None
    assert step.command == "sakimori explain 'a; rm -rf /'"
