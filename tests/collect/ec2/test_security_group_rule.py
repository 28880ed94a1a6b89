"""Ports and peers of security groups."""

from collections.abc import Callable
from typing import Any

import pytest


def group(**permission: Any) -> dict[str, Any]:
    everyone = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    return {
        "SecurityGroups": [
            {"GroupId": "sg-1", "OwnerId": "123456789012", "IpPermissions": [{**everyone, **permission}]}
        ]
    }


@pytest.mark.parametrize(
    ("permission", "ports"),
    [
        ({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}, (22, 22)),
        ({"IpProtocol": "6", "FromPort": 20, "ToPort": 25}, (20, 25)),
        ({"IpProtocol": "tcp"}, (0, 65535)),
        ({"IpProtocol": "udp", "FromPort": -1, "ToPort": -1}, (0, 65535)),
        ({"IpProtocol": "-1"}, (0, 65535)),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, (-1, -1)),
        ({"IpProtocol": "50"}, (-1, -1)),
    ],
)
def test_ports_are_a_range_all_or_none(
    fake_door: Callable[..., Any], read: Callable[..., Any], permission: dict[str, Any], ports: tuple[int, int]
) -> None:
    row = read("aws_ec2_security_group_rule", fake_door(ec2__DescribeSecurityGroups=group(**permission))).only
    assert (row["from_port"], row["to_port"]) == ports
    assert row["is_open_to_world"] is True


def test_each_kind_of_peer_is_a_row(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    peers = {
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2"}],
    }
    door = fake_door(ec2__DescribeSecurityGroups=group(IpProtocol="-1", **peers))
    rows = read("aws_ec2_security_group_rule", door).rows.values()
    assert {(row["peer_kind"], row["is_open_to_world"]) for row in rows} == {
        ("ipv4", False),
        ("ipv6", True),
        ("prefix_list", False),
        ("security_group", False),
    }
