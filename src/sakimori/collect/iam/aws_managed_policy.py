"""AWS's own managed policies, those that somebody has."""

import json

from sakimori.collect.declaration import TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _document(record: Record, _context: Context) -> str | None:
    version = record.get("Version") or {}
    document = version.get("Document")
    return None if document is None else json.dumps(document, ensure_ascii=False, sort_keys=True)


TABLE = table(
    "aws_iam_aws_managed_policy",
    "AWS's own managed policies that are attached to a user, group or role.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=call("iam:ListPolicies", "Policies[]", Scope="AWS", OnlyAttached=True, MaxItems=1000),
    each=[call("iam:GetPolicyVersion", "PolicyVersion", name="Version",
               with_={"PolicyArn": "Arn", "VersionId": "DefaultVersionId"})],
    columns=[
        col("arn", TEXT, "The policy's ARN.", "Arn"),
        col("name", TEXT, "The policy's name.", "PolicyName"),
        col("default_version", TEXT, "The version in force, like v3.", "DefaultVersionId"),
        col("document", TEXT, "The document in force, as JSON.", _document, needs=["Version"]),
    ],
)  # fmt: skip
