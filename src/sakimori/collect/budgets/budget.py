"""Budgets: what the account means to spend."""

from collections.abc import Mapping
from typing import Any, Final

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


_TAKING_AWAY: Final = frozenset({"Credit", "Refund"})


def arn(record: Record, context: Context) -> str | None:
    """The budget's ARN, which AWS does not tell."""
    name = record.get("BudgetName")
    return f"arn:{context.partition}:budgets::{context.account_id}:budget/{name}" if name else None


def covers_all_costs(record: Record, _context: Context) -> bool | None:
    """It counts costs, and no filter narrows them; None where AWS says no type."""
    kind = record.get("BudgetType")
    if kind is None:
        return None
    is_narrowed = record.get("CostFilters") or left_out_records(record.get("FilterExpression")) is None
    return kind == "COST" and not is_narrowed


def left_out_records(expression: Mapping[str, Any] | None) -> frozenset[str] | None:
    """The kinds of records that take away from what was used (`Credit`, `Refund`) and that a filter leaves out.

    AWS says so in the place of CostTypes, also of a budget that has no other filter. None where it narrows in another way.

    >>> left_out_records({"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}}), left_out_records(None)
    (None, frozenset())
    """
    if not expression:
        return frozenset()
    (kind, told), *others = expression.items()
    if others:
        return None
    if kind == "And":
        found = [left_out_records(each) for each in told]
        return None if None in found else frozenset[str]().union(*(each for each in found if each))
    dimensions = (told.get("Dimensions") or {}) if kind == "Not" else {}
    values = frozenset[str](dimensions.get("Values") or ())
    is_plain = dimensions.get("Key") == "RECORD_TYPE" and dimensions.get("MatchOptions") in (None, [], ["EQUALS"])
    return values if is_plain and values <= _TAKING_AWAY else None


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
