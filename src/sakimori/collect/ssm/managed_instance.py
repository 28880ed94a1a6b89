"""Machines that Systems Manager manages: those whose agent reports to it."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str:
    """An EC2 instance keeps its id; a machine elsewhere has one of its own, mi-…."""
    where = f"{context.region}:{context.account_id}"
    return f"arn:{context.partition}:ssm:{where}:managed-instance/{record['InstanceId']}"


def _is_online(record: Record, _context: Context) -> bool | None:
    return {"Online": True, "ConnectionLost": False, "Inactive": False}.get(record.get("PingStatus", ""))


TABLE = table(
    "aws_ssm_managed_instance",
    "Machines that Systems Manager manages; stopped ones are not told.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SSM::ManagedInstanceInventory",
    rows=call("ssm:DescribeInstanceInformation", "InstanceInformationList", MaxResults=50),
    columns=[
        col("arn", TEXT, "The managed instance's ARN.", _arn),
        col("instance_id", TEXT, "i-… for an EC2 instance, mi-… for a machine elsewhere.", "InstanceId"),
        col("is_ec2", BOOLEAN, "It is an EC2 instance.",
            lambda record, _: str(record.get("InstanceId") or "").startswith("i-")),
        col("ping_status", TEXT, "Online or ConnectionLost.", "PingStatus"),
        col("is_online", BOOLEAN, "Its agent reports now.", _is_online),
        col("last_ping_at", TIMESTAMP, "When its agent last reported.", "LastPingDateTime"),
        col("platform", TEXT, "Linux, Windows or MacOS.", "PlatformType"),
        col("platform_name", TEXT, "The operating system.", "PlatformName"),
        col("platform_version", TEXT, "Its version.", "PlatformVersion"),
        col("agent_version", TEXT, "The version of SSM Agent.", "AgentVersion"),
        col("agent_is_latest", BOOLEAN, "SSM Agent is the latest.", "IsLatestVersion"),
    ],
)  # fmt: skip
