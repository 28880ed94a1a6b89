"""Network ACLs: the filters at the edge of subnets, which hear every packet by itself."""

from collections.abc import Sequence

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("ec2:DescribeNetworkAcls", "NetworkAcls", MaxResults=1000)


def arn(record: Record, context: Context) -> str | None:
    """The ACL's ARN, which no answer holds."""
    found = record.get("NetworkAclId")
    owner = record.get("OwnerId") or context.account_id
    return f"arn:{context.partition}:ec2:{context.region}:{owner}:network-acl/{found}" if found else None


def _subnets(record: Record) -> Sequence[object] | None:
    """The associations, where AWS told them: an answer without the list is not an unused ACL."""
    found = record.get("Associations")
    return found if isinstance(found, list) else None


def _subnet_count(record: Record, _context: Context) -> int | None:
    found = _subnets(record)
    return None if found is None else len(found)


def _is_in_use(record: Record, _context: Context) -> bool | None:
    found = _subnets(record)
    return None if found is None else bool(found)


TABLE = table(
    "aws_ec2_network_acl",
    "Network ACLs of every VPC, those that another account shares with this one too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::NetworkAcl",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The network ACL's ARN.", arn),
        col("network_acl_id", TEXT, "acl-…", "NetworkAclId"),
        col("vpc_id", TEXT, "The VPC it belongs to.", "VpcId"),
        col("is_default", BOOLEAN, "It is the VPC's default ACL, which cannot be deleted.", "IsDefault"),
        col("is_own", BOOLEAN, "This account owns it.",
            lambda record, account: (record.get("OwnerId") or account.account_id) == account.account_id),
        col("subnet_count", INTEGER, "Subnets that it filters.", _subnet_count),
        col("is_in_use", BOOLEAN, "It filters at least one subnet.", _is_in_use),
    ],
)  # fmt: skip
