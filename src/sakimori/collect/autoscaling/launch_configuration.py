"""Launch configurations of EC2 Auto Scaling, the forerunners of launch templates."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _associates_public_ip(record: Record, _context: Context) -> bool | None:
    """Without a word the subnet of the group decides, which is not told here."""
    known: Mapping[object, bool] = {True: True, False: False}
    return known.get(record.get("AssociatePublicIpAddress"))


TABLE = table(
    "aws_autoscaling_launch_configuration",
    "Launch configurations of EC2 Auto Scaling.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::AutoScaling::LaunchConfiguration",
    rows=call("autoscaling:DescribeLaunchConfigurations", "LaunchConfigurations", MaxRecords=100),
    columns=[
        col("arn", TEXT, "The launch configuration's ARN.", "LaunchConfigurationARN"),
        col("name", TEXT, "The launch configuration's name.", "LaunchConfigurationName"),
        col("image_id", TEXT, "The image that instances are started from.", "ImageId"),
        col("instance_type", TEXT, "Their size, like t3.micro.", "InstanceType"),
        col("associates_public_ip", BOOLEAN, "Its instances are given a public address; NULL where their subnet decides.",
            _associates_public_ip),
        col("instance_profile", TEXT, "The profile that gives them a role; '' where there is none.",
            "IamInstanceProfile", when_absent=""),
        col("security_groups", TEXT, "Their security groups, separated by commas.", "SecurityGroups", when_absent=""),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedTime"),
    ],
)  # fmt: skip
