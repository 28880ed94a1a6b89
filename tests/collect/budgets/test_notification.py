from collections.abc import Callable, Mapping
from typing import Any

import pytest

BUDGET = {
    "BudgetName": "all",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "9.5", "Unit": "USD"},
}
ALERT = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}


def door(fake_door: Callable[..., Any], budget: Mapping[str, Any], subscribers: Any) -> Any:
    return fake_door(
        budgets__DescribeBudgets={"Budgets": [budget]},
        budgets__DescribeNotificationsForBudget={"Notifications": [ALERT]},
        budgets__DescribeSubscribersForNotification=subscribers,
    )


def test_the_subscribers_are_asked_for_with_the_notification_as_it_was_given(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    asked = door(fake_door, BUDGET, {"Subscribers": [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]})
    row = read("aws_budgets_notification", asked).only
    assert (row["has_subscriber"], row["subscriber_count"], row["budget_covers_all_costs"]) == (True, 1, True)
    parameters = asked.asked[-1][2]
    assert parameters == {"AccountId": "123456789012", "BudgetName": "all", "Notification": ALERT}


def test_no_subscriber_is_known_and_a_missing_list_is_not(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    assert (
        read("aws_budgets_notification", door(fake_door, BUDGET, {"Subscribers": []})).only["has_subscriber"] is False
    )
    assert read("aws_budgets_notification", door(fake_door, BUDGET, {})).only["has_subscriber"] is None


@pytest.mark.parametrize(
    ("more", "covers"),
    [
        ({}, True),
        ({"CostFilters": {}}, True),
        ({"CostFilters": {"Service": ["Amazon S3"]}}, False),
        ({"FilterExpression": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon S3"]}}}, False),
        ({"FilterExpression": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}}}, True),
        ({"FilterExpression": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Usage"]}}}}, False),
        ({"FilterExpression": {"And": [
            {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit"]}}},
            {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Refund"], "MatchOptions": ["EQUALS"]}}},
        ]}}, True),
        ({"FilterExpression": {"And": [
            {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit"]}}},
            {"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}},
        ]}}, False),
        ({"BudgetType": "USAGE"}, False),
        ({"BudgetType": None}, None),
    ],
)  # fmt: skip
def test_a_budget_covers_all_costs_unless_a_filter_of_either_kind_narrows_it(
    fake_door: Callable[..., Any], read: Callable[..., Any], more: Mapping[str, Any], covers: bool | None
) -> None:
    budget = door(fake_door, {**BUDGET, **more}, {"Subscribers": []})
    assert read("aws_budgets_budget", budget).only["covers_all_costs"] is covers
    assert read("aws_budgets_notification", budget).only["budget_covers_all_costs"] is covers


def test_a_budget_without_a_fixed_limit_has_no_amount(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    planned = {name: value for name, value in BUDGET.items() if name != "BudgetLimit"}
    row = read("aws_budgets_budget", door(fake_door, planned, {"Subscribers": []})).only
    assert (row["limit_amount"], row["limit_unit"]) == (None, "")
