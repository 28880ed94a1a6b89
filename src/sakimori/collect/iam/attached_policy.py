"""Which managed policy is attached to which user, group or role."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.iam.authorization import details
from sakimori.model.words import Scope

_OWNER_PART = 4


def _attachments(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    kind = next((kind for kind in ("User", "Group", "Role") if f"{kind}Name" in record), None)
    if kind is None:
        yield Malformed(parent=str(record.get("Arn", "")), words="neither user, group nor role")
        return
    owner = {"owner_arn": record.get("Arn"), "owner_kind": kind.lower(), "owner_name": record[f"{kind}Name"]}
    for policy in record.get("AttachedManagedPolicies") or ():
        yield {**owner, **policy}


def _key(record: Record, _context: Context) -> str:
    return f"{record['owner_arn']}/{record['PolicyArn']}"


def _is_aws_managed(record: Record, _context: Context) -> bool:
    return record["PolicyArn"].split(":")[_OWNER_PART] == "aws"


TABLE = table(
    "aws_iam_attached_policy",
    "Managed policies, AWS's own too, as they are attached to users, groups and roles.",
    key="attachment_key",
    parent="owner_arn",
    parent_key="Arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=details("[UserDetailList, GroupDetailList, RoleDetailList][]"),
    expand=_attachments,
    columns=[
        col("attachment_key", TEXT, "The owner's ARN, a slash and the policy's ARN.", _key),
        col("owner_arn", TEXT, "The user, group or role that has the policy.", "owner_arn"),
        col("owner_kind", TEXT, "user, group or role.", "owner_kind"),
        col("owner_name", TEXT, "The name of the user, group or role.", "owner_name"),
        col("policy_arn", TEXT, "The policy's ARN.", "PolicyArn"),
        col("policy_name", TEXT, "The policy's name.", "PolicyName"),
        col("is_aws_managed", BOOLEAN, "It is one of AWS's own policies.", _is_aws_managed),
    ],
)  # fmt: skip
