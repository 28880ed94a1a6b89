"""File systems of EFS."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Call, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST: Call = call("efs:DescribeFileSystems", "FileSystems", MaxItems=100)


def arn(record: Record, context: Context) -> str | None:
    """The ARN that AWS gives, or one in the same form."""
    found = record.get("FileSystemId")
    if not found:
        return None
    prefix = f"arn:{context.partition}:elasticfilesystem:{context.region}:{context.account_id}"
    return record.get("FileSystemArn") or f"{prefix}:file-system/{found}"


TABLE = table(
    "aws_efs_file_system",
    "File systems of EFS.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EFS::FileSystem",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The file system's ARN.", arn),
        col("file_system_id", TEXT, "fs-…", "FileSystemId"),
        col("name", TEXT, "Its Name tag; '' where it has none.", "Name", when_absent=""),
        col("state", TEXT, "creating, available, updating, deleting, deleted or error.", "LifeCycleState"),
        col("is_encrypted", BOOLEAN, "Its files are encrypted at rest with a KMS key.", "Encrypted"),
        col("kms_key_arn", TEXT, "The KMS key; '' where AWS names none.", "KmsKeyId", when_absent=""),
        col("mount_target_count", INTEGER, "How many mount targets it has.", "NumberOfMountTargets"),
    ],
)  # fmt: skip
