"""IAM roles."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, col, table
from sakimori.collect.iam.authorization import details
from sakimori.model.words import Scope

_AWS_PATH = "/aws-service-role/"


def _last_used_at(record: Record, _context: Context) -> object:
    return (record.get("RoleLastUsed") or {}).get("LastUsedDate")


def _idle_since_at(record: Record, context: Context) -> object:
    return _last_used_at(record, context) or record.get("CreateDate")


TABLE = table(
    "aws_iam_role",
    "IAM roles, those that AWS services made for themselves too.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Role",
    rows=details("RoleDetailList"),
    columns=[
        col("arn", TEXT, "The role's ARN.", "Arn"),
        col("name", TEXT, "The role's name.", "RoleName"),
        col("role_id", TEXT, "AROA…, never given twice.", "RoleId"),
        col("path", TEXT, "The path in the ARN, / where there is none.", "Path"),
        col("is_service_linked", BOOLEAN, "An AWS service made it and alone may change it.",
            lambda record, _: str(record.get("Path", "")).startswith(_AWS_PATH)),
        col("created_at", TIMESTAMP, "When the role was made.", "CreateDate"),
        # IAM tracks roles for at most 400 days: a role not used for longer looks like one never used.
        col("was_used", BOOLEAN, "IAM saw it used within the time it tracks.",
            lambda record, context: _last_used_at(record, context) is not None),
        col("last_used_at", TIMESTAMP, "When it was last used; NULL where was_used is false.", _last_used_at),
        col("idle_since_at", TIMESTAMP, "Its last use, or else when it was made.", _idle_since_at),
        col("attached_policy_count", INTEGER, "Managed policies attached to the role.",
            lambda record, _: len(record.get("AttachedManagedPolicies") or ())),
        col("inline_policy_count", INTEGER, "Policies written into the role.",
            lambda record, _: len(record.get("RolePolicyList") or ())),
        col("permissions_boundary_arn", TEXT, "The policy that bounds the role's permissions; '' where none does.",
            "PermissionsBoundary.PermissionsBoundaryArn", when_absent=""),
        col("has_permissions_boundary", BOOLEAN, "A policy bounds the role's permissions.",
            lambda record, _: bool(record.get("PermissionsBoundary"))),
    ],
)  # fmt: skip
