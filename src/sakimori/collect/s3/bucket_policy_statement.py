"""Statements of bucket policies."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.kleene import every
from sakimori.collect.policy_columns import (
    EXTERNAL_ACCOUNT_IDS,
    HAS_CONDITION,
    NAMED_OR_LEFT_OUT,
    identity_columns,
    public_column,
    statement_rows,
)
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import covers, reaches_other_account
from sakimori.collect.s3.bucket import LIST, POLICY, arn, region
from sakimori.model.words import Scope

# Source: Security Hub user guide, S3.6 (the parameter that cannot be changed).
_RISKY_ACTIONS = (
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record:
        return
    bucket = arn(record, context)
    yield from statement_rows(bucket, record["Policy"], name="the bucket policy")


def _grants_risky_actions(statement: Statement, own_account: str) -> bool | None:
    return every(
        (any(covers(statement, action) for action in _RISKY_ACTIONS), reaches_other_account(statement, own_account))
    )


TABLE = table(
    "aws_s3_bucket_policy_statement",
    "Statements of bucket policies.",
    key="id",
    parent="bucket_arn",
    parent_key=arn,
    scope=Scope.RESOURCE_REGION,
    resource_type="AWS::S3::BucketPolicy",
    row_region=region,
    rows=LIST,
    each=[POLICY],
    expand=_statements,
    expand_needs=["Policy"],
    columns=[
        *identity_columns("bucket_arn", "bucket"),
        *NAMED_OR_LEFT_OUT,
        col("resources", TEXT, "The resources, separated by commas.", lambda row, _: list(row["statement"].resources)),
        HAS_CONDITION,
        public_column("allows_public", "It lets anyone in; NULL where its conditions do not tell."),
        EXTERNAL_ACCOUNT_IDS,
        col("grants_risky_actions_to_other_account", BOOLEAN,
            "It lets another account change the bucket's policy, ACLs or encryption (S3.6); NULL where not known.",
            lambda row, account: _grants_risky_actions(row["statement"], account.account_id)),
    ],
)  # fmt: skip
