from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage, now

from sakimori.actions.fix import default_security_group_closed as default_group
from sakimori.actions.fix import high_risk_ports_closed as high_risk
from sakimori.actions.fix import open_security_group_rules_revoked as openings
from sakimori.actions.plan import Standing, plan_item
from sakimori.actions.site import Usage
from sakimori.app.rules import open_rules
from sakimori.simulate.faults import Fault, Kind

WORLD = {"CidrIp": "0.0.0.0/0"}
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{**WORLD, "Description": "for Kenji"}]}
ALL = {"IpProtocol": "-1", "IpRanges": [WORLD]}
EVERY = high_risk.STEP.rules
"""All rules about single ports."""


def arn(group_id: str, account: str = "606060606060") -> str:
    return f"arn:aws:ec2:{HOME}:{account}:security-group/{group_id}"


def make_group(stage: Stage, *permissions: dict[str, Any], **tags: str) -> str:
    """A group with these inbound rules in the default VPC."""
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    named = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()], "ResourceType": "security-group"}
    made = ec2.create_security_group(
        GroupName="web", Description="web", VpcId=vpc, **({"TagSpecifications": [named]} if tags else {})
    )
    group = made["GroupId"]
    if permissions:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
    return group


def make_interface(stage: Stage, group: str) -> str:
    ec2 = stage.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="the shop")
    return made["NetworkInterface"]["NetworkInterfaceId"]


def inbound(stage: Stage, group: str) -> list[Any]:
    (told,) = stage.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return told["IpPermissions"]


@pytest.mark.parametrize(
    "permission",
    [
        SSH,
        ALL,
        {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 443, "IpRanges": [WORLD]},
        {"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "IpRanges": [WORLD]},
    ],
    ids=["ssh", "all", "ipv6", "web range", "udp"],
)
def test_what_is_open_to_the_world_but_for_web_ports_is_revoked_and_authorised_again(
    stage: Stage, permission: dict[str, Any]
) -> None:
    kept = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [WORLD]} for port in (80, 443)
    ]  # fmt: skip
    office = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}
    ping = {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [WORLD]}
    group = make_group(stage, *kept, permission, office, ping)
    plan = mends_and_is_taken_back(stage, openings.STEP, arn(group))
    assert len(plan.to_make[0].changes) == 1
    ranges = {(each["FromPort"], each["IpRanges"][0]["CidrIp"]) for each in inbound(stage, group)}
    assert ranges == {(80, "0.0.0.0/0"), (443, "0.0.0.0/0"), (22, "203.0.113.0/24"), (-1, "0.0.0.0/0")}


def test_a_rule_comes_back_with_its_description_and_its_tags(stage: Stage) -> None:
    group = make_group(stage)
    ec2 = stage.client("ec2")
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[SSH],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "42"}]}],
    )
    stage.apply(stage.plan(openings.STEP, (HOME, arn(group))))
    assert inbound(stage, group) == []
    stage.undo()
    filters = [{"Name": "group-id", "Values": [group]}]
    (rule,) = [
        each
        for each in ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        if not each["IsEgress"]
    ]
    assert (rule["Description"], rule["Tags"]) == ("for Kenji", [{"Key": "ticket", "Value": "42"}])


@pytest.mark.parametrize("step", [openings.STEP, high_risk.STEP, default_group.STEP], ids=lambda step: step.id)
def test_a_group_that_is_gone_or_of_another_account_is_left_alone(stage: Stage, step: Any) -> None:
    assert item_of(stage, step, arn("sg-0123456789abcdef0")).standing is Standing.AS_WANTED
    shared = item_of(stage, step, arn("sg-0123456789abcdef0", "111122223333"))
    assert (shared.standing, shared.reason) == (Standing.ADOPTED, "111122223333")
    for wrong in (
        "sg-1",
        f"arn:aws:ec2:{HOME}:606060606060:vpc/vpc-1",
        arn("sg-zz"),
        arn("sg-1").replace(HOME, "eu-west-1"),
    ):
        assert item_of(stage, step, wrong).standing is Standing.UNREADABLE


