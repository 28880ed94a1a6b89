"""Statements of the policies of streams of DynamoDB tables: each stream has its own, also one that is turned off.

Source: DynamoDB Developer Guide, "Attach a resource-based policy to a stream".
"""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("StreamArn"), record["Policy"])


TABLE = table(
    "aws_dynamodb_stream_policy_statement",
    "Statements of the policies of streams of DynamoDB tables.",
    key="id",
    parent="stream_arn",
    parent_key="StreamArn",
    scope=Scope.REGION,
    resource_type="AWS::DynamoDB::Table",
    rows=call("dynamodbstreams:ListStreams", "Streams", Limit=100),
    each=[
        call("dynamodb:GetResourcePolicy", "Policy", with_={"ResourceArn": "StreamArn"},
             absent=("PolicyNotFoundException", "ResourceNotFoundException")),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("stream_arn", "stream"),
)  # fmt: skip
