from typing import Any

import pytest
from tests.analysis.facts.events import call, told


def ingress(*permissions: Any, **flat: Any) -> dict[str, Any]:
    request = {"groupId": "sg-1", **flat}
    if permissions:
        request["ipPermissions"] = {"items": list(permissions)}
    return call("AuthorizeSecurityGroupIngress", request)


def permit(protocol: str, first: object, last: object, *cidrs: str, **more: Any) -> dict[str, Any]:
    ports = {} if first is None else {"fromPort": first, "toPort": last}
    v4 = [{"cidrIp": cidr} for cidr in cidrs if ":" not in cidr]
    v6 = [{"cidrIpv6": cidr} for cidr in cidrs if ":" in cidr]
    return {
        "ipProtocol": protocol, **ports, "groups": {}, "ipRanges": {"items": v4} if v4 else {},
        "ipv6Ranges": {"items": v6} if v6 else {}, "prefixListIds": {}, **more,
    }  # fmt: skip


WORLD = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("permission", "ports"),
    [
        (permit("tcp", 22, 22, WORLD), "tcp/22"),
        (permit("tcp", "22", "22", WORLD), "tcp/22"),
        (permit("6", 22, 22, WORLD), "tcp/22"),
        (permit("tcp", 20, 8080, WORLD), "tcp/20-8080"),
        (permit("udp", 53, 53, "::/0"), "udp/53"),
        (permit("-1", None, None, WORLD), "all"),
        (permit("-1", -1, -1, WORLD), "all"),
        (permit("icmp", -1, -1, WORLD), "icmp"),
        (permit("tcp", 22, 22, "0.0.0.0/1", "128.0.0.0/1"), "tcp/22"),
        (permit("tcp", 22, 22, "64.0.0.0/7"), "tcp/22"),
        (permit("tcp", 22, 22, "2000::/3"), "tcp/22"),
        (permit("tcp", 22, 22, *(f"{n}.0.0.0/8" for n in range(20, 30))), "tcp/22"),
    ],
)
def test_ports_that_open_to_the_world(permission: dict[str, Any], ports: str) -> None:
    assert told("opened_ports", ingress(permission)) == (ports,)


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.51.100.0/24", "203.0.113.7/32",
        "8.8.8.8/32", "20.0.0.0/8", "fc00::/7", "fe80::/10", "2001:db8::/32", "2600::/32",
        "not a cidr", "0.0.0.0/99", "0.0.0.0/x", "300.0.0.0/0", "", "/0",
    ],
)  # fmt: skip
def test_a_known_network_is_not_the_world(cidr: str) -> None:
    event = ingress(permit("tcp", 22, 22, cidr))
    assert (told("opened_ports", event), told("opened_to", event)) == ((), ())
    assert (told("opens_admin_port", event), told("opens_database_port", event)) == (False, False)


def test_the_older_flat_form_is_read() -> None:
    event = ingress(ipProtocol="tcp", fromPort=3389, toPort=3389, cidrIp=WORLD)
    assert (told("opened_ports", event), told("opened_to", event)) == (("tcp/3389",), (WORLD,))


def test_only_the_world_is_in_opened_to_and_all_are_in_opened_sources() -> None:
    groups = {"items": [{"groupId": "sg-2", "userId": "111122223333"}]}
    event = ingress(permit("tcp", 22, 22, "10.0.0.0/8", WORLD, "::/0", groups=groups))
    assert told("opened_to", event) == (WORLD, "::/0")
    assert told("opened_sources", event) == ("10.0.0.0/8", WORLD, "::/0", "sg-2")


def changed(rule: Any) -> dict[str, Any]:
    return call(
        "ModifySecurityGroupRules",
        {"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1", "SecurityGroupRule": rule}},
    )


RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": WORLD}


@pytest.mark.parametrize(
    "rule",
    [
        {"SecurityGroupRuleId": "sgr-1", "tag": 1, "SecurityGroupRule": RULE},
        [{"SecurityGroupRuleId": "sgr-1", "tag": 1, "SecurityGroupRule": RULE}],
    ],
)
def test_changed_rules_are_read(rule: Any) -> None:
    assert told("opened_ports", changed(rule)) == ("tcp/22",)


