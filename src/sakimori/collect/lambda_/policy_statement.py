"""Statements of the policies of Lambda functions."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, Context, Malformed, Record, call, col, table
from sakimori.collect.kleene import opposite
from sakimori.collect.lambda_.function import LIST
from sakimori.collect.policy_columns import (
    ACTIONS,
    EXTERNAL_ACCOUNT_IDS,
    HAS_CONDITION,
    identity_columns,
    public_column,
    statement_rows,
)
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import limits_caller
from sakimori.model.words import Scope

_S3 = "s3.amazonaws.com"


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record:
        return
    function = record.get("FunctionArn")
    yield from statement_rows(function, record["Policy"], name="the function's policy")


def _lets_any_bucket_call(statement: Statement) -> bool | None:
    """Lambda.1 names this case: a bucket's ARN does not say whose the bucket is."""
    if not statement.is_allow or _S3 not in statement.principals.services:
        return False
    accounts = tuple(each for each in statement.conditions if each.key.lower() != "aws:sourcearn")
    return opposite(limits_caller(accounts))


TABLE = table(
    "aws_lambda_policy_statement",
    "Statements of the policies of functions; those of single versions and aliases are left out.",
    key="id",
    parent="function_arn",
    parent_key="FunctionArn",
    scope=Scope.REGION,
    resource_type="AWS::Lambda::Permission",
    rows=LIST,
    each=[
        call("lambda:GetPolicy", "Policy", with_={"FunctionName": "FunctionName"},
             absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=[
        *identity_columns("function_arn", "function"),
        ACTIONS,
        HAS_CONDITION,
        public_column("is_public", "It lets anyone call the function; NULL where its conditions do not tell."),
        col("lets_any_bucket_call", BOOLEAN, "It lets Amazon S3 call without saying for which account.",
            lambda row, _: _lets_any_bucket_call(row["statement"])),
        EXTERNAL_ACCOUNT_IDS,
    ],
)  # fmt: skip
