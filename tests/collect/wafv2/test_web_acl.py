"""Web ACLs: where they are listed, and which of their rules are managed."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sakimori.model.words import GapKind

COMMON = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
MANAGED = {"Statement": {"ManagedRuleGroupStatement": COMMON}}
RATE = {"Statement": {"RateBasedStatement": {"Limit": 100}}}
FIREWALL_MANAGER = {"FirewallManagerStatement": {"ManagedRuleGroupStatement": COMMON}}


@pytest.fixture
def door(fake_door: Callable[..., Any], refusal: Callable[..., Any]) -> Any:
    def listed(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        name = str(parameters["Scope"]).lower()
        return {"WebACLs": [{"ARN": f"arn:{name}", "Name": name, "Id": "1"}]}

    none = refusal(code="WAFNonexistentItemException", kind=GapKind.REFUSED)
    return fake_door(
        wafv2__ListWebACLs=listed, wafv2__GetWebACL={"WebACL": {"Rules": []}}, wafv2__GetLoggingConfiguration=none
    )


def test_the_web_acls_of_cloudfront_are_listed_in_one_region_alone(door: Any, read: Callable[..., Any]) -> None:
    assert set(read("aws_wafv2_web_acl", door, "us-east-1").rows) == {"arn:regional", "arn:cloudfront"}
    assert set(read("aws_wafv2_web_acl", door, "eu-west-1").rows) == {"arn:regional"}


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        ({"Rules": [MANAGED, RATE]}, (2, True)),
        ({"Rules": [RATE]}, (1, False)),
        ({"Rules": [], "PreProcessFirewallManagerRuleGroups": [FIREWALL_MANAGER]}, (1, True)),
        ({"Name": "new"}, (0, False)),
        ({"Rules": [{"Statement": {"ManagedRuleGroupStatement": {"Name": "no vendor"}}}]}, (1, None)),
    ],
)
def test_managed_rule_groups_are_found_also_where_firewall_manager_put_them(
    door: Any, read: Callable[..., Any], acl: dict[str, Any], expected: tuple[int, bool | None]
) -> None:
    door.answers["wafv2:GetWebACL"] = {"WebACL": acl}
    row = read("aws_wafv2_web_acl", door, "eu-west-1").only
    assert (row["rule_count"], row["has_managed_rules"]) == expected


def test_logs_that_another_service_collects_stand_apart(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    def logs(parameters: Mapping[str, Any]) -> Any:
        if parameters.get("LogScope") == "SECURITY_LAKE":
            return {"LoggingConfiguration": {"LogDestinationConfigs": ["arn:lake"]}}
        return [refusal(code="WAFNonexistentItemException", kind=GapKind.REFUSED)]

    door.answers["wafv2:GetLoggingConfiguration"] = logs
    row = read("aws_wafv2_web_acl", door, "eu-west-1").only
    assert (row["is_logging"], row["security_lake_is_logging"], row["telemetry_is_logging"]) == (False, True, False)
