"""IAM users."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, col, table
from sakimori.collect.iam.authorization import details
from sakimori.model.words import Scope

TABLE = table(
    "aws_iam_user",
    "IAM users; the root user is none of them.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::User",
    rows=details("UserDetailList"),
    columns=[
        col("arn", TEXT, "The user's ARN.", "Arn"),
        col("name", TEXT, "The user's name.", "UserName"),
        col("user_id", TEXT, "AIDA…, never given twice.", "UserId"),
        col("path", TEXT, "The path in the ARN, / where there is none.", "Path"),
        col("created_at", TIMESTAMP, "When the user was made.", "CreateDate"),
        col("group_count", INTEGER, "Groups the user is in.", lambda record, _: len(record.get("GroupList") or ())),
        col("attached_policy_count", INTEGER, "Managed policies attached to the user itself.",
            lambda record, _: len(record.get("AttachedManagedPolicies") or ())),
        col("inline_policy_count", INTEGER, "Policies written into the user.",
            lambda record, _: len(record.get("UserPolicyList") or ())),
        col("permissions_boundary_arn", TEXT, "The policy that bounds the user's permissions; '' where none does.",
            "PermissionsBoundary.PermissionsBoundaryArn", when_absent=""),
        col("has_permissions_boundary", BOOLEAN, "A policy bounds the user's permissions.",
            lambda record, _: bool(record.get("PermissionsBoundary"))),
    ],
)  # fmt: skip
