"""The rules on the account's own alarms."""

from tests.held_rulebook import held_rulebook

from sakimori.app.alert_rules import ALERT_RULES


def test_every_rule_on_alarms_exists_and_stands_once() -> None:
    assert set(ALERT_RULES) <= set(held_rulebook().rules)
    assert len(set(ALERT_RULES)) == len(ALERT_RULES)
