"""IAM groups."""

from sakimori.collect.declaration import INTEGER, TEXT, TIMESTAMP, col, table
from sakimori.collect.iam.authorization import details
from sakimori.model.words import Scope

TABLE = table(
    "aws_iam_group",
    "IAM groups.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Group",
    rows=details("GroupDetailList"),
    columns=[
        col("arn", TEXT, "The group's ARN.", "Arn"),
        col("name", TEXT, "The group's name.", "GroupName"),
        col("path", TEXT, "The path in the ARN, / where there is none.", "Path"),
        col("created_at", TIMESTAMP, "When the group was made.", "CreateDate"),
        col("attached_policy_count", INTEGER, "Managed policies attached to the group.",
            lambda record, _: len(record.get("AttachedManagedPolicies") or ())),
        col("inline_policy_count", INTEGER, "Policies written into the group.",
            lambda record, _: len(record.get("GroupPolicyList") or ())),
    ],
)  # fmt: skip
