"""Rules of network ACLs: one row per direction and number."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.ec2.network_acl import LIST, arn
from sakimori.collect.ec2.network_acl_order import EVERY_PROTOCOL, TCP, UDP, Entry, network_of, opens_admin_port
from sakimori.model.words import Scope

_ALL_PORTS: Final = (0, 65535)
_NO_PORTS: Final = (-1, -1)


def _entries(record: Record, context: Context) -> Iterator[Record | Malformed]:
    """The rules in their order; an ACL of which one cannot be placed yields none, for the order is what counts."""
    acl = arn(record, context)
    found = record.get("Entries")
    if acl is None or not isinstance(found, list) or not all(_has_place(each) for each in found):
        yield Malformed(parent=acl or "", words="an ACL whose rules have no order")
        return
    earlier: list[Entry] = []
    for told in sorted(found, key=lambda each: each["RuleNumber"]):
        entry = _understood(told)
        cidr = told.get("CidrBlock") or told.get("Ipv6CidrBlock")
        yield {"acl": acl, "entry": entry, "cidr": cidr, "opens": opens_admin_port(entry, earlier)}
        if entry.is_ingress:
            earlier.append(entry)


def _has_place(told: Any) -> bool:
    return isinstance(told, dict) and type(told.get("RuleNumber")) is int and type(told.get("Egress")) is bool


def _understood(told: Mapping[str, Any]) -> Entry:
    protocol = told.get("Protocol")
    low, high = _ports(told, protocol)
    return Entry(
        number=told["RuleNumber"],
        is_ingress=not told["Egress"],
        is_allow={"allow": True, "deny": False}.get(str(told.get("RuleAction"))),
        protocol=protocol if isinstance(protocol, str) else None,
        low=low,
        high=high,
        network=network_of(told.get("CidrBlock") or told.get("Ipv6CidrBlock")),
    )


def _ports(told: Mapping[str, Any], protocol: object) -> tuple[int | None, int | None]:
    if protocol == EVERY_PROTOCOL:
        return _ALL_PORTS
    if protocol not in (TCP, UDP):
        return _NO_PORTS if isinstance(protocol, str) and protocol.isdigit() else (None, None)
    ports = told.get("PortRange") or {}
    return ports.get("From"), ports.get("To")


def _id(row: Record, _context: Context) -> str:
    entry: Entry = row["entry"]
    return f"{row['acl']}/{'ingress' if entry.is_ingress else 'egress'}/{entry.number}"


TABLE = table(
    "aws_ec2_network_acl_entry",
    "Rules of network ACLs, one row per direction and number; the lowest number that matches decides.",
    key="id",
    parent="network_acl_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::EC2::NetworkAcl",
    rows=LIST,
    expand=_entries,
    columns=[
        col("id", TEXT, "The ACL's ARN, the direction and the rule's number.", _id),
        col("network_acl_arn", TEXT, "The network ACL that holds the rule.", "acl"),
        col("rule_number", INTEGER, "Its place; 32767 and 32768 are the last, which deny what is left.",
            lambda row, _: row["entry"].number),
        col("is_ingress", BOOLEAN, "It judges traffic into the subnet (false: out of it).",
            lambda row, _: row["entry"].is_ingress),
        col("is_allow", BOOLEAN, "It lets traffic through (false: turns it away).", lambda row, _: row["entry"].is_allow),
        col("protocol", TEXT, "The protocol's number (6 is TCP, 17 is UDP), or -1 for all.",
            lambda row, _: row["entry"].protocol),
        col("from_port", INTEGER, "First port; 0 where it speaks of all, -1 where the protocol has none.",
            lambda row, _: row["entry"].low),
        col("to_port", INTEGER, "Last port; 65535 where it speaks of all, -1 where the protocol has none.",
            lambda row, _: row["entry"].high),
        col("cidr", TEXT, "The addresses on the other side.", "cidr"),
        col("is_open_to_world", BOOLEAN, "It speaks of 0.0.0.0/0 or ::/0.",
            lambda row, _: row["entry"].is_open_to_world),
        col("opens_admin_port", BOOLEAN,
            "It lets the whole world reach port 22 or 3389, and no rule before it forbids that.", "opens"),
    ],
)  # fmt: skip
