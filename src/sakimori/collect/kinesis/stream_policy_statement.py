"""Statements of the policies of streams of Kinesis."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    # A stream without a policy is answered with an empty one.
    if record.get("Policy") and str(record["Policy"]).strip() != "{}":
        yield from statement_rows(record.get("StreamARN"), record["Policy"])


TABLE = table(
    "aws_kinesis_stream_policy_statement",
    "Statements of the policies of Kinesis data streams.",
    key="id",
    parent="stream_arn",
    parent_key="StreamARN",
    scope=Scope.REGION,
    resource_type="AWS::Kinesis::Stream",
    rows=call("kinesis:ListStreams", "StreamSummaries"),
    each=[
        call("kinesis:GetResourcePolicy", "Policy", with_={"ResourceARN": "StreamARN"}, absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("stream_arn", "stream"),
)  # fmt: skip
