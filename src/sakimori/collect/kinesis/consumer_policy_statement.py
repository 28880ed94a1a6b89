"""Statements of the policies of consumers that are registered with streams of Kinesis.

Source: Kinesis Data Streams Developer Guide, "Share access using resource-based policies".
"""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    # A consumer without a policy is answered with an empty one, as a stream is.
    if record.get("Policy") and str(record["Policy"]).strip() != "{}":
        yield from statement_rows(record.get("ConsumerARN"), record["Policy"])


TABLE = table(
    "aws_kinesis_consumer_policy_statement",
    "Statements of the policies of consumers of Kinesis data streams.",
    key="id",
    parent="consumer_arn",
    parent_key="ConsumerARN",
    scope=Scope.REGION,
    resource_type="AWS::Kinesis::StreamConsumer",
    rows=[
        call("kinesis:ListStreams", "StreamSummaries"),
        call("kinesis:ListStreamConsumers", "Consumers", with_={"StreamARN": "StreamARN"}),
    ],
    each=[
        call("kinesis:GetResourcePolicy", "Policy", with_={"ResourceARN": "ConsumerARN"}, absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("consumer_arn", "consumer"),
)  # fmt: skip
