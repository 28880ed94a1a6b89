"""Statements of the access policies of destinations, to which other accounts send their logs."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if record.get("accessPolicy"):
        yield from statement_rows(record.get("arn"), record["accessPolicy"])


TABLE = table(
    "aws_logs_destination_policy_statement",
    "Statements of the access policies of destinations for logs of other accounts.",
    key="id",
    parent="destination_arn",
    parent_key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Logs::Destination",
    rows=call("logs:DescribeDestinations", "destinations"),
    expand=_statements,
    columns=statement_columns("destination_arn", "destination"),
)  # fmt: skip
