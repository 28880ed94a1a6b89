"""What an alarm watches and whom it calls."""

from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
METRIC = {"MetricName": "RootUse", "Namespace": "Trail"}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (METRIC, ("RootUse", "Trail")),
        (
            {"Metrics": [{"Id": "m", "MetricStat": {"Metric": METRIC}}, {"Id": "e", "Expression": "m*2"}]},
            ("RootUse", "Trail"),
        ),
        (
            {"Metrics": [{"Id": "m", "MetricStat": {"Metric": METRIC}}, {"Id": "n", "MetricStat": {"Metric": METRIC}}]},
            ("", ""),
        ),
        ({}, ("", "")),
    ],
)
def test_the_metric_is_the_alarms_own_or_its_only_one(
    fake_door: Callable[..., Any], read: Callable[..., Any], members: dict[str, Any], expected: tuple[str, str]
) -> None:
    door = fake_door(cloudwatch__DescribeAlarms={"MetricAlarms": [{"AlarmArn": ARN, **members}]})
    row = read("aws_cloudwatch_alarm", door).only
    assert (row["metric_name"], row["metric_namespace"]) == expected


def test_each_action_is_a_row_once(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:t"
    alarm = {
        "AlarmArn": ARN,
        "ActionsEnabled": False,
        "AlarmActions": [topic, topic, "arn:aws:automate:us-east-1:ec2:stop"],
    }
    rows = read(
        "aws_cloudwatch_alarm_action", fake_door(cloudwatch__DescribeAlarms={"MetricAlarms": [alarm]})
    ).rows.values()
    assert {row["action_arn"]: row["is_topic"] for row in rows} == {
        topic: True,
        "arn:aws:automate:us-east-1:ec2:stop": False,
    }
    assert {row["actions_enabled"] for row in rows} == {False}


def test_silence_is_missing_where_nobody_chose(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    for members, expected in (
        ({}, ("missing", 0)),
        ({"TreatMissingData": "ignore", "InsufficientDataActions": ["a"]}, ("ignore", 1)),
    ):
        door = fake_door(cloudwatch__DescribeAlarms={"MetricAlarms": [{"AlarmArn": ARN, **members}]})
        row = read("aws_cloudwatch_alarm", door).only
        assert (row["missing_data"], row["insufficient_data_action_count"]) == expected
