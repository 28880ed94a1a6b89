from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix.network_acl_admin_ports_closed import STEP
from sakimori.actions.plan import Standing

EVERYTHING = {"Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}
EVERYTHING_V6 = {"Protocol": "-1", "RuleAction": "allow", "Ipv6CidrBlock": "::/0"}
SSH = {"Protocol": "6", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 22, "To": 22}}
DESKTOP = {**SSH, "PortRange": {"From": 3389, "To": 3389}}
OFFICE = {**SSH, "CidrBlock": "203.0.113.0/24"}


def make_acl(stage: Stage, **entries: dict[str, Any]) -> str:
    """The ARN of an ACL with these inbound rules, each named by `n` and its number."""
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for name, each in entries.items():
        ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=int(name[1:]), Egress=False, **each)
    return f"arn:aws:ec2:{HOME}:606060606060:network-acl/{acl}"


def inbound(stage: Stage, resource: str) -> list[tuple[int, str]]:
    """Numbers and actions in order."""
    (acl,) = stage.client("ec2").describe_network_acls(NetworkAclIds=[resource.rpartition("/")[2]])["NetworkAcls"]
    return sorted((each["RuleNumber"], each["RuleAction"]) for each in acl["Entries"] if not each["Egress"])


@pytest.mark.parametrize(
    ("entries", "numbers"),
    [
        ({"n100": EVERYTHING}, [96, 97, 98, 99]),
        ({"n90": OFFICE, "n100": EVERYTHING}, [96, 97, 98, 99]),
        ({"n100": SSH}, [99]),
        ({"n100": EVERYTHING, "n101": EVERYTHING_V6}, [92, 93, 94, 95, 96, 97, 98, 99]),
        ({"n99": {**SSH, "RuleAction": "deny"}, "n100": EVERYTHING}, [96, 97, 98]),
    ],
    ids=["as born", "office first", "one port", "both families", "half closed"],
)
def test_the_ports_are_denied_before_they_are_opened_and_open_again_after_an_undo(
    stage: Stage, entries: dict[str, Any], numbers: list[int]
) -> None:
    resource = make_acl(stage, **entries)
    before = inbound(stage, resource)
    mends_and_is_taken_back(stage, STEP, resource)
    assert inbound(stage, resource) == sorted([*before, *((number, "deny") for number in numbers)])


def test_known_addresses_that_come_after_the_opening_are_not_shut_out_by_it_alone(stage: Stage) -> None:
    resource = make_acl(stage, n100=EVERYTHING, n110=OFFICE)
    changes = item_of(stage, STEP, resource).changes
    assert {each.call.parameters["RuleNumber"] for each in changes} == {96, 97, 98, 99}


def test_known_addresses_keep_each_port_that_is_opened_to_the_world_only_after_them(stage: Stage) -> None:
    office_desktop = {**DESKTOP, "CidrBlock": "203.0.113.0/24"}
    resource = make_acl(stage, n100=SSH, n150=office_desktop, n200=DESKTOP)
    mends_and_is_taken_back(stage, STEP, resource)
    assert inbound(stage, resource) == [
        (99, "deny"), (100, "allow"), (150, "allow"), (199, "deny"), (200, "allow"),
    ]  # fmt: skip


def test_the_port_with_the_least_room_takes_the_number_that_it_needs(stage: Stage) -> None:
    resource = make_acl(stage, n98=OFFICE, n100=SSH, n101=DESKTOP)
    changes = item_of(stage, STEP, resource).changes
    placed = {each.call.parameters["RuleNumber"]: each.call.parameters["PortRange"]["From"] for each in changes}
    assert placed == {99: 22, 97: 3389}


def test_where_no_number_is_free_nothing_is_planned_and_that_is_said(stage: Stage) -> None:
    item = item_of(stage, STEP, make_acl(stage, n99=OFFICE, n100=EVERYTHING))
    assert (item.standing, item.reason) == (Standing.UNREADABLE, "ec2:CreateNetworkAclEntry: NoFreeRuleNumber")


@pytest.mark.parametrize(
    "entries", [{}, {"n100": OFFICE}, {"n50": {**EVERYTHING, "RuleAction": "deny"}, "n100": EVERYTHING}]
)
def test_an_acl_that_opens_nothing_is_left_alone(stage: Stage, entries: dict[str, Any]) -> None:
    assert item_of(stage, STEP, make_acl(stage, **entries)).standing is Standing.AS_WANTED


def test_an_acl_that_is_gone_or_anothers_is_left_alone(stage: Stage) -> None:
    gone = f"arn:aws:ec2:{HOME}:606060606060:network-acl/acl-0123456789abcdef0"
    assert item_of(stage, STEP, gone).standing is Standing.AS_WANTED
    assert item_of(stage, STEP, gone.replace("606060606060", "111122223333")).standing is Standing.ADOPTED


def test_the_subnets_behind_it_are_named_and_too_many_rules_are_said(stage: Stage) -> None:
    default = next(each for each in stage.client("ec2").describe_network_acls()["NetworkAcls"] if each["IsDefault"])
    resource = f"arn:aws:ec2:{HOME}:606060606060:network-acl/{default['NetworkAclId']}"
    (caution,) = item_of(stage, STEP, resource).cautions
    assert caution.values["subnets"] == sorted(each["SubnetId"] for each in default["Associations"])
    many = {f"n{number}": {**OFFICE, "PortRange": {"From": number, "To": number}} for number in range(101, 119)}
    texts = [each.text for each in item_of(stage, STEP, make_acl(stage, n100=EVERYTHING, **many)).cautions]
    assert texts == ["fix_network.acl_inside_too", "fix_network.acl_too_many"]
