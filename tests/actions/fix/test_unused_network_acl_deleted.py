from typing import Any

import pytest
from tests.actions.fix.mending import item_of, statuses
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.unused_network_acl_deleted import STEP
from sakimori.actions.plan import Standing
from sakimori.model.words import Status

ENTRIES: list[dict[str, Any]] = [
    {"RuleNumber": 100, "Egress": False, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 22, "To": 22}},
    {"RuleNumber": 110, "Egress": False, "Protocol": "1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "IcmpTypeCode": {"Code": -1, "Type": 8}},
    {"RuleNumber": 120, "Egress": False, "Protocol": "-1", "RuleAction": "allow", "Ipv6CidrBlock": "::/0"},
    {"RuleNumber": 100, "Egress": True, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"},
]  # fmt: skip


def arn(acl: str) -> str:
    return f"arn:aws:ec2:{HOME}:606060606060:network-acl/{acl}"


def make_acl(stage: Stage, *entries: dict[str, Any], **tags: str) -> str:
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for each in entries:
        ec2.create_network_acl_entry(NetworkAclId=acl, **each)
    if tags:
        ec2.create_tags(Resources=[acl], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    return acl


def others(stage: Stage) -> list[Any]:
    """The ACLs but for the default ones, without their ids and what AWS adds to their rules."""
    found = stage.client("ec2").describe_network_acls()["NetworkAcls"]
    return [each for each in found if not each["IsDefault"]]


@pytest.mark.parametrize("entries", [[], ENTRIES], ids=["without rules", "with rules"])
def test_an_acl_that_filters_nothing_is_deleted_and_comes_back_with_its_rules_and_tags(
    stage: Stage, entries: list[dict[str, Any]]
) -> None:
    acl = make_acl(stage, *entries, Name="old dmz")
    before = others(stage)
    stage.apply(stage.plan(STEP, (HOME, arn(acl))))
    assert others(stage) == []
    stage.undo()
    (again,) = others(stage)
    assert again["NetworkAclId"] != acl
    assert again["Entries"] == before[0]["Entries"]
    assert {each["Key"]: each["Value"] for each in again["Tags"]} == {
        "Name": "old dmz", "sakimori": STEP.id, "sakimori-in-place-of": acl,
    }  # fmt: skip


def test_the_law_of_every_step_holds(stage: Stage) -> None:
    acl = make_acl(stage, *ENTRIES, Name="old dmz")
    make_acl(stage, ENTRIES[0])
    assert item_of(stage, STEP, arn(acl)).cautions[0].text == "fix_network.acl_new_id"
    assert statuses(stage, STEP.rules, arn(acl)) == dict.fromkeys(STEP.rules, Status.FAIL)
    holds_and_is_taken_back(stage, STEP, (HOME, arn(acl)))
    assert len(others(stage)) == 2


def test_what_was_half_brought_back_is_completed_and_never_made_twice(stage: Stage) -> None:
    acl = make_acl(stage, *ENTRIES)
    stage.apply(stage.plan(STEP, (HOME, arn(acl))))
    made = make_acl(stage, ENTRIES[0], {**ENTRIES[3], "RuleNumber": 7}, **{"sakimori-in-place-of": acl})
    stage.undo()
    (again,) = others(stage)
    assert again["NetworkAclId"] == made
    assert [each["RuleNumber"] for each in again["Entries"]] == [100, 110, 120, 100]


@pytest.mark.parametrize("there", ["default", "in use", "gone", "of another account"])
def test_an_acl_that_filters_something_or_is_anothers_is_left_alone(stage: Stage, there: str) -> None:
    ec2 = stage.client("ec2")
    acl = make_acl(stage)
    resource = arn(acl)
    default = next(each for each in ec2.describe_network_acls()["NetworkAcls"] if each["IsDefault"])
    if there == "default":
        resource = arn(default["NetworkAclId"])
    if there == "in use":
        association = default["Associations"][0]["NetworkAclAssociationId"]
        ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)
    if there == "gone":
        ec2.delete_network_acl(NetworkAclId=acl)
    if there == "of another account":
        resource = resource.replace("606060606060", "111122223333")
    expected = Standing.ADOPTED if there == "of another account" else Standing.AS_WANTED
    assert item_of(stage, STEP, resource).standing is expected
