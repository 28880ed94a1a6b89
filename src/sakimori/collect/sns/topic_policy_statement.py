"""Statements of the policies of SNS topics."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.collect.sns.topic import ATTRIBUTES, LIST
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    # Every topic is born with a policy: an answer without one has not told it.
    yield from statement_rows(record["TopicArn"], (record.get("Attributes") or {}).get("Policy"))


TABLE = table(
    "aws_sns_topic_policy_statement",
    "Statements of the policies of SNS topics.",
    key="id",
    parent="topic_arn",
    parent_key="TopicArn",
    scope=Scope.REGION,
    resource_type="AWS::SNS::TopicPolicy",
    rows=LIST,
    each=[ATTRIBUTES],
    expand=_statements,
    expand_needs=["Attributes"],
    columns=statement_columns("topic_arn", "topic"),
)
