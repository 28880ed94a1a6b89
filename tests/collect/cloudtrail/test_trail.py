"""Trails: found from anywhere, once, and what their selectors let through."""

from collections.abc import Callable
from typing import Any

import pytest

from sakimori.collect.cloudtrail.selectors import recorded, recorded_of_objects

ALL = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": list(fields)}]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"EventSelectors": [ALL]}, (True, True, True)),
        ({"EventSelectors": [{**ALL, "ReadWriteType": "WriteOnly"}]}, (False, True, False)),
        (
            {"EventSelectors": [{**ALL, "ReadWriteType": "WriteOnly"}, {**ALL, "ReadWriteType": "ReadOnly"}]},
            (True, True, True),
        ),
        ({"EventSelectors": [{**ALL, "IncludeManagementEvents": False}]}, (False, False, False)),
        ({"EventSelectors": [{**ALL, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}, (True, True, False)),
        (advanced(MANAGEMENT), (True, True, True)),
        (advanced(MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}), (False, True, False)),
        (advanced(MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}), (True, True, False)),
        (advanced({"Field": "eventCategory", "Equals": ["Data"]}), (False, False, False)),
    ],
)
def test_selectors_let_through_what_they_say(answer: dict[str, Any], expected: tuple[bool, bool, bool]) -> None:
    found = recorded(answer, has_custom_selectors=True)
    assert found is not None
    assert (found.reads, found.writes, found.reads_and_writes_of_all_services) == expected


def test_a_trail_without_selectors_of_its_own_records_all_management_events() -> None:
    found = recorded({"EventSelectors": []}, has_custom_selectors=False)
    assert found is not None
    assert found.reads_and_writes_of_all_services


def test_selectors_that_are_said_to_be_there_but_are_not_are_unknown() -> None:
    assert recorded({}, has_custom_selectors=True) is None


