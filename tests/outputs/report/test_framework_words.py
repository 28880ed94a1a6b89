from dataclasses import replace

import pytest

from sakimori.model.assessment import Assessment
from sakimori.model.framework import RequirementStatus
from sakimori.outputs.report import framework_words as words


def test_totals_tell_the_worst_first_and_leave_out_what_there_is_none_of(framed: Assessment) -> None:
    [framework] = framed.frameworks
    few = replace(framework, requirements=framework.requirements[:2] * 2 + framework.requirements[4:5])
    assert words.totals(few, "en") == "Not met 2 · Unknown 2 · Met 1"
    assert words.totals(few, "ja") == "不適合 2 · 不明 2 · 適合 1"


def test_what_cannot_be_answered_is_not_counted_as_asked(framed: Assessment) -> None:
    assert words.held_line(framed.frameworks[0], "en") == "2 of 5 requirements are met or attested."


def test_a_muted_failure_is_counted_but_not_told_as_failing(framed: Assessment) -> None:
    requirement = framed.frameworks[0].requirements[0]
    assert words.rule_counts(requirement, "en") == "3 passed, 14 failed (2 muted), 0 unknown"
    told = words.failing_rules(requirement, words.rules_by_id(framed), "en")
    assert told == ("The root user has no access key: 1 failed", "S3 buckets block public access: 11 failed")


def test_who_vouches_until_when_and_for_whom_nobody_does(framed: Assessment) -> None:
    lines = words.attestations(framed.frameworks[0].requirements[2], "en")
    assert lines == ("suzuki, until 2027-03-31 drill evidence: drill.pdf", "Not attested for: 444455556666")


@pytest.mark.parametrize(("is_met", "word"), [(True, "Met: "), (False, "Not met: "), (None, "Unknown: ")])
def test_a_condition_that_unknown_ones_could_decide_is_unknown(
    framed: Assessment, is_met: bool | None, word: str
) -> None:
    condition = replace(framed.frameworks[0].conditions[0], is_met=is_met)
    assert words.condition_line(condition, "en") == f"{word}Two of three (1 of at least 2)"


@pytest.mark.parametrize("status", RequirementStatus)
def test_every_status_has_a_word_of_its_own_in_both_languages(status: RequirementStatus) -> None:
    others = [other for other in RequirementStatus if other is not status]
    for language in ("en", "ja"):
        assert words.status_word(status, language) not in {words.status_word(other, language) for other in others}


def test_a_version_that_the_title_names_is_not_told_twice(framed: Assessment) -> None:
    named = replace(framed.frameworks[0], version="Baseline")
    assert words.framework_name(named, "en") == "Example Baseline"
    assert words.framework_name(framed.frameworks[0], "ja") == "例示ベースライン（2.0）"
