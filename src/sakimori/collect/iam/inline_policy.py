"""Policies written into one user, group or role."""

from collections.abc import Iterator

from sakimori.collect.declaration import TEXT, Context, Record, col, table
from sakimori.collect.iam.authorization import EVERYTHING, policies_in
from sakimori.model.words import Scope


def _inline(record: Record, _context: Context) -> Iterator[Record]:
    for policy in policies_in(record):
        if policy.owner_kind != "managed":
            yield {
                "key": policy.key, "name": policy.name, "owner_arn": policy.owner_arn, "owner_kind": policy.owner_kind,
            }  # fmt: skip


TABLE = table(
    "aws_iam_inline_policy",
    "Policies written into one user, group or role.",
    key="policy_key",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=EVERYTHING,
    expand=_inline,
    columns=[
        col("policy_key", TEXT, "The owner's ARN, a slash and the policy's name.", "key"),
        col("name", TEXT, "The policy's name, unique within its owner.", "name"),
        col("owner_arn", TEXT, "The user, group or role that holds it.", "owner_arn"),
        col("owner_kind", TEXT, "user, group or role.", "owner_kind"),
    ],
)  # fmt: skip