OWN = "arn:aws:s3:::trail"
OBJECTS = ({"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]})


def basic(*prefixes: str, kind: str = "All") -> dict[str, Any]:
    resources = [{"Type": "AWS::S3::Object", "Values": list(prefixes)}]
    return {"EventSelectors": [{**ALL, "ReadWriteType": kind, "DataResources": resources}]}


def arns(**operators: list[str]) -> dict[str, Any]:
    return {"Field": "resources.ARN", **operators}


@pytest.mark.parametrize(
    ("answer", "everywhere", "own"),
    [
        (basic("arn:aws:s3"), (True, True), (True, True)),
        (basic("arn:aws:s3:::"), (True, True), (True, True)),
        (basic("arn:aws:s3:::", kind="WriteOnly"), (False, True), (False, True)),
        (basic("arn:aws:s3:::trail/"), (False, False), (True, True)),
        (basic("arn:aws:s3:::trail/AWSLogs"), (False, False), (False, False)),
        (basic("arn:aws:s3:::trail-other/"), (False, False), (False, False)),
        (basic("arn:aws:lambda"), (False, False), (False, False)),
        ({"EventSelectors": [ALL]}, (False, False), (False, False)),
        (advanced(*OBJECTS), (True, True), (True, True)),
        (advanced(*OBJECTS, {"Field": "readOnly", "Equals": ["true"]}), (True, False), (True, False)),
        (advanced(*OBJECTS, arns(StartsWith=["arn:aws:s3:::trail/"])), (False, False), (True, True)),
        (advanced(*OBJECTS, arns(StartsWith=["arn:aws:s3:::"])), (True, True), (True, True)),
        (advanced(*OBJECTS, arns(NotStartsWith=["arn:aws:s3:::x/"])), (False, False), (False, False)),
        (advanced(*OBJECTS, {"Field": "eventName", "Equals": ["DeleteObject"]}), (False, False), (False, False)),
        (advanced(OBJECTS[0], {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}), (False, False), (False, False)),
        (advanced(MANAGEMENT), (False, False), (False, False)),
        ({}, (False, False), (False, False)),
    ],
)  # fmt: skip
def test_events_of_objects_are_recorded_where_the_selectors_say_so(
    answer: dict[str, Any], everywhere: tuple[bool, bool], own: tuple[bool, bool]
) -> None:
    found = recorded_of_objects(answer), recorded_of_objects(answer, OWN)
    assert [(each.reads, each.writes) for each in found] == [everywhere, own]


def trail(name: str, region: str, **members: Any) -> dict[str, Any]:
    arn = f"arn:aws:cloudtrail:{region}:123456789012:trail/{name}"
    return {"TrailARN": arn, "Name": name, "HomeRegion": region, "HasCustomEventSelectors": True, **members}


@pytest.fixture
def door(fake_door: Callable[..., Any], refusal: Callable[..., Any]) -> Any:
    shadow = trail("org", "eu-west-1", IsMultiRegionTrail=True, IsOrganizationTrail=True)
    local = trail("local", "ap-northeast-1", IsMultiRegionTrail=False)
    summaries = [{name: each[name] for name in ("TrailARN", "Name", "HomeRegion")} for each in (shadow, local)]
    return fake_door(
        cloudtrail__DescribeTrails={"trailList": [shadow]},
        cloudtrail__ListTrails={"Trails": summaries},
        cloudtrail__GetTrail={"Trail": local},
        cloudtrail__GetTrailStatus={"IsLogging": True, "LatestDeliveryError": "AccessDenied"},
        cloudtrail__GetEventSelectors={"EventSelectors": [ALL]},
        cloudtrail__GetInsightSelectors=refusal("InsightNotEnabledException"),
    )


def test_shadow_trails_and_trails_of_another_region_are_read_once_each_at_home(
    door: Any, read: Callable[..., Any]
) -> None:
    rows = {row["name"]: row for row in read("aws_cloudtrail_trail", door).rows.values()}
    assert {name: (row["region"], row["is_multi_region"]) for name, row in rows.items()} == {
        "org": ("eu-west-1", True),
        "local": ("ap-northeast-1", False),
    }
    assert rows["org"]["is_organization_trail"] is True
    assert [region for operation, region, _ in door.asked if operation == "cloudtrail:GetTrail"] == ["ap-northeast-1"]


def test_a_failing_delivery_is_seen(door: Any, read: Callable[..., Any]) -> None:
    for row in read("aws_cloudtrail_trail", door).rows.values():
        assert row["delivery_is_failing"] is True
        assert row["latest_delivery_error"] == "AccessDenied"
        assert (row["has_delivered"], row["latest_delivery_at"]) == (False, None)


def test_a_refused_status_is_unknown_and_not_silent(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door.answers["cloudtrail:GetTrailStatus"] = refusal()
    found = read("aws_cloudtrail_trail", door)
    for row in found.rows.values():
        assert (row["is_logging"], row["delivery_is_failing"], row["has_delivered"]) == (None, None, None)
        assert row["records_all_management_events"] is True
    assert {gap.parent for gap in found.unit.gaps} == set(found.rows)


def test_a_refused_list_leaves_all_trails_unread(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door.answers["cloudtrail:ListTrails"] = refusal()
    found = read("aws_cloudtrail_trail", door)
    assert found.rows == {}
    assert not found.unit.is_read


def test_insights_are_off_where_aws_says_so_and_unknown_where_it_does_not(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    for answer, expected in (
        (refusal("InsightNotEnabledException"), False),
        ({"InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]}, True),
        (refusal(), None),
        ({}, None),
    ):
        door.answers["cloudtrail:GetInsightSelectors"] = answer
        rows = read("aws_cloudtrail_trail", door).rows.values()
        assert {row["has_insights"] for row in rows} == {expected}


def test_a_log_group_that_refuses_events_is_seen(door: Any, read: Callable[..., Any]) -> None:
    door.answers["cloudtrail:GetTrailStatus"] = {
        "IsLogging": True,
        "LatestCloudWatchLogsDeliveryError": "Access denied. Check the permissions for your role.",
    }
    for row in read("aws_cloudtrail_trail", door).rows.values():
        assert (row["logs_delivery_is_failing"], row["has_delivered_to_logs"]) == (True, False)
