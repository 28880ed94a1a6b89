"""Laws over the rules on alarms: one form, one rule for each watched thing, and a remedy that does what the rule asks."""

import re

import pytest

from sakimori.analysis.catalogue import catalogue
from sakimori.collect.cloudtrail.watched import WATCHED
from sakimori.collect.logs.pattern import watched_by
from sakimori.rules.rule import Rule
from sakimori.rules.rulebook import load_rulebook

RULES = {
    watched: load_rulebook(catalogue()).rules[f"aws.cloudwatch.{watched}-alarmed"]
    for watched in (each.name for each in WATCHED)
}
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
