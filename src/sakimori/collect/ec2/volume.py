"""EBS volumes."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    found = record.get("VolumeId")
    return f"arn:{context.partition}:ec2:{context.region}:{context.account_id}:volume/{found}" if found else None


def _instances(record: Record, _context: Context) -> str | None:
    found = record.get("Attachments")
    return None if found is None else ",".join(sorted(each.get("InstanceId") or "" for each in found))


def _is_attached(record: Record, _context: Context) -> bool | None:
    found = record.get("Attachments")
    return None if found is None else bool(found)


TABLE = table(
    "aws_ec2_volume",
    "EBS volumes, attached or not.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Volume",
    rows=call("ec2:DescribeVolumes", "Volumes", MaxResults=500),
    columns=[
        col("arn", TEXT, "The volume's ARN.", _arn),
        col("volume_id", TEXT, "vol-…", "VolumeId"),
        col("state", TEXT, "creating, available, in-use, deleting, deleted or error.", "State"),
        col("is_attached", BOOLEAN, "It is attached to an instance, or just being so.", _is_attached),
        col("instance_ids", TEXT, "The instances it is attached to, separated by commas; '' where there is none.",
            _instances),
        col("size_gib", INTEGER, "Its size.", "Size"),
        col("is_encrypted", BOOLEAN, "It is encrypted.", "Encrypted"),
        col("kms_key_arn", TEXT, "The key that encrypts it; '' where there is none.", "KmsKeyId", when_absent=""),
        col("created_at", TIMESTAMP, "When it was made.", "CreateTime"),
    ],
)  # fmt: skip
