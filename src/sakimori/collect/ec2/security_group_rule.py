"""Rules of security groups: one row per direction, port range and peer."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, col, table
from sakimori.collect.ec2.security_group import LIST, arn
from sakimori.model.words import Scope

_PEERS = (
    ("IpRanges", "CidrIp", "ipv4"),
    ("Ipv6Ranges", "CidrIpv6", "ipv6"),
    ("PrefixListIds", "PrefixListId", "prefix_list"),
    ("UserIdGroupPairs", "GroupId", "security_group"),
)
_WORLD = ("0.0.0.0/0", "::/0")
_ALL_PORTS = (0, 65535)
_WITHOUT_PORTS = frozenset({"icmp", "icmpv6", "igmp", "gre", "esp", "ah", "ipv6-icmp", "sctp", "ospf", "vrrp"})


def _rules(record: Record, context: Context) -> Iterator[Record]:
    group = arn(record, context)
    for direction, permissions in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        for permission in record.get(permissions) or ():
            protocol = str(permission.get("IpProtocol", "-1"))
            low, high = _ports(permission, protocol)
            for list_name, member, kind in _PEERS:
                for peer in permission.get(list_name) or ():
                    yield {
                        "group_arn": group, "direction": direction, "protocol": protocol, "low": low, "high": high,
                        "peer": peer.get(member), "peer_kind": kind, "description": peer.get("Description", ""),
                    }  # fmt: skip


def _ports(permission: Record, protocol: str) -> tuple[int | None, int | None]:
    """The ports that a permission opens; a protocol without ports (-1, and any but TCP and UDP) opens them all or has none."""
    if protocol in {"tcp", "udp", "6", "17"}:
        low, high = permission.get("FromPort"), permission.get("ToPort")
        if low is None or high is None or low == -1:
            return _ALL_PORTS
        return int(low), int(high)
    if protocol == "-1":
        return _ALL_PORTS
    return (-1, -1) if protocol.isdigit() or protocol in _WITHOUT_PORTS else (None, None)


TABLE = table(
    "aws_ec2_security_group_rule",
    "Rules of security groups, one row per direction, port range and peer.",
    key="id",
    parent="group_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::EC2::SecurityGroup",
    rows=LIST,
    expand=_rules,
    columns=[
        col("id", TEXT, "Group, direction, protocol, ports and peer in one text; unique.",
            lambda rule, _: f"{rule['group_arn']}/{rule['direction']}/{rule['protocol']}/{rule['low']}-{rule['high']}/{rule['peer']}"),
        col("group_arn", TEXT, "The group that holds the rule.", "group_arn"),
        col("is_ingress", BOOLEAN, "It lets traffic in (false: out).", lambda rule, _: rule["direction"] == "ingress"),
        col("protocol", TEXT, "tcp, udp, icmp, a protocol number, or -1 for all.", "protocol"),
        col("from_port", INTEGER, "First port that is opened; 0 where all are, -1 where the protocol has none.", "low"),
        col("to_port", INTEGER, "Last port that is opened; 65535 where all are, -1 where the protocol has none.", "high"),
        col("peer", TEXT, "CIDR, prefix list id or security group id on the other side.", "peer"),
        col("peer_kind", TEXT, "ipv4, ipv6, prefix_list or security_group.", "peer_kind"),
        col("is_open_to_world", BOOLEAN, "The peer is 0.0.0.0/0 or ::/0.", lambda rule, _: None if rule["peer"] is None else rule["peer"] in _WORLD),
        col("description", TEXT, "What its author wrote.", "description"),
    ],
)  # fmt: skip
