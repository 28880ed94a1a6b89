"""Behavior graphs of other accounts to which this one belongs, or may."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _is_enabled(record: Record, _context: Context) -> bool | None:
    status = record.get("Status")
    return None if status is None else status == "ENABLED"


TABLE = table(
    "aws_detective_membership",
    "Behavior graphs of other accounts that hold this account's data, or ask for it.",
    key="graph_arn",
    scope=Scope.REGION,
    resource_type="AWS::Detective::Graph",
    rows=call("detective:ListInvitations", "Invitations"),
    columns=[
        col("graph_arn", TEXT, "The graph's ARN.", "GraphArn"),
        col("administrator_id", TEXT, "The account that administers it.", "AdministratorId"),
        col("status", TEXT, "INVITED, ENABLED, ACCEPTED_BUT_DISABLED, VERIFICATION_IN_PROGRESS or VERIFICATION_FAILED.",
            "Status"),
        col("is_enabled", BOOLEAN, "The graph gets this account's data.", _is_enabled),
    ],
)  # fmt: skip
