"""Network interfaces: what a security group or a public address is really attached to."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", MaxResults=1000)


def arn(record: Record, context: Context) -> str | None:
    """The interface's ARN, which no answer holds."""
    found = record.get("NetworkInterfaceId")
    owner = record.get("OwnerId") or context.account_id
    return f"arn:{context.partition}:ec2:{context.region}:{owner}:network-interface/{found}" if found else None


TABLE = table(
    "aws_ec2_network_interface",
    "Network interfaces, those that AWS services keep in the account's VPCs too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::NetworkInterface",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The interface's ARN.", arn),
        col("interface_id", TEXT, "eni-…", "NetworkInterfaceId"),
        col("kind", TEXT, "interface, lambda, nat_gateway, network_load_balancer, …", "InterfaceType"),
        col("status", TEXT, "available (attached to nothing), in-use, attaching, detaching or associated.", "Status"),
        col("description", TEXT, "What its maker wrote; names the service for many of AWS's.",
            "Description", when_absent=""),
        col("vpc_id", TEXT, "The VPC it is in.", "VpcId", when_absent=""),
        col("subnet_id", TEXT, "The subnet it is in.", "SubnetId", when_absent=""),
        col("instance_id", TEXT, "The instance it is attached to; '' where that is none.",
            "Attachment.InstanceId", when_absent=""),
        col("is_service_managed", BOOLEAN, "An AWS service keeps it.", "RequesterManaged"),
        col("has_public_ip", BOOLEAN, "It has a public IPv4 address.",
            lambda record, _: bool(record.get("Association", {}).get("PublicIp"))),
        col("public_ip", TEXT, "That address; '' where there is none.", "Association.PublicIp", when_absent=""),
        col("security_group_ids", TEXT, "Its security groups, separated by commas.",
            lambda record, _: sorted(group.get("GroupId", "") for group in record.get("Groups") or ())),
    ],
)  # fmt: skip
