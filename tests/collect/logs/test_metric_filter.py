"""Which metric filters look at CloudTrail, and whether they write while nothing matches."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("pattern", "reads"),
    [
        ('{ $.userIdentity.type = "Root" }', True),
        ("{ $.eventName = DeleteTrail }", True),
        ('{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }', True),
        ('{ $.errorCode = "500" }', False),
        ("{ $.eventNameOfOurs = 1 }", False),
        ("ERROR", False),
        ("", False),
    ],
)
def test_a_pattern_reads_cloudtrail_if_it_speaks_of_its_members(
    fake_door: Callable[..., Any], read: Callable[..., Any], pattern: str, reads: bool
) -> None:
    found = {"logGroupName": "g", "filterName": "f", "filterPattern": pattern}
    row = read("aws_logs_metric_filter", fake_door(logs__DescribeMetricFilters={"metricFilters": [found]})).only
    assert row["reads_cloudtrail"] is reads


@pytest.mark.parametrize(("more", "has"), [({}, False), ({"defaultValue": 0.0}, True), ({"defaultValue": 1.0}, True)])
def test_zero_is_a_default_value_too(
    fake_door: Callable[..., Any], read: Callable[..., Any], more: Any, has: bool
) -> None:
    metric = {"metricName": "m", "metricNamespace": "n", "metricValue": "1", **more}
    found = {"logGroupName": "g", "filterName": "f", "metricTransformations": [metric]}
    row = read("aws_logs_metric_filter", fake_door(logs__DescribeMetricFilters={"metricFilters": [found]})).only
    assert row["has_default_value"] is has
