"""Laws over the rules on alarms: one form, one rule for each watched thing, and a remedy that does what the rule asks."""

import re
from collections.abc import Sequence

import pytest
from tests.held_rulebook import held_rulebook

from sakimori.analysis.catalogue import catalogue
from sakimori.collect.cloudtrail.watched import WATCHED
from sakimori.collect.logs.pattern import watched_by
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status
from sakimori.rules.examples import ExampleRunner
from sakimori.rules.judge import Asked, Judge, RuleResult
from sakimori.rules.rule import Example, Rule

BOOK = held_rulebook()
RULES = {each.name: BOOK.rules[f"aws.cloudwatch.{each.name}-alarmed"] for each in WATCHED}
every_rule = pytest.mark.parametrize(("watched", "rule"), RULES.items(), ids=list(RULES))


def test_all_ask_the_same_question_of_another_thing() -> None:
    assert len({rule.query for rule in RULES.values()}) == 1
    assert len({rule.settles_without for rule in RULES.values()}) == 1
    for watched, rule in RULES.items():
        assert set(rule.parameters_of("seed").values()) == {watched}


@every_rule
def test_the_pattern_of_the_remedy_watches_the_thing_and_fits_into_a_filter(watched: str, rule: Rule) -> None:
    remedy = rule.remedy
    assert remedy.console
    (shown,) = re.findall(r"enter: (\{.*\})$", remedy.console.en, re.MULTILINE)
    assert shown in remedy.console.ja
    assert f"'{shown.replace('{', '{{').replace('}', '}}')}'" in remedy.cli
    assert f'"{shown.replace(chr(34), chr(92) + chr(34))}"' in remedy.terraform
    assert watched_by(shown)[watched] is True
    assert len(shown) <= 1024


def _said(judge: Judge, results: Sequence[RuleResult]) -> list[list[Verdict]]:
    assert [result.error for result in results] == [None] * len(results)
    return [[verdict for status in Status for verdict in judge.verdicts(result, status)] for result in results]


@pytest.mark.slow
@pytest.mark.parametrize("example", RULES["root-use"].examples, ids=[each.name for each in RULES["root-use"].examples])
def test_asked_in_one_statement_they_say_what_each_says_alone(example: Example) -> None:
    asked = [Asked(rule, BOOK.queries[rule.id], rule.parameters_of(example.thresholds)) for rule in RULES.values()]
    with ExampleRunner(catalogue()) as runner, runner.judge(asked[0].rule, example.given, example.unread) as judge:
        together = judge.judge_all(asked)
        alone = [judge.judge(each.rule, each.query, each.parameters) for each in asked]
        assert len({each.relation.partition(" where ")[0] for each in together}) == 1
        assert _said(judge, together) == _said(judge, alone)
