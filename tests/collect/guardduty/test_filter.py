"""What suppression rules of GuardDuty hide."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

TYPE = {"type": {"Equals": ["Recon:EC2/Portscan"]}}
BUCKET = {"resource.s3BucketDetails.name": {"Eq": ["site"]}}


def door(fake_door: Callable[..., Any], found: Any) -> Any:
    return fake_door(
        guardduty__ListDetectors={"DetectorIds": ["d1"]},
        guardduty__ListFilters=[{"FilterNames": ["noise"]}, {"FilterNames": []}],
        guardduty__GetFilter=found,
    )


def made(criterion: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"Name": "noise", "Action": "ARCHIVE", "FindingCriteria": {"Criterion": criterion}, **more}


def test_a_filter_is_told_whole(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = read("aws_guardduty_filter", door(fake_door, made(TYPE, Rank=2, Tags={"owner": "soc"}))).only
    assert row["arn"] == "arn:aws:guardduty:us-east-1:123456789012:detector/d1/filter/noise"
    assert (row["detector_id"], row["action"], row["archives"], row["rank"]) == ("d1", "ARCHIVE", True, 2)
    assert json.loads(row["criteria"]) == {"Criterion": TYPE}
    assert json.loads(row["tags"]) == {"owner": "soc"}
    assert row["description"] == ""


@pytest.mark.parametrize(
    ("criterion", "names"),
    [
        ({**TYPE, **BUCKET}, (True, True)),
        (TYPE, (True, False)),
        (BUCKET, (False, True)),
        ({"severity": {"Equals": ["4"]}}, (False, False)),
        ({"type": {"NotEquals": ["Recon:EC2/Portscan"]}, **BUCKET}, (False, True)),
        ({**TYPE, "resource.s3BucketDetails.name": {"Matches": ["*"]}}, (True, False)),
        ({**TYPE, "resource.s3BucketDetails.name": {"Equals": ["*"]}}, (True, False)),
        ({**TYPE, "resource.s3BucketDetails.name": {"Equals": []}}, (True, False)),
        ({}, (False, False)),
    ],
)
def test_only_equality_names_a_type_or_a_resource(
    fake_door: Callable[..., Any], read: Callable[..., Any], criterion: Any, names: tuple[bool, bool]
) -> None:
    row = read("aws_guardduty_filter", door(fake_door, made(criterion))).only
    assert (row["names_type"], row["names_resource"]) == names


@pytest.mark.parametrize("found", [{"Name": "noise"}, {"Name": "noise", "FindingCriteria": {"Criterion": ["type"]}}])
def test_criteria_that_are_not_told_name_nobody_knows_what(
    fake_door: Callable[..., Any], read: Callable[..., Any], found: Any
) -> None:
    row = read("aws_guardduty_filter", door(fake_door, found)).only
    assert (row["names_type"], row["names_resource"]) == (None, None)


def test_a_filter_that_may_not_be_read_is_known_by_name(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    found = read("aws_guardduty_filter", door(fake_door, refusal()))
    assert [gap.call for gap in found.unit.gaps] == ["guardduty:GetFilter"]
    assert (found.only["name"], found.only["archives"], found.only["names_type"]) == ("noise", None, None)
