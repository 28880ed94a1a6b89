"""Statements of bucket policies."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.kleene import every
from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of
from sakimori.collect.policy_reach import covers, external_accounts, is_public, reaches_other_account
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
    try:
        statements = statements_of(record["Policy"])
    except NotUnderstoodError as error:
        yield Malformed(parent=bucket, words=f"the bucket policy: {error}")
        return
    for statement in statements:
        yield {"bucket": bucket, "statement": statement}


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
        col("id", TEXT, "The bucket's ARN and the statement's place in its policy.",
            lambda row, _: f"{row['bucket']}#{row['statement'].index}"),
        col("bucket_arn", TEXT, "The bucket that the policy is attached to.", "bucket"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("has_not_principal", BOOLEAN, "It speaks of everyone but the principals it lists.",
            lambda row, _: row["statement"].principals.is_negated),
        col("actions", TEXT, "The actions, separated by commas; with has_not_action those left out.",
            lambda row, _: list(row["statement"].actions)),
        col("has_not_action", BOOLEAN, "It speaks of all actions but those it lists.",
            lambda row, _: row["statement"].is_not_action),
        col("resources", TEXT, "The resources, separated by commas.", lambda row, _: list(row["statement"].resources)),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("allows_public", BOOLEAN, "It lets anyone in; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
        col("grants_risky_actions_to_other_account", BOOLEAN,
            "It lets another account change the bucket's policy, ACLs or encryption (S3.6); NULL where not known.",
            lambda row, account: _grants_risky_actions(row["statement"], account.account_id)),
    ],
)  # fmt: skip
