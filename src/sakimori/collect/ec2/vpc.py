"""VPCs."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("VpcId")
    owner = record.get("OwnerId") or context.account_id
    return f"arn:{context.partition}:ec2:{context.region}:{owner}:vpc/{found}" if found else None


TABLE = table(
    "aws_ec2_vpc",
    "VPCs, those that another account shares with this one too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::VPC",
    rows=call("ec2:DescribeVpcs", "Vpcs", MaxResults=1000),
    columns=[
        col("arn", TEXT, "The VPC's ARN.", _arn),
        col("vpc_id", TEXT, "vpc-…", "VpcId"),
        col("cidr", TEXT, "Its first IPv4 range.", "CidrBlock"),
        col("is_default", BOOLEAN, "AWS made it, with the account or on request.", "IsDefault"),
        col("owner_id", TEXT, "The account that owns it.",
            lambda record, account: record.get("OwnerId") or account.account_id),
        col("is_own", BOOLEAN, "This account owns it.",
            lambda record, account: (record.get("OwnerId") or account.account_id) == account.account_id),
    ],
)  # fmt: skip
