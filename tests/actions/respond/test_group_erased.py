"""A security group that a thief made goes, is held back as long as anything uses it, and comes back under another id."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.actions.respond.test_compute_containment import item_of
from tests.actions.respond.test_group_rule_erased import PEERS, SSH, authorized, place, there
from tests.actions.staging import HOME, Stage

from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.erase import security_group_erased, security_group_rule_erased
from sakimori.actions.respond.erasing import erasure_of
from sakimori.analysis.incident.form import Event
from sakimori.analysis.incident.made import made_of
from sakimori.model.errors import ActionError

STEP, RULE_STEP = security_group_erased.STEP, security_group_rule_erased.STEP


def made_by_a_thief(stage: Stage, name: str = "backdoor") -> tuple[str, str]:
    """The group and its place in a plan, as the event of CloudTrail names it."""
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": "ops"}]}]
    made = ec2.create_security_group(GroupName=name, Description="support", VpcId=vpc, TagSpecifications=tags)
    event = Event(
        at=datetime(2026, 11, 1, tzinfo=UTC), account=stage.door.account.id, region=HOME, source="ec2.amazonaws.com",
        name="CreateSecurityGroup", key_id="AKIA", principal="", event_id="e1", request={"groupName": name},
        response={"groupId": made["GroupId"], "_return": True},
    )  # fmt: skip
    erasure = erasure_of(made_of(event)[0])
    assert erasure is not None
    assert (erasure.step, erasure.region) == (STEP.id, HOME)
    return str(made["GroupId"]), erasure.resource


def groups(stage: Stage) -> dict[str, dict[str, Any]]:
    return {each["GroupId"]: each for each in stage.client("ec2").describe_security_groups()["SecurityGroups"]}


def blocking(item: Item) -> list[str]:
    return [each.text for each in item.cautions if each.blocks]


def test_the_group_goes_and_the_undo_makes_it_anew_with_all_its_rules(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    authorized(stage, group_id, "ingress", PEERS[0][1])
    authorized(
        stage, group_id, "ingress", {**SSH, "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": group_id}]}
    )
    stage.client("ec2").revoke_security_group_egress(
        GroupId=group_id, IpPermissions=groups(stage)[group_id]["IpPermissionsEgress"]
    )
    before = there(stage, group_id)
    plan = stage.plan(STEP, (HOME, resource))
    assert [each.text for each in plan.items[0].cautions] == ["respond_steps.group_gets_new_id"]
    stage.apply(plan)
    assert group_id not in groups(stage)
    assert item_of(stage, STEP, resource).standing is Standing.AS_WANTED
    stage.undo()
    (anew,) = [each for each in groups(stage).values() if each["GroupName"] == "backdoor"]
    tags = {each["Key"]: each["Value"] for each in anew["Tags"]}
    assert (anew["Description"], tags) == ("support", {"Name": "ops", "sakimori:formerly": group_id})
    assert there(stage, anew["GroupId"]) == before
    (pair,) = [pair for each in anew["IpPermissions"] for pair in each["UserIdGroupPairs"]]
    assert pair["GroupId"] == anew["GroupId"] != group_id


def test_a_group_that_was_made_anew_is_not_deleted_on_the_word_of_a_tag(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    ec2 = stage.client("ec2")
    ec2.delete_security_group(GroupId=group_id)
    owners = ec2.create_security_group(GroupName="web", Description="ours")["GroupId"]
    ec2.create_tags(Resources=[owners], Tags=[{"Key": "sakimori:formerly", "Value": group_id}])
    item = item_of(stage, STEP, resource)
    assert (item.standing, blocking(item)) == (Standing.BLOCKED, ["respond_steps.group_found_by_tag"])


def test_an_undo_leaves_a_group_alone_that_only_carries_the_tag(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    authorized(stage, group_id, "ingress", PEERS[0][1])
    stage.apply(stage.plan(STEP, (HOME, resource)))
    ec2 = stage.client("ec2")
    owners = ec2.create_security_group(GroupName="web", Description="ours")["GroupId"]
    ec2.create_tags(Resources=[owners], Tags=[{"Key": "sakimori:formerly", "Value": group_id}])
    before = there(stage, owners)
    (item,) = stage.undoing()
    assert item.standing is Standing.BLOCKED
    stage.undo()
    assert there(stage, owners) == before


def test_a_group_that_something_uses_is_held_back_with_what_that_is(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    ec2 = stage.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[group_id], Description="db of sales")[
        "NetworkInterface"
    ]
    item = item_of(stage, STEP, resource)
    assert (item.standing, blocking(item)) == (Standing.BLOCKED, ["respond_steps.group_still_used"])
    (caution,) = [each for each in item.cautions if each.blocks]
    assert caution.values["users"] == [f"{interface['NetworkInterfaceId']} (db of sales)"]


@pytest.mark.parametrize("way", ["ingress", "egress"])
def test_a_group_that_another_one_lets_in_or_reaches_is_held_back_with_its_name(stage: Stage, way: str) -> None:
    group_id, resource = made_by_a_thief(stage)
    other = stage.client("ec2").create_security_group(GroupName="web", Description="ours")["GroupId"]
    authorized(stage, other, way, {**SSH, "UserIdGroupPairs": [{"GroupId": group_id}]})
    item = item_of(stage, STEP, resource)
    assert (item.standing, blocking(item)) == (Standing.BLOCKED, ["respond_steps.group_named_by"])
    (caution,) = [each for each in item.cautions if each.blocks]
    assert caution.values["others"] == [other]


def test_a_group_that_came_into_use_since_the_plan_stays(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    plan = stage.plan(STEP, (HOME, resource))
    other = stage.client("ec2").create_security_group(GroupName="web", Description="ours")["GroupId"]
    authorized(stage, other, "ingress", {**SSH, "UserIdGroupPairs": [{"GroupId": group_id}]})
    with pytest.raises(ActionError):
        stage.apply(plan)
    assert group_id in groups(stage)


def test_its_rules_go_before_it_and_come_back_into_the_group_that_the_undo_made(stage: Stage) -> None:
    group_id, resource = made_by_a_thief(stage)
    rules = [
        place(stage, "ingress", authorized(stage, group_id, "ingress", permission))
        for permission in (PEERS[0][1], {**SSH, "UserIdGroupPairs": [{"GroupId": group_id}]})
    ]
    before = len(there(stage, group_id))
    assert RULE_STEP.order < STEP.order
    for number, each in enumerate(rules):
        stage.apply(stage.plan(RULE_STEP, (HOME, each)), f"rule{number}")
    stage.apply(stage.plan(STEP, (HOME, resource)), "group")
    stage.undo("group")
    (anew,) = [each["GroupId"] for each in groups(stage).values() if each["GroupName"] == "backdoor"]
    for number in range(len(rules)):
        stage.undo(f"rule{number}")
    assert len(there(stage, anew)) == before


def test_what_is_no_group_of_ours_is_not_read(stage: Stage) -> None:
    for resource in ("sg-1", f"arn:aws:ec2:{HOME}:{stage.door.account.id}:security-group/web"):
        assert item_of(stage, STEP, resource).standing is Standing.UNREADABLE
