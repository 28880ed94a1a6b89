"""Which EventBridge rules take findings, and whom they call."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ARN = "arn:aws:events:us-east-1:123456789012:rule/r"


def door(fake_door: Callable[..., Any], *targets: Any, **members: Any) -> Any:
    rule = {"Arn": ARN, "Name": "r", "State": "ENABLED", "EventBusName": "default", **members}
    return fake_door(
        events__ListEventBuses={"EventBuses": [{"Name": "default"}]},
        events__ListRules={"Rules": [rule]},
        events__ListTargetsByRule={"Targets": list(targets)},
    )


@pytest.mark.parametrize(
    ("pattern", "reports"),
    [
        ({"source": ["aws.guardduty"]}, True),
        ({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}, True),
        ({"detail-type": ["Security Hub Findings - Imported"]}, True),
        ({"source": [{"prefix": "aws."}]}, True),
        ({"source": ["aws.health"], "detail-type": ["AWS Health Event"]}, True),
        ({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Result"]}, False),
        ({"source": ["aws.ec2"]}, False),
        ({"source": [{"anything-but": ["aws.guardduty"]}]}, True),
        ({"account": ["123456789012"]}, False),
        ({"$or": [{"source": ["aws.guardduty"]}, {"source": ["aws.ec2"]}]}, None),
        ({"source": [{"cidr": "10.0.0.0/8"}]}, None),
    ],
)
def test_a_pattern_reports_findings_if_it_asks_for_their_sender_or_type(
    fake_door: Callable[..., Any], read: Callable[..., Any], pattern: Any, reports: bool | None
) -> None:
    row = read("aws_events_rule", door(fake_door, EventPattern=json.dumps(pattern))).only
    assert row["reports_findings"] is reports


def test_a_rule_by_the_clock_reports_no_findings(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = read("aws_events_rule", door(fake_door, ScheduleExpression="rate(1 day)", State="DISABLED")).only
    assert (row["reports_findings"], row["event_pattern"], row["managed_by"]) == (False, "", "")
    assert (row["schedule"], row["is_enabled"]) == ("rate(1 day)", False)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=60) | st.recursive(st.none() | st.text(max_size=8), st.lists, max_leaves=5).map(json.dumps))
def test_any_text_for_a_pattern_is_a_row(fake_door: Callable[..., Any], read: Callable[..., Any], pattern: str) -> None:
    assert read("aws_events_rule", door(fake_door, EventPattern=pattern)).only["reports_findings"] in {
        True,
        False,
        None,
    }


def test_each_target_is_a_row_under_its_rule(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    own, theirs = (f"arn:aws:sns:us-east-1:{account}:t" for account in ("123456789012", "111122223333"))
    role = "arn:aws:iam::123456789012:role/r"
    function = "arn:aws:lambda:us-east-1:123456789012:function:f"
    targets = [{"Id": "1", "Arn": own}, {"Id": "2", "Arn": theirs, "RoleArn": role}, {"Id": "3", "Arn": function}]
    rows = read("aws_events_target", door(fake_door, *targets)).rows
    assert set(rows) == {f"{ARN}>{number}" for number in (1, 2, 3)}
    assert {(row["rule_arn"], row["rule_name"], row["bus_name"]) for row in rows.values()} == {(ARN, "r", "default")}
    assert [row["topic_is_own"] for row in rows.values()] == [True, None, False]
    assert [row["is_topic"] for row in rows.values()] == [True, True, False]
    assert [(row["role_arn"], row["relies_on_policy"]) for row in rows.values()] == [
        ("", True),
        (role, None),
        ("", True),
    ]
