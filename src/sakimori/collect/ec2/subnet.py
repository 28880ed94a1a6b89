"""Subnets."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("SubnetId")
    owner = record.get("OwnerId") or context.account_id
    return f"arn:{context.partition}:ec2:{context.region}:{owner}:subnet/{found}" if found else None


TABLE = table(
    "aws_ec2_subnet",
    "Subnets of every VPC, those that another account shares with this one too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Subnet",
    rows=call("ec2:DescribeSubnets", "Subnets", MaxResults=1000),
    columns=[
        col("arn", TEXT, "The subnet's ARN.", _arn),
        col("subnet_id", TEXT, "subnet-…", "SubnetId"),
        col("vpc_id", TEXT, "The VPC it is in.", "VpcId"),
        col("cidr", TEXT, "Its IPv4 range; '' where it has none.", "CidrBlock", when_absent=""),
        col("availability_zone", TEXT, "The zone it is in.", "AvailabilityZone"),
        col("is_default", BOOLEAN, "It is its zone's default subnet.", "DefaultForAz"),
        col("is_own", BOOLEAN, "This account owns it.",
            lambda record, account: (record.get("OwnerId") or account.account_id) == account.account_id),
        col("gives_public_ipv4", BOOLEAN, "What is launched in it gets a public IPv4 address unless it asks for none.",
            "MapPublicIpOnLaunch"),
        col("gives_ipv6", BOOLEAN, "What is made in it gets an IPv6 address.", "AssignIpv6AddressOnCreation"),
    ],
)  # fmt: skip
