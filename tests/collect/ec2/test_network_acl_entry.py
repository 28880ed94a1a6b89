"""What a network ACL really lets in: the first rule that matches decides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from sakimori.model.words import GapKind

ACL = "arn:aws:ec2:us-east-1:123456789012:network-acl/acl-1"
WORLD = "0.0.0.0/0"
LAST = {"RuleNumber": 32767, "Egress": False, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": WORLD}


def rule(
    number: int, action: str, ports: tuple[int, int] | None = None, *, protocol: str = "6", cidr: str = WORLD
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "RuleNumber": number, "Egress": False, "Protocol": protocol if ports else "-1", "RuleAction": action,
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
    }  # fmt: skip
    return {**told, "PortRange": {"From": ports[0], "To": ports[1]}} if ports else told


def openings(fake_door: Callable[..., Any], read: Callable[..., Any], entries: Sequence[object]) -> Mapping[int, Any]:
    acl = {"NetworkAclId": "acl-1", "OwnerId": "123456789012", "VpcId": "vpc-1", "Entries": list(entries)}
    rows = read("aws_ec2_network_acl_entry", fake_door(ec2__DescribeNetworkAcls={"NetworkAcls": [acl]})).rows
    return {row["rule_number"]: row["opens_admin_port"] for row in rows.values() if row["is_ingress"]}


@pytest.mark.parametrize("number", [22, 3389])
@pytest.mark.parametrize("protocol", ["6", "17"])
def test_an_allow_for_the_world_opens_the_port(fake_door: Any, read: Any, number: int, protocol: str) -> None:
    told = openings(fake_door, read, [rule(100, "allow", (number, number), protocol=protocol), LAST])
    assert told == {100: True, 32767: False}


def test_the_rule_that_every_default_acl_is_born_with_opens_it(fake_door: Any, read: Any) -> None:
    assert openings(fake_door, read, [LAST, rule(100, "allow")])[100] is True


def test_an_earlier_denial_of_all_settles_it_in_whatever_order_aws_tells_them(fake_door: Any, read: Any) -> None:
    denials = [
        rule(number, "deny", (port, port), protocol=protocol)
        for number, (port, protocol) in enumerate([(22, "6"), (22, "17"), (3389, "6"), (3389, "17")], start=10)
    ]
    assert openings(fake_door, read, [rule(100, "allow"), *denials])[100] is False


def test_a_later_denial_changes_nothing(fake_door: Any, read: Any) -> None:
    told = openings(fake_door, read, [rule(100, "allow", (22, 22)), rule(200, "deny", (22, 22))])
    assert told == {100: True, 200: False}


def test_a_denial_of_some_addresses_leaves_the_port_open_to_the_rest(fake_door: Any, read: Any) -> None:
    entries = [rule(10, "deny", (22, 22), cidr="10.0.0.0/8"), rule(100, "allow", (22, 22))]
    assert openings(fake_door, read, entries)[100] is True


def test_denials_that_together_are_the_world_settle_it(fake_door: Any, read: Any) -> None:
    halves = [rule(10, "deny", (22, 22), cidr="0.0.0.0/1"), rule(11, "deny", (0, 1024), cidr="128.0.0.0/1")]
    assert openings(fake_door, read, [*halves, rule(100, "allow", (22, 22))])[100] is False


def test_a_denial_of_tcp_leaves_udp_and_one_of_ipv4_leaves_ipv6(fake_door: Any, read: Any) -> None:
    entries = [
        rule(10, "deny", (0, 65535)),
        rule(100, "allow", (3389, 3389), protocol="17"),
        rule(101, "allow", (22, 22), cidr="::/0"),
        rule(102, "allow", (22, 22)),
    ]
    told = openings(fake_door, read, entries)
    assert (told[100], told[101], told[102]) == (True, True, False)


@pytest.mark.parametrize(
    "entry",
    [
        rule(100, "allow", (22, 22), cidr="203.0.113.0/24"),
        rule(100, "allow", (443, 443)),
        rule(100, "allow", (-1, -1), protocol="1"),
        {**rule(100, "allow"), "Egress": True},
    ],
)
def test_what_is_narrow_or_other_or_outbound_opens_nothing(fake_door: Any, read: Any, entry: Any) -> None:
    assert openings(fake_door, read, [entry]).get(100, False) is False


@pytest.mark.parametrize(
    "strange",
    [
        {"RuleAction": "perhaps"},
        {"CidrBlock": "everyone"},
        {"CidrBlock": None},
        {"Protocol": None},
        {"PortRange": {"From": 22}},
        {"PortRange": None},
    ],
)
def test_a_rule_that_is_not_understood_opens_or_settles_nothing_for_sure(
    fake_door: Any, read: Any, strange: Mapping[str, Any]
) -> None:
    first = {**rule(10, "deny", (22, 22)), **strange}
    told = openings(fake_door, read, [first, rule(100, "allow", (22, 22))])
    assert told[100] is None
    assert openings(fake_door, read, [{**rule(10, "allow", (22, 22)), **strange}])[10] is None


@pytest.mark.parametrize("broken", [{"RuleNumber": None}, {"RuleNumber": "10"}, {"Egress": None}])
def test_an_acl_without_an_order_has_no_rules_but_a_gap(fake_door: Any, read: Any, broken: Mapping[str, Any]) -> None:
    acl = {"NetworkAclId": "acl-1", "OwnerId": "123456789012", "Entries": [LAST, {**LAST, **broken}]}
    found = read("aws_ec2_network_acl_entry", fake_door(ec2__DescribeNetworkAcls={"NetworkAcls": [acl]}))
    assert found.rows == {}
    assert [(gap.parent, gap.kind) for gap in found.unit.gaps] == [(ACL, GapKind.MALFORMED)]


def test_an_acl_whose_subnets_were_not_told_is_not_unused(fake_door: Any, read: Any) -> None:
    acls = [{"NetworkAclId": "acl-1", "IsDefault": False}, {"NetworkAclId": "acl-2", "Associations": []}]
    rows = read("aws_ec2_network_acl", fake_door(ec2__DescribeNetworkAcls={"NetworkAcls": acls})).rows
    assert [row["is_in_use"] for row in rows.values()] == [None, False]
    assert [row["subnet_count"] for row in rows.values()] == [None, 0]
