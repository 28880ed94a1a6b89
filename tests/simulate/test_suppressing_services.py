"""Filters of GuardDuty and automation rules of Security Hub, as their stand-ins keep them."""

from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"
CRITERIA = {"Criterion": {"type": {"Equals": ["Recon:EC2/Portscan"]}, "severity": {"GreaterThanOrEqual": 4}}}
ACTIONS: Any = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}]
CONTROL = {"ComplianceSecurityControlId": [{"Value": "S3.8", "Comparison": "EQUALS"}]}


@pytest.mark.slow
def test_a_filter_is_kept_listed_changed_and_gone(account: SimulatedAccount, refusal_of: Any) -> None:
    guard = account.client("guardduty")
    detector = guard.create_detector(Enable=True)["DetectorId"]
    assert guard.list_filters(DetectorId=detector)["FilterNames"] == []
    tags = {"owner": "soc"}
    guard.create_filter(DetectorId=detector, Name="noise", Action="ARCHIVE", FindingCriteria=CRITERIA, Tags=tags)
    guard.create_filter(DetectorId=detector, Name="view", FindingCriteria=CRITERIA, Rank=2, Description="d")
    found = guard.get_filter(DetectorId=detector, FilterName="noise")
    assert (found["Action"], found["FindingCriteria"], found["Tags"]) == ("ARCHIVE", CRITERIA, tags)
    assert guard.get_filter(DetectorId=detector, FilterName="view")["Action"] == "NOOP"
    guard.update_filter(DetectorId=detector, FilterName="view", Action="ARCHIVE")
    assert guard.get_filter(DetectorId=detector, FilterName="view")["Action"] == "ARCHIVE"
    pages = guard.get_paginator("list_filters").paginate(DetectorId=detector, PaginationConfig={"PageSize": 1})
    assert [page["FilterNames"] for page in pages] == [["noise"], ["view"]]
    guard.delete_filter(DetectorId=detector, FilterName="view")
    assert guard.list_filters(DetectorId=detector)["FilterNames"] == ["noise"]
    assert refusal_of(guard.get_filter, DetectorId=detector, FilterName="view")[0] == "BadRequestException"


def test_a_filter_with_a_bad_name_or_a_taken_one_is_refused(account: SimulatedAccount, refusal_of: Any) -> None:
    guard = account.client("guardduty")
    detector = guard.create_detector(Enable=True)["DetectorId"]
    guard.create_filter(DetectorId=detector, Name="noise", FindingCriteria=CRITERIA)
    for name in ("noise", "with space"):
        refused = refusal_of(guard.create_filter, DetectorId=detector, Name=name, FindingCriteria=CRITERIA)
        assert refused[0] == "BadRequestException", name
    assert refusal_of(guard.list_filters, DetectorId="0" * 32)[0] == "BadRequestException"


def test_an_automation_rule_is_kept_listed_changed_and_gone(account: SimulatedAccount, refusal_of: Any) -> None:
    hub = account.client("securityhub")
    assert refusal_of(hub.list_automation_rules)[0] == "InvalidAccessException"
    hub.enable_security_hub()
    assert hub.list_automation_rules()["AutomationRulesMetadata"] == []
    arn = hub.create_automation_rule(
        RuleName="site", Description="public", RuleOrder=1, Criteria=CONTROL, Actions=ACTIONS
    )["RuleArn"]
    (listed,) = hub.list_automation_rules()["AutomationRulesMetadata"]
    assert (listed["RuleArn"], listed["RuleStatus"], listed["IsTerminal"]) == (arn, "ENABLED", False)
    assert "Criteria" not in listed
    (whole,) = hub.batch_get_automation_rules(AutomationRulesArns=[arn])["Rules"]
    assert (whole["Criteria"], whole["Actions"]) == (CONTROL, ACTIONS)
    assert whole["CreatedBy"].startswith("arn:aws:")
    hub.batch_update_automation_rules(UpdateAutomationRulesRequestItems=[{"RuleArn": arn, "RuleStatus": "DISABLED"}])
    (changed,) = hub.batch_get_automation_rules(AutomationRulesArns=[arn])["Rules"]
    assert (changed["RuleStatus"], changed["Criteria"]) == ("DISABLED", CONTROL)
    hub.batch_delete_automation_rules(AutomationRulesArns=[arn])
    gone = hub.batch_get_automation_rules(AutomationRulesArns=[arn])
    assert (gone["Rules"], len(gone["UnprocessedAutomationRules"])) == ([], 1)


def test_automation_rules_belong_to_one_region(account: SimulatedAccount) -> None:
    virginia, tokyo = account.client("securityhub"), account.client("securityhub", region=TOKYO)
    virginia.enable_security_hub()
    tokyo.enable_security_hub()
    virginia.create_automation_rule(
        RuleName="site", Description="d", RuleOrder=1, Criteria=CONTROL, Actions=ACTIONS, RuleStatus="DISABLED"
    )
    assert tokyo.list_automation_rules()["AutomationRulesMetadata"] == []
    assert virginia.list_automation_rules()["AutomationRulesMetadata"][0]["RuleStatus"] == "DISABLED"
