"""Security groups."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("ec2:DescribeSecurityGroups", "SecurityGroups")


def arn(record: Record, context: Context) -> str:
    """The group's ARN, made from its owner and id (older answers carry none)."""
    owner = record.get("OwnerId") or context.account_id
    return f"arn:{context.partition}:ec2:{context.region}:{owner}:security-group/{record['GroupId']}"


TABLE = table(
    "aws_ec2_security_group",
    "Security groups of every VPC.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::SecurityGroup",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The group's ARN.", arn),
        col("group_id", TEXT, "sg-…", "GroupId"),
        col("name", TEXT, "The group's name; `default` for the one that each VPC is born with.", "GroupName"),
        col("vpc_id", TEXT, "The VPC it belongs to.", "VpcId", when_absent=""),
        col("is_default", BOOLEAN, "It is the VPC's default group.", lambda record, _: record.get("GroupName") == "default"),
    ],
)  # fmt: skip