def test_only_dangerous_ports_are_closed_where_only_they_are_to_be(stage: Stage) -> None:
    vpn = {"IpProtocol": "udp", "FromPort": 1194, "ToPort": 1194, "IpRanges": [WORLD]}
    group = make_group(
        stage,
        ALL,
        SSH,
        vpn,
        {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
    )
    plan = mends_and_is_taken_back(stage, high_risk.STEP, arn(group))
    assert len(plan.to_make[0].changes) == 3
    assert [each["FromPort"] for each in inbound(stage, group)] == [1194]


def test_the_dangerous_ports_are_those_of_the_rules() -> None:
    book = open_rules().book.rules
    ports = {port for rule in EVERY for listed in book[rule].parameters_of("fsbp").values() for port in listed}
    assert set(high_risk.HIGH_RISK_PORTS) == ports
    (web,) = book[openings.STEP.rules[0]].parameters_of("fsbp").values()
    assert set(web) == {80, 443}


def test_what_stands_behind_the_group_is_named(stage: Stage) -> None:
    group = make_group(stage, SSH, ALL)
    assert [each.text for each in item_of(stage, openings.STEP, arn(group)).cautions] == [
        "fix_network.web_closed", "fix_network.group_unused",
    ]  # fmt: skip
    interface = make_interface(stage, group)
    item = item_of(stage, openings.STEP, arn(group))
    assert item.standing is Standing.TO_MAKE
    assert item.cautions[0].text == "fix_network.traffic_unseen"
    assert item.cautions[1].values["rules"] == ["all ← 0.0.0.0/0"]
    assert item.cautions[-1].values["users"] == [f"{interface} (the shop)"]


def test_a_group_of_a_stack_is_said_to_be_one(stage: Stage) -> None:
    group = make_group(stage, SSH, **{"aws:cloudformation:stack-name": "shop"})
    assert "fix_network.stack" in [each.text for each in item_of(stage, openings.STEP, arn(group)).cautions]


def test_what_could_not_be_looked_at_is_said(stage: Stage) -> None:
    group = make_group(stage, SSH)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeNetworkInterfaces"))
    texts = [each.text for each in item_of(stage, openings.STEP, arn(group)).cautions]
    assert texts == ["harden.not_looked_at", "harden.not_looked_at"]


@dataclass(frozen=True)
class Flows:
    """Flow logs of these interfaces alone: how many flows each let in, in ten days."""

    flows: dict[str, int]

    def public_reads(self, bucket: str) -> Usage:  # noqa: ARG002 - the form of Logs
        return Usage()

    def accepted(self, interface: str, ports: tuple[int, int]) -> Usage:
        assert ports == (22, 22)
        if interface not in self.flows:
            return Usage()
        count = self.flows[interface]
        return Usage(count=count, days=10, last_at=now() if count else None)


@pytest.mark.parametrize(
    ("flows", "texts"),
    [
        ({}, ["fix_network.traffic_unseen"]),
        ({"eni-1": 0}, ["fix_network.traffic_unseen"]),
        ({"eni-1": 3}, ["fix_network.traffic_seen"]),
        ({"eni-1": 0, "eni-2": 0}, ["fix_network.traffic_none"]),
        ({"eni-1": 3, "eni-2": 4}, ["fix_network.traffic_seen"]),
    ],
)
def test_what_flow_logs_tell_of_the_openings_is_said(flows: dict[str, int], texts: list[str]) -> None:
    rule = {
        "GroupId": "sg-1",
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "CidrIpv4": "0.0.0.0/0",
    }
    interfaces = [{"NetworkInterfaceId": "eni-1"}, {"NetworkInterfaceId": "eni-2"}]
    answers = {
        "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-1"}]},
        "ec2:DescribeSecurityGroupRules": {"SecurityGroupRules": [rule]},
        "ec2:DescribeNetworkInterfaces": {"NetworkInterfaces": interfaces},
    }
    site = replace(told_site(arn("sg-1"), answers), logs=Flows(flows))
    cautions = plan_item(openings.STEP, site).cautions
    assert [each.text for each in cautions if "traffic" in each.text] == texts
    if texts[0] == "fix_network.traffic_seen":
        values = cautions[0].values
        assert (values["count"], values["days"]) == (sum(flows.values()), 10)


def default_of(stage: Stage) -> str:
    filters = [{"Name": "group-name", "Values": ["default"]}]
    return stage.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]


@pytest.mark.parametrize("there", ["as born", "opened further", "half closed"])
def test_the_default_group_is_closed_and_is_as_before_after_an_undo(stage: Stage, there: str) -> None:
    group = default_of(stage)
    ec2 = stage.client("ec2")
    if there == "opened further":
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    if there == "half closed":
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[ALL])
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
    mends_and_is_taken_back(stage, default_group.STEP, arn(group))


def test_the_default_group_stays_where_something_has_no_other_group(stage: Stage) -> None:
    group = default_of(stage)
    interface = make_interface(stage, group)
    item = item_of(stage, default_group.STEP, arn(group))
    assert item.standing is Standing.BLOCKED
    assert item.cautions[0].values["users"] == [f"{interface} (the shop)"]
    stage.client("ec2").modify_network_interface_attribute(
        NetworkInterfaceId=interface, Groups=[group, make_group(stage)]
    )
    item = item_of(stage, default_group.STEP, arn(group))
    assert (item.standing, [each.text for each in item.cautions]) == (Standing.TO_MAKE, ["fix_network.group_users"])


def test_what_names_the_default_group_and_starts_later_is_named(stage: Stage) -> None:
    group = default_of(stage)
    stage.client("ec2").create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"SecurityGroupIds": [group]}
    )
    (caution,) = item_of(stage, default_group.STEP, arn(group)).cautions
    assert (caution.text, caution.values) == ("harden_watch.hb20_templates", {"names": ["web"]})


def test_a_group_that_is_no_default_one_is_left_alone(stage: Stage) -> None:
    assert item_of(stage, default_group.STEP, arn(make_group(stage, SSH))).standing is Standing.AS_WANTED


def test_an_undo_after_the_group_was_deleted_is_no_failure(stage: Stage) -> None:
    group = make_group(stage, SSH)
    stage.apply(stage.plan(openings.STEP, (HOME, arn(group))))
    stage.client("ec2").delete_security_group(GroupId=group)
    stage.simulated.forget_calls()
    stage.undo()
    asked = {each.name for each in stage.simulated.calls}
    assert asked
    assert not asked & set(openings.STEP.writes)
