"""EC2 instances."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("ec2:DescribeInstances", "Reservations[].Instances[]", MaxResults=1000)


def arn(record: Record, context: Context) -> str | None:
    """The instance's ARN, which no answer holds."""
    found = record.get("InstanceId")
    return f"arn:{context.partition}:ec2:{context.region}:{context.account_id}:instance/{found}" if found else None


def _imdsv2_is_required(record: Record, _context: Context) -> bool | None:
    """IMDSv1 cannot be used: tokens are required, or there is no endpoint to ask."""
    options = record.get("MetadataOptions") or {}
    tokens, endpoint = options.get("HttpTokens"), options.get("HttpEndpoint")
    if tokens == "required" or endpoint == "disabled":
        return True
    return None if tokens is None else False


def _has_public_ip(record: Record, _context: Context) -> bool | None:
    """On any interface, for its first address or a further one; an answer without the interfaces says nothing."""
    interfaces = record.get("NetworkInterfaces")
    if record.get("PublicIpAddress"):
        return True
    if not isinstance(interfaces, list):
        return None
    places = [place for each in interfaces for place in (each, *(each.get("PrivateIpAddresses") or ()))]
    return any((place.get("Association") or {}).get("PublicIp") for place in places)


TABLE = table(
    "aws_ec2_instance",
    "EC2 instances, stopped ones and those terminated within the last hour too.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Instance",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The instance's ARN.", arn),
        col("instance_id", TEXT, "i-…", "InstanceId"),
        col("state", TEXT, "pending, running, shutting-down, terminated, stopping or stopped.", "State.Name"),
        col("is_running", BOOLEAN, "It runs.", lambda record, _: record.get("State", {}).get("Name") == "running"),
        col("is_terminated", BOOLEAN, "It is gone, or about to be, and is shown for a while yet.",
            lambda record, _: record.get("State", {}).get("Name") in {"shutting-down", "terminated"}),
        col("type", TEXT, "Its size, like t3.micro.", "InstanceType"),
        col("image_id", TEXT, "The image it was started from.", "ImageId"),
        col("launched_at", TIMESTAMP, "When it was last started.", "LaunchTime"),
        col("vpc_id", TEXT, "The VPC it is in; '' once it is terminated.", "VpcId", when_absent=""),
        col("subnet_id", TEXT, "The subnet it is in; '' once it is terminated.", "SubnetId", when_absent=""),
        col("has_public_ip", BOOLEAN, "It has a public IPv4 address.", _has_public_ip),
        col("instance_profile_arn", TEXT, "The profile that gives it a role; '' where it has none.",
            "IamInstanceProfile.Arn", when_absent=""),
        col("imdsv2_is_required", BOOLEAN,
            "Its metadata, and so its role's credentials, are given only for a token (IMDSv2).",
            _imdsv2_is_required),
        col("key_name", TEXT, "The SSH key pair it was started with; '' where there is none.",
            "KeyName", when_absent=""),
    ],
)  # fmt: skip
