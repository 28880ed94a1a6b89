"""What automation rules of Security Hub hide."""

import json
from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:securityhub:us-east-1:123456789012:automation-rule/1"
CONTROL = {"ComplianceSecurityControlId": [{"Value": "S3.8", "Comparison": "EQUALS"}]}
RESOURCE = {"ResourceId": [{"Value": "arn:aws:s3:::site", "Comparison": "EQUALS"}]}


def rule(**members: Any) -> dict[str, Any]:
    update = {"Workflow": {"Status": "SUPPRESSED"}}
    actions = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": update}]
    return {"RuleArn": ARN, "RuleName": "r", "RuleStatus": "ENABLED", "Criteria": {}, "Actions": actions, **members}


def door(fake_door: Callable[..., Any], *rules: Any) -> Any:
    return fake_door(
        securityhub__ListAutomationRules={"AutomationRulesMetadata": [{"RuleArn": ARN}]},
        securityhub__BatchGetAutomationRules={"Rules": list(rules)},
    )


def test_a_rule_is_told_whole(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = rule(Criteria=CONTROL, RuleOrder=3, IsTerminal=True, CreatedBy="arn:aws:iam::123456789012:root")
    row = read("aws_securityhub_automation_rule", door(fake_door, found)).only
    assert (row["arn"], row["is_enabled"], row["rule_order"], row["is_terminal"]) == (ARN, True, 3, True)
    assert json.loads(row["criteria"]) == CONTROL
    assert json.loads(row["actions"])[0]["FindingFieldsUpdate"]["Workflow"] == {"Status": "SUPPRESSED"}
    assert (row["suppresses"], row["created_by"]) == (True, "arn:aws:iam::123456789012:root")


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ({**CONTROL, **RESOURCE}, (True, True)),
        (CONTROL, (True, False)),
        (RESOURCE, (False, True)),
        ({"SeverityLabel": [{"Value": "MEDIUM", "Comparison": "EQUALS"}]}, (False, False)),
        ({**CONTROL, "ResourceId": [{"Value": "arn:", "Comparison": "PREFIX"}]}, (True, False)),
        ({**RESOURCE, "Title": [{"Value": "x", "Comparison": "NOT_EQUALS"}]}, (False, True)),
    ],
)
def test_only_equality_names_a_kind_of_finding_or_a_resource(
    fake_door: Callable[..., Any], read: Callable[..., Any], criteria: Any, names: tuple[bool, bool]
) -> None:
    row = read("aws_securityhub_automation_rule", door(fake_door, rule(Criteria=criteria))).only
    assert (row["names_type"], row["names_resource"]) == names


@pytest.mark.parametrize(
    ("update", "suppresses"),
    [
        ({"Workflow": {"Status": "SUPPRESSED"}}, True),
        ({"Workflow": {"Status": "RESOLVED"}}, True),
        ({"Workflow": {"Status": "NOTIFIED"}}, False),
        ({"Severity": {"Label": "CRITICAL"}}, False),
    ],
)
def test_a_rule_suppresses_by_the_status_that_it_sets(
    fake_door: Callable[..., Any], read: Callable[..., Any], update: Any, suppresses: bool
) -> None:
    found = rule(Actions=[{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": update}])
    assert read("aws_securityhub_automation_rule", door(fake_door, found)).only["suppresses"] is suppresses


def test_a_rule_that_is_listed_and_not_given_is_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_securityhub_automation_rule", door(fake_door))
    assert (found.rows, [gap.code for gap in found.unit.gaps]) == ({}, ["FewerItems"])


def test_off_is_known_by_its_words(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    def answered(words: str) -> Any:
        no = refusal(code="InvalidAccessException", message=words)
        return read("aws_securityhub_automation_rule", fake_door(securityhub__ListAutomationRules=no))

    off = answered("Account 123456789012 is not subscribed to AWS Security Hub")
    assert (off.rows, off.unit.gaps) == ({}, ())
    assert answered("You do not have permission to perform this action").unit.gaps
