"""Statements of the policies of Lambda functions."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, call, col, table
from sakimori.collect.kleene import opposite
from sakimori.collect.lambda_.function import LIST
from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public, limits_caller
from sakimori.model.words import Scope

_S3 = "s3.amazonaws.com"


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record:
        return
    function = record.get("FunctionArn")
    try:
        statements = statements_of(record["Policy"])
    except NotUnderstoodError as error:
        yield Malformed(parent=str(function), words=f"the function's policy: {error}")
        return
    for statement in statements:
        yield {"function": function, "statement": statement}


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
        col("id", TEXT, "The function's ARN and the statement's place in its policy.",
            lambda row, _: f"{row['function']}#{row['statement'].index}" if row["function"] else None),
        col("function_arn", TEXT, "The function that the policy is attached to.", "function"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("actions", TEXT, "The actions, separated by commas.", lambda row, _: list(row["statement"].actions)),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("is_public", BOOLEAN, "It lets anyone call the function; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("lets_any_bucket_call", BOOLEAN, "It lets Amazon S3 call without saying for which account.",
            lambda row, _: _lets_any_bucket_call(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
    ],
)  # fmt: skip
