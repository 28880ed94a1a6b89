"""Answers that AWS would not give: every one is a gap, none reads as «there is none»."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sakimori.model.words import GapKind

FUNCTION = {
    "FunctionName": "f",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "Runtime": "python3.13",
}

Door = Callable[..., Any]
Read = Callable[..., Any]


@pytest.mark.parametrize(
    "listing", [{"Functions": "abc"}, {"Functions": [None, None]}, {"Functions": 3}, {"Functions": [7]}]
)
def test_a_listing_of_another_form_leaves_its_unit_unread(
    fake_door: Door, read: Read, listing: Mapping[str, Any]
) -> None:
    found = read("aws_lambda_function", fake_door(lambda__ListFunctions=listing))
    assert not found.unit.is_read
    assert {gap.kind for gap in found.unit.gaps} == {GapKind.MALFORMED}


def test_an_answer_without_the_thing_is_not_the_error_that_says_there_is_none(fake_door: Door, read: Read) -> None:
    door = fake_door(lambda__ListFunctions={"Functions": [FUNCTION]}, lambda__GetPolicy={"RevisionId": "x"})
    found = read("aws_lambda_policy_statement", door)
    assert [(gap.parent, gap.kind) for gap in found.unit.gaps] == [(FUNCTION["FunctionArn"], GapKind.MALFORMED)]


@pytest.mark.parametrize("answer", [{"projects": []}, {"projectsNotFound": ["a", "b"]}])
def test_a_batch_that_gives_fewer_items_than_were_asked_for_is_a_gap(
    fake_door: Door, read: Read, answer: Mapping[str, Any]
) -> None:
    door = fake_door(codebuild__ListProjects={"projects": ["a", "b"]}, codebuild__BatchGetProjects=answer)
    assert not read("aws_codebuild_project", door).unit.is_read


def test_a_trail_of_another_form_loses_its_unit_and_nothing_else(fake_door: Door, read: Read) -> None:
    door = fake_door(
        cloudtrail__DescribeTrails={"trailList": [{"TrailARN": ["a"]}]}, cloudtrail__ListTrails={"Trails": []}
    )
    found = read("aws_cloudtrail_trail", door)
    assert not found.unit.is_read


def test_a_rule_whose_peer_or_protocol_is_not_known_is_not_known_to_be_closed(fake_door: Door, read: Read) -> None:
    permissions = [{"IpProtocol": "zzz", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{}]}]  # fmt: skip
    group = {"GroupId": "sg-1", "OwnerId": "123456789012", "GroupName": "web", "IpPermissions": permissions}
    rows = read("aws_ec2_security_group_rule", fake_door(ec2__DescribeSecurityGroups={"SecurityGroups": [group]})).rows
    told = {row["protocol"]: (row["from_port"], row["is_open_to_world"]) for row in rows.values()}
    assert told == {"zzz": (None, True), "tcp": (22, None)}
