"""Notifications of budgets: at what point someone is told."""

from sakimori.collect.budgets.budget import LIST, arn, covers_all_costs
from sakimori.collect.declaration import (
    ACCOUNT_ID,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    TEXT,
    TIMESTAMP,
    Context,
    Record,
    call,
    col,
    table,
)
from sakimori.model.words import Scope


def _budget_arn(record: Record, context: Context) -> str | None:
    return arn(record.get("Budget", {}), context)


def _id(record: Record, context: Context) -> str | None:
    said = record.get("Notification", {})
    named = (
        _budget_arn(record, context),
        *(said.get(name) for name in ("NotificationType", "ComparisonOperator", "Threshold")),
    )
    return None if None in named else "/".join(str(part) for part in (*named, said.get("ThresholdType", "PERCENTAGE")))


def _subscriber_count(record: Record, _context: Context) -> int | None:
    found = record.get("Subscribers")
    return len(found) if isinstance(found, list) else None


def _has_subscriber(record: Record, context: Context) -> bool | None:
    count = _subscriber_count(record, context)
    return None if count is None else count > 0


TABLE = table(
    "aws_budgets_notification",
    "Notifications of budgets, each with what rules ask of its budget.",
    key="id",
    parent="budget_arn",
    parent_key=_budget_arn,
    scope=Scope.ACCOUNT,
    resource_type="AWS::Budgets::Budget",
    rows=[
        LIST,
        call("budgets:DescribeNotificationsForBudget", "Notifications[].{Notification: @}", AccountId=ACCOUNT_ID,
             with_={"BudgetName": "BudgetName"}, keep={"Budget": "@"}),
    ],
    each=[
        call("budgets:DescribeSubscribersForNotification", "Subscribers", AccountId=ACCOUNT_ID,
             with_={"BudgetName": "Budget.BudgetName", "Notification": "Notification"}),
    ],
    columns=[
        col("id", TEXT, "The budget's ARN with type, comparison and threshold; AWS gives no id.", _id),
        col("budget_arn", TEXT, "The budget.", _budget_arn),
        col("budget_name", TEXT, "The budget's name.", "Budget.BudgetName"),
        col("budget_time_unit", TEXT, "The budget's period: DAILY, MONTHLY, …", "Budget.TimeUnit"),
        col("budget_covers_all_costs", BOOLEAN, "The budget counts costs, and no filter narrows them.",
            lambda record, context: covers_all_costs(record.get("Budget", {}), context)),
        col("budget_ends_at", TIMESTAMP, "When the budget ends.", "Budget.TimePeriod.End"),
        col("type", TEXT, "ACTUAL (what was spent) or FORECASTED.", "Notification.NotificationType"),
        col("comparison", TEXT, "GREATER_THAN, LESS_THAN or EQUAL_TO.", "Notification.ComparisonOperator"),
        col("threshold", DOUBLE, "At what point it tells.", "Notification.Threshold"),
        col("threshold_unit", TEXT, "PERCENTAGE of the budget or ABSOLUTE_VALUE; '' where AWS says nothing.",
            "Notification.ThresholdType", when_absent=""),
        col("subscriber_count", INTEGER, "How many are told.", _subscriber_count, needs=["Subscribers"]),
        col("has_subscriber", BOOLEAN, "Someone is told.", _has_subscriber, needs=["Subscribers"]),
    ],
)  # fmt: skip
