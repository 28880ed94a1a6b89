"""Which security group stands before which network interface."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.ec2.network_interface import LIST, arn
from sakimori.model.words import Scope


def _groups(record: Record, context: Context) -> Iterator[Record]:
    for group in record.get("Groups") or ():
        yield {
            "interface": arn(record, context),
            "group_id": group.get("GroupId"),
            "is_public": bool(record.get("Association", {}).get("PublicIp")),
        }


TABLE = table(
    "aws_ec2_network_interface_group",
    "Security groups of network interfaces, one row per interface and group.",
    key="id",
    parent="interface_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::EC2::NetworkInterface",
    rows=LIST,
    expand=_groups,
    columns=[
        col("id", TEXT, "The interface's ARN, a slash and the group's id.",
            lambda row, _: f"{row['interface']}/{row['group_id']}" if row["interface"] and row["group_id"] else None),
        col("interface_arn", TEXT, "The network interface.", "interface"),
        col("group_id", TEXT, "The security group, sg-….", "group_id"),
        col("interface_has_public_ip", BOOLEAN, "The interface has a public IPv4 address.", "is_public"),
    ],
)  # fmt: skip
