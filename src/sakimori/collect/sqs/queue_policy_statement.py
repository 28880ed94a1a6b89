"""Statements of the policies of SQS queues."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.collect.sqs.queue import ATTRIBUTES, LIST, arn
from sakimori.model.words import Scope


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    queue = str(arn(record, context) or "")
    attributes = record.get("Attributes")
    if not attributes:
        yield Malformed(parent=queue, words="a queue without attributes")
    elif policy := attributes.get("Policy"):
        yield from statement_rows(queue, policy)


TABLE = table(
    "aws_sqs_queue_policy_statement",
    "Statements of the policies of SQS queues.",
    key="id",
    parent="queue_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::SQS::QueuePolicy",
    rows=LIST,
    each=[ATTRIBUTES],
    expand=_statements,
    expand_needs=["Attributes"],
    columns=statement_columns("queue_arn", "queue"),
)
