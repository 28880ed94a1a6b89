"""The rules on the account's own alarms."""

from sakimori.analysis.catalogue import catalogue
from sakimori.app.alert_rules import ALERT_RULES
from sakimori.rules.rulebook import load_rulebook


def test_every_rule_on_alarms_exists_and_stands_once() -> None:
    assert set(ALERT_RULES) <= set(load_rulebook(catalogue()).rules)
    assert len(set(ALERT_RULES)) == len(ALERT_RULES)
