"""Statements of the policies of EventBridge's buses."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, table
from sakimori.collect.events.bus import LIST
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if record.get("Policy"):
        yield from statement_rows(record.get("Arn"), record["Policy"])


TABLE = table(
    "aws_events_bus_policy_statement",
    "Statements of the policies of buses of EventBridge.",
    key="id",
    parent="bus_arn",
    parent_key="Arn",
    scope=Scope.REGION,
    resource_type="AWS::Events::EventBusPolicy",
    rows=LIST,
    expand=_statements,
    columns=statement_columns("bus_arn", "bus"),
)  # fmt: skip
