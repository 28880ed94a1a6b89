"""Budgets: what the account means to spend."""

from sakimori.collect.declaration import (
    ACCOUNT_ID,
    BOOLEAN,
    DOUBLE,
    TEXT,
    TIMESTAMP,
    Call,
    Context,
    Record,
    call,
    col,
    table,
)
from sakimori.model.words import Scope

# Without ShowFilterExpression AWS leaves a budget's newer kind of filter out of the answer.
LIST: Call = call("budgets:DescribeBudgets", "Budgets", AccountId=ACCOUNT_ID, ShowFilterExpression=True)


def arn(record: Record, context: Context) -> str | None:
    """The budget's ARN, which AWS does not tell."""
    name = record.get("BudgetName")
    return f"arn:{context.partition}:budgets::{context.account_id}:budget/{name}" if name else None


def covers_all_costs(record: Record, _context: Context) -> bool | None:
    """It counts costs, and no filter narrows them; None where AWS says no type."""
    kind = record.get("BudgetType")
    if kind is None:
        return None
    return kind == "COST" and not record.get("CostFilters") and not record.get("FilterExpression")


TABLE = table(
    "aws_budgets_budget",
    "Budgets of AWS Budgets.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Budgets::Budget",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The budget's ARN.", arn),
        col("name", TEXT, "The budget's name.", "BudgetName"),
        col("type", TEXT, "COST, USAGE, RI_COVERAGE, SAVINGS_PLANS_COVERAGE, …", "BudgetType"),
        col("time_unit", TEXT, "DAILY, MONTHLY, QUARTERLY, ANNUALLY or CUSTOM.", "TimeUnit"),
        col("limit_amount", DOUBLE, "What may be spent; NULL where it is planned by the month or adjusts itself.",
            lambda record, _: float(record["BudgetLimit"]["Amount"])),
        col("limit_unit", TEXT, "The unit of that amount, like USD; '' where there is none.",
            "BudgetLimit.Unit", when_absent=""),
        col("covers_all_costs", BOOLEAN, "It counts costs, and no filter narrows them.", covers_all_costs),
        col("ends_at", TIMESTAMP, "When it ends; AWS itself writes 2087 for one that has no end.", "TimePeriod.End"),
    ],
)  # fmt: skip
