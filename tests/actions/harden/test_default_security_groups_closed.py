"""HB20: free default groups are emptied and filled again exactly; what is used keeps its network."""

import io
import json
import zipfile
from typing import Any

from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.default_security_groups_closed import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind


def _item(stage: Stage, region: str = HOME) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == region)


def _group(stage: Stage, vpc: str = "") -> str:
    found = stage.client("ec2").describe_security_groups()["SecurityGroups"]
    return next(each["GroupId"] for each in found if each["GroupName"] == "default" and vpc in ("", each["VpcId"]))


def _rules(stage: Stage, group: str) -> list[Any]:
    told = stage.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    return sorted(
        ({name: value for name, value in each.items() if not name.endswith(("RuleId", "RuleArn"))} for each in told["SecurityGroupRules"]),
        key=str,
    )  # fmt: skip


def _use(stage: Stage, group: str) -> str:
    ec2 = stage.client("ec2")
    vpc = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    made = ec2.create_network_interface(SubnetId=subnets[0]["SubnetId"], Groups=[group])
    return made["NetworkInterface"]["NetworkInterfaceId"]


def _new_vpc(stage: Stage) -> str:
    ec2 = stage.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")
    return vpc


def test_the_rules_that_a_group_is_born_with_go_in_every_region_and_come_back(stage: Stage) -> None:
    before = _rules(stage, _group(stage))
    plan = holds_and_is_taken_back(stage, STEP)
    assert {item.region for item in plan.to_make} == set(REGIONS)
    assert _rules(stage, _group(stage)) == before


def test_rules_of_every_kind_come_back_exactly(stage: Stage) -> None:
    group, ec2 = _group(stage), stage.client("ec2")
    other = ec2.create_security_group(GroupName="web", Description="web", VpcId=ec2.describe_vpcs()["Vpcs"][0]["VpcId"])["GroupId"]  # fmt: skip
    prefix_list = ec2.create_managed_prefix_list(
        PrefixListName="office", MaxEntries=1, AddressFamily="IPv4", Entries=[{"Cidr": "203.0.113.0/24"}]
    )["PrefixList"]["PrefixListId"]
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {**ssh, "IpRanges": [{"CidrIp": "198.51.100.0/24", "Description": "Kenji, home"}]},
            {**ssh, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "office"}]},
            {**ssh, "PrefixListIds": [{"PrefixListId": prefix_list, "Description": "list"}]},
            {**ssh, "UserIdGroupPairs": [{"GroupId": other}]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        ],
    )
    before = _rules(stage, group)
    assert len(before) == 7
    holds_and_is_taken_back(stage, STEP)
    assert _rules(stage, group) == before


def test_a_group_that_is_half_closed_is_closed(stage: Stage) -> None:
    group, ec2 = _group(stage), stage.client("ec2")
    everything = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}])  # fmt: skip
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    holds_and_is_taken_back(stage, STEP)
    assert [each["IsEgress"] for each in _rules(stage, group)] == [False]


def test_closed_groups_need_nothing(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_group_in_use_holds_the_step_back_where_there_is_no_other(stage: Stage) -> None:
    group = _group(stage)
    _use(stage, group)
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert [(each.text, each.values, each.blocks) for each in item.cautions] == [
        ("harden_watch.hb20_used", {"groups": [group]}, True)
    ]


def test_a_group_in_use_is_named_and_left_and_the_free_one_beside_it_is_closed(stage: Stage) -> None:
    used, free = _group(stage), _group(stage, _new_vpc(stage))
    _use(stage, used)
    before = _rules(stage, used), _rules(stage, free)
    item = _item(stage)
    assert {change.values["group"] for change in item.changes} == {free}
    assert (item.cautions[0].values, item.cautions[0].blocks) == ({"groups": [used]}, False)
    stage.apply(stage.plan(STEP))
    assert (_rules(stage, used), _rules(stage, free)) == (before[0], [])
    assert _item(stage).standing is Standing.BLOCKED
    stage.undo()
    assert (_rules(stage, used), _rules(stage, free)) == before


def test_an_interface_that_comes_after_the_check_keeps_its_network(stage: Stage) -> None:
    plan = stage.plan(STEP)
    item = next(item for item in plan.items if item.region == HOME)
    _use(stage, _group(stage))
    site = Site(door=stage.door, region=HOME)
    assert item.target is not None
    assert STEP.towards(site, STEP.read(site), item.target) == []


def test_an_undo_gives_the_rules_back_to_what_came_to_use_the_group(stage: Stage) -> None:
    group = _group(stage)
    before = _rules(stage, group)
    stage.apply(stage.plan(STEP))
    _use(stage, group)
    stage.undo()
    assert _rules(stage, group) == before


def test_a_vpc_that_is_gone_is_no_hindrance_to_an_undo(stage: Stage) -> None:
    vpc = _new_vpc(stage)
    stage.apply(stage.plan(STEP))
    ec2 = stage.client("ec2")
    for each in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]:
        ec2.delete_subnet(SubnetId=each["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    stage.undo()
    assert _rules(stage, _group(stage))


def _function(stage: Stage, group: str) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = stage.client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    subnet = stage.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as packed:
        packed.writestr("main.py", "")
    stage.client("lambda").create_function(
        FunctionName="nightly", Runtime="python3.13", Role=role, Handler="main.run", Code={"ZipFile": code.getvalue()},
        VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]},
    )  # fmt: skip


def test_functions_and_launch_templates_that_name_the_group_are_named(stage: Stage) -> None:
    group, ec2 = _group(stage), stage.client("ec2")
    _function(stage, group)
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"SecurityGroupIds": [group]})
    ec2.create_launch_template(
        LaunchTemplateName="batch", LaunchTemplateData={"NetworkInterfaces": [{"DeviceIndex": 0, "Groups": [group]}]}
    )
    ec2.create_launch_template(LaunchTemplateName="other", LaunchTemplateData={"SecurityGroupIds": ["sg-other"]})
    cautions = {each.text: each.values for each in _item(stage).cautions}
    assert cautions["harden_watch.hb20_templates"] == {"names": ["batch", "web"]}
    assert cautions["harden_watch.hb20_functions"] == {"names": ["nightly"]}


def test_what_may_not_be_looked_at_is_said(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="lambda:ListFunctions"))
    item = _item(stage)
    assert item.standing is Standing.TO_MAKE
    assert {"call": "lambda:ListFunctions", "code": "AccessDeniedException"} in [each.values for each in item.cautions]


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, STEP.read(site))))
    assert code.count('resource "aws_default_security_group"') == 1
