"""Statements of the policies of tables of DynamoDB."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.dynamodb.table import DESCRIBE, LIST, arn
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(arn(record, context), record["Policy"])


TABLE = table(
    "aws_dynamodb_table_policy_statement",
    "Statements of the policies of DynamoDB tables.",
    key="id",
    parent="table_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::DynamoDB::Table",
    rows=LIST,
    each=[
        DESCRIBE,
        call("dynamodb:GetResourcePolicy", "Policy", with_={"ResourceArn": "Table.TableArn"},
             absent=("PolicyNotFoundException", "ResourceNotFoundException")),
    ],
    expand=_statements,
    expand_needs=["Table", "Policy"],
    columns=statement_columns("table_arn", "table"),
)  # fmt: skip
