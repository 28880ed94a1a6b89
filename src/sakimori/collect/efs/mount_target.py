"""Where file systems are mounted from, and whether the subnet there hands out public addresses."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.efs.file_system import LIST, arn
from sakimori.model.words import Scope


def _id(record: Record, context: Context) -> str | None:
    file_system, target = arn(record, context), record.get("MountTargetId")
    return f"{file_system}/{target}" if file_system and target else None


TABLE = table(
    "aws_efs_mount_target",
    "Mount targets: the addresses at which file systems of EFS are reached.",
    key="id",
    parent="file_system_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::EFS::MountTarget",
    rows=[
        LIST,
        call("efs:DescribeMountTargets", "MountTargets", with_={"FileSystemId": "FileSystemId"},
             keep={"FileSystemArn": "FileSystemArn"}),
    ],
    each=[
        call("ec2:DescribeSubnets", "Subnets[0]", name="Subnet", when="SubnetId", with_={"SubnetIds": "[SubnetId]"}),
    ],
    columns=[
        col("id", TEXT, "The file system's ARN, a slash and the mount target's id.", _id),
        col("file_system_arn", TEXT, "The file system.", arn),
        col("mount_target_id", TEXT, "fsmt-…", "MountTargetId"),
        col("state", TEXT, "creating, available, updating, deleting, deleted or error.", "LifeCycleState"),
        col("ip_address", TEXT, "Its address in the subnet.", "IpAddress"),
        col("vpc_id", TEXT, "The VPC it is in.", "VpcId"),
        col("subnet_id", TEXT, "The subnet it is in.", "SubnetId"),
        col("subnet_assigns_public_ips", BOOLEAN, "Instances started in that subnet get public addresses.",
            "Subnet.MapPublicIpOnLaunch"),
    ],
)  # fmt: skip
