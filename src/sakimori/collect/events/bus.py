"""Buses of EventBridge and who else may send to them."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.kleene import some
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public
from sakimori.model.words import Scope


def _lets_anyone_in(record: Record, _context: Context) -> bool | None:
    if not record.get("Policy"):
        return False
    try:
        return some(is_public(statement) for statement in statements_of(record["Policy"]))
    except NotUnderstoodError:
        return None


def _accounts(record: Record, context: Context) -> list[str] | None:
    if not record.get("Policy"):
        return []
    try:
        allowed = [statement for statement in statements_of(record["Policy"]) if statement.is_allow]
    except NotUnderstoodError:
        return None
    named = (each for statement in allowed for each in external_accounts(statement.principals, context.account_id))
    return list(dict.fromkeys(named))


LIST = call("events:ListEventBuses", "EventBuses")

TABLE = table(
    "aws_events_bus",
    "Buses of EventBridge: the default one of each Region, and those that were made.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Events::EventBus",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The bus's ARN.", "Arn"),
        col("name", TEXT, "The bus's name; that of the Region's own is default.", "Name"),
        col("has_policy", BOOLEAN, "A resource policy lets others use it.",
            lambda record, _: bool(record.get("Policy"))),
        col("policy_allows_public", BOOLEAN, "Its policy lets anyone in; NULL where the policy does not tell.",
            _lets_anyone_in),
        col("external_account_ids", TEXT, "Other accounts that the policy names and allows, separated by commas; '' where none.",
            _accounts),
    ],
)  # fmt: skip
