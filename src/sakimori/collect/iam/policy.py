"""Customer managed policies."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, col, table
from sakimori.collect.iam.authorization import details
from sakimori.model.words import Scope


def _is_attached(record: Record, _context: Context) -> bool | None:
    count = record.get("AttachmentCount")
    return None if count is None else count > 0


TABLE = table(
    "aws_iam_policy",
    "Customer managed policies; AWS's own are none of them.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=details("Policies"),
    columns=[
        col("arn", TEXT, "The policy's ARN.", "Arn"),
        col("name", TEXT, "The policy's name.",
            lambda record, _: str(record.get("Arn", "")).rpartition("/")[2] or None),
        col("path", TEXT, "The path in the ARN, / where there is none.", "Path"),
        col("attachment_count", INTEGER, "Users, groups and roles it is attached to.", "AttachmentCount"),
        col("is_attached", BOOLEAN, "Someone has it.", _is_attached),
        col("boundary_use_count", INTEGER, "Users and roles that it bounds.",
            "PermissionsBoundaryUsageCount", when_absent=0),
        col("default_version", TEXT, "The version in force, like v3.", "DefaultVersionId"),
        col("created_at", TIMESTAMP, "When the policy was made.", "CreateDate"),
        col("updated_at", TIMESTAMP, "When its newest version was made.", "UpdateDate"),
    ],
)  # fmt: skip
