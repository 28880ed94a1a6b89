"""A rule that a thief put into a security group goes, and no other; what somebody did with it since is not taken for the thief's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.actions.respond.test_compute_containment import item_of
from tests.actions.staging import HOME, Stage

from sakimori.actions.plan import Standing
from sakimori.actions.respond.erase import security_group_rule_erased
from sakimori.actions.respond.erasing import erasure_of
from sakimori.analysis.incident.form import Event
from sakimori.analysis.incident.made import made_of

STEP = security_group_rule_erased.STEP
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
PEERS: list[tuple[str, dict[str, Any]]] = [
    ("ingress", {**SSH, "IpRanges": [{"CidrIp": "203.0.113.9/32", "Description": "support"}]}),
    ("ingress", {**SSH, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]}),
    ("egress", {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "203.0.113.9/32"}]}),
]


def group(stage: Stage) -> str:
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = str(ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"])
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[https])
    return made


def authorized(stage: Stage, group_id: str, way: str, permission: Mapping[str, Any]) -> list[dict[str, Any]]:
    does = getattr(stage.client("ec2"), f"authorize_security_group_{way}")
    return list(does(GroupId=group_id, IpPermissions=[permission])["SecurityGroupRules"])


def event(stage: Stage, way: str, rules: list[dict[str, Any]], *, listed: bool = False) -> Event:
    """As CloudTrail tells it: members in small letters, lists under `items` or, of other writers, as they are."""
    own = [{f"{name[0].lower()}{name[1:]}": each for name, each in rule.items()} for rule in rules]
    return Event(
        at=datetime(2026, 11, 1, tzinfo=UTC), account=stage.door.account.id, region=HOME, source="ec2.amazonaws.com",
        name=f"AuthorizeSecurityGroup{way.title()}", key_id="AKIA", principal="", event_id="e1",
        request={"groupId": rules[0]["GroupId"]}, response={"_return": True, "securityGroupRuleSet": own if listed else {"items": own}},
    )  # fmt: skip


def place(stage: Stage, way: str, rules: list[dict[str, Any]], *, listed: bool = False) -> str:
    erasure = erasure_of(made_of(event(stage, way, rules, listed=listed))[0])
    assert erasure is not None
    assert (erasure.step, erasure.region) == (STEP.id, HOME)
    return erasure.resource


def there(stage: Stage, group_id: str) -> set[tuple[object, ...]]:
    told = stage.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])
    return {
        (each["IsEgress"], each["IpProtocol"], each.get("FromPort"), each.get("CidrIpv4"), each.get("CidrIpv6"), each.get("Description") or "")
        for each in told["SecurityGroupRules"]
    }  # fmt: skip


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(("way", "permission"), PEERS)
def test_the_rule_that_the_event_added_is_revoked_alone_and_authorized_again_by_the_undo(
    stage: Stage, way: str, permission: dict[str, Any], *, listed: bool
) -> None:
    group_id = group(stage)
    before = there(stage, group_id)
    resource = place(stage, way, authorized(stage, group_id, way, permission), listed=listed)
    opened = there(stage, group_id)
    stage.apply(stage.plan(STEP, (HOME, resource)))
    assert there(stage, group_id) == before
    assert item_of(stage, STEP, resource).standing is Standing.AS_WANTED
    stage.undo()
    assert there(stage, group_id) == opened
    # What the undo brought back is not called gone: it is held back, for it may be somebody else's by now.
    assert item_of(stage, STEP, resource).standing is Standing.BLOCKED


def test_each_rule_of_one_event_and_of_several_is_a_thing_of_its_own(stage: Stage) -> None:
    group_id = group(stage)
    rules = [*authorized(stage, group_id, "ingress", PEERS[0][1]), *authorized(stage, group_id, "ingress", PEERS[1][1])]
    made = made_of(event(stage, "ingress", rules))
    assert [each.id for each in made] == [each["SecurityGroupRuleId"] for each in rules]
    assert len({erasure_of(each) for each in made} - {None}) == len(rules)


def test_a_rule_that_somebody_changed_since_is_held_back_and_named(stage: Stage) -> None:
    group_id = group(stage)
    rules = authorized(stage, group_id, "ingress", PEERS[0][1])
    resource = place(stage, "ingress", rules)
    changed = {**SSH, "CidrIpv4": "198.51.100.7/32", "Description": "ours"}
    stage.client("ec2").modify_security_group_rules(
        GroupId=group_id,
        SecurityGroupRules=[{"SecurityGroupRuleId": rules[0]["SecurityGroupRuleId"], "SecurityGroupRule": changed}],
    )
    item = item_of(stage, STEP, resource)
    assert item.standing is Standing.BLOCKED
    (caution,) = [each for each in item.cautions if each.blocks]
    assert (caution.text, caution.values["now"]) == ("respond_steps.group_rule_changed", "in tcp 22-22 198.51.100.7/32")


def test_a_rule_or_a_group_that_is_gone_needs_nothing(stage: Stage) -> None:
    group_id = group(stage)
    resource = place(stage, "ingress", authorized(stage, group_id, "ingress", PEERS[0][1]))
    ec2 = stage.client("ec2")
    ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=[PEERS[0][1]])
    assert item_of(stage, STEP, resource).standing is Standing.AS_WANTED
    ec2.delete_security_group(GroupId=group_id)
    assert item_of(stage, STEP, resource).standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    "answer", [{"_return": True}, {"securityGroupRuleSet": {"items": [{"securityGroupRuleId": "sgr-0123456789"}]}}]
)
def test_an_event_that_does_not_tell_the_rule_is_left_to_a_person(stage: Stage, answer: dict[str, Any]) -> None:
    told = event(stage, "ingress", [{"GroupId": "sg-0123456789"}])
    (made,) = made_of(Event(**{**{name: getattr(told, name) for name in told.__slots__}, "response": answer}))
    assert erasure_of(made) is None


def test_what_is_no_rule_of_ours_is_not_read(stage: Stage) -> None:
    for resource in ("sg-1", f"arn:aws:ec2:{HOME}:{stage.door.account.id}:security-group-rule/sgr-0123456789|sg-1"):
        assert item_of(stage, STEP, resource).standing is Standing.UNREADABLE