def acl(**fields: Any) -> dict[str, Any]:
    entry = {
        "networkAclId": "acl-1", "ruleNumber": 100, "egress": False, "ruleAction": "allow", "aclProtocol": "6",
        "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}, "cidrBlock": WORLD, **fields,
    }  # fmt: skip
    return call("CreateNetworkAclEntry", entry)


def test_a_network_acl_that_lets_in_is_read() -> None:
    assert told("opened_ports", acl()) == ("tcp/22",)
    assert told("opened_ports", acl(aclProtocol="-1", portRange={})) == ("all",)
    assert told("opened_ports", acl(cidrBlock=None, ipv6CidrBlock="::/0")) == ("tcp/22",)


@pytest.mark.parametrize("fields", [{"egress": True}, {"ruleAction": "deny"}, {"cidrBlock": "10.0.0.0/8"}])
def test_a_network_acl_that_does_not_let_the_world_in_is_quiet(fields: dict[str, Any]) -> None:
    assert told("opened_ports", acl(**fields)) == ()


def test_what_goes_out_or_is_taken_back_opens_nothing() -> None:
    for name in ("AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "DescribeSecurityGroups"):
        event = {**ingress(permit("-1", None, None, WORLD)), "eventName": name}
        assert told("opened_ports", event) == ()
        assert told("opens_admin_port", event) is False


def test_a_security_group_of_databases_opens_the_databases_port() -> None:
    event = call("AuthorizeDBSecurityGroupIngress", {"dBSecurityGroupName": "default", "cIDRIP": WORLD})
    assert told("opened_ports", event) == ("database",)
    assert told("opens_database_port", event) is True
    event = call("AuthorizeClusterSecurityGroupIngress", {"cIDRIP": "10.0.0.0/8"})
    assert told("opens_database_port", event) is False


def test_lightsail_opens_to_everyone_where_no_address_is_given() -> None:
    ports = {"fromPort": 22, "toPort": 22, "protocol": "tcp"}
    assert told("opened_ports", call("OpenInstancePublicPorts", {"portInfo": ports})) == ("tcp/22",)
    office = {**ports, "cidrs": ["198.51.100.0/24"]}
    assert told("opened_ports", call("PutInstancePublicPorts", {"portInfos": [office]})) == ()


@pytest.mark.parametrize(
    ("permission", "admin", "database", "only_web"),
    [
        (permit("tcp", 443, 443, WORLD), False, False, True),
        (permit("tcp", 80, 80, "::/0"), False, False, True),
        (permit("tcp", 80, 443, WORLD), True, False, False),
        (permit("tcp", 22, 22, WORLD), True, False, False),
        (permit("tcp", 5985, 5986, WORLD), True, False, False),
        (permit("tcp", 3306, 3306, WORLD), False, True, False),
        (permit("tcp", 0, 65535, WORLD), True, True, False),
        (permit("-1", None, None, WORLD), True, True, False),
        (permit("udp", 0, 65535, WORLD), False, False, False),
        (permit("tcp", 8443, 8443, WORLD), False, False, False),
        (permit("tcp", 22, 22, "10.0.0.0/8"), False, False, False),
    ],
)
def test_kinds_of_ports(permission: dict[str, Any], admin: bool, database: bool, only_web: bool) -> None:
    event = ingress(permission)
    assert told("opens_admin_port", event) is admin
    assert told("opens_database_port", event) is database
    assert told("opens_only_web", event) is only_web


def test_web_ports_beside_another_are_not_only_web() -> None:
    assert told("opens_only_web", ingress(permit("tcp", 443, 443, WORLD), permit("tcp", 22, 22, WORLD))) is False


def test_what_a_prefix_list_lets_in_is_not_known() -> None:
    lists = {"items": [{"prefixListId": "pl-1"}]}
    event = ingress(permit("tcp", 22, 22, prefixListIds=lists))
    assert told("opened_ports", event) is None
    assert told("opens_admin_port", event) is None
    assert told("opened_sources", event) == ("pl-1",)
    assert told("opened_ports", ingress(permit("tcp", 22, 22, WORLD, prefixListIds=lists))) == ("tcp/22",)


def test_a_request_that_is_missing_is_not_known() -> None:
    assert told("opened_ports", call("AuthorizeSecurityGroupIngress")) is None
