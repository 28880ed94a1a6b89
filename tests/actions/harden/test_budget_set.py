from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from moto.budgets.models import budgets_backends
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.harden.budget_set import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Wishes
from sakimori.simulate.faults import Fault, Kind
from sakimori.texts.sentences import say

ACCOUNT = "606060606060"
ALERT = {
    "Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 90.0},
    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "finance@example.com"}],
}


def make(
    stage: Stage, name: str, unit: str = "MONTHLY", *, alerts: Iterable[Mapping[str, Any]] = (ALERT,), **more: Any
) -> None:
    budget = {
        "BudgetName": name, "BudgetType": "COST", "TimeUnit": unit, "BudgetLimit": {"Amount": "700", "Unit": "USD"}, **more
    }  # fmt: skip
    stage.client("budgets").create_budget(
        AccountId=ACCOUNT, Budget=budget, NotificationsWithSubscribers=list(alerts)
    )  # fmt: skip


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def test_both_budgets_are_made_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.name for each in item.changes] == ["sakimori-monthly", "sakimori-daily"]
    month, day = (each.call.parameters for each in item.changes)
    assert (month["Budget"]["BudgetLimit"]["Amount"], day["Budget"]["BudgetLimit"]["Amount"]) == ("50.0", "5.0")
    assert month["ResourceTags"] == [{"Key": "sakimori", "Value": "HB07"}]
    assert len(month["NotificationsWithSubscribers"]) == 3
    assert item.cost.usd_month == 0


def test_the_day_has_no_forecast_which_aws_refuses(stage: Stage) -> None:
    forecast = {**ALERT, "Notification": {**ALERT["Notification"], "NotificationType": "FORECASTED"}}  # type: ignore[dict-item]
    with pytest.raises(stage.client("budgets").exceptions.InvalidParameterException):
        make(stage, "daily", "DAILY", alerts=[forecast])


def test_credits_do_not_hide_what_was_used(stage: Stage) -> None:
    for change in only(stage).changes:
        counted = change.call.parameters["Budget"]["CostTypes"]
        assert (counted["IncludeCredit"], counted["IncludeRefund"]) == (False, False)


def test_budgets_of_others_that_tell_somebody_are_adopted(stage: Stage) -> None:
    topic = {
        **ALERT,
        "Subscribers": [{"SubscriptionType": "SNS", "Address": "arn:aws:sns:us-east-1:606060606060:bills"}],
    }
    make(stage, "finance-month")
    make(stage, "finance-day", "DAILY", alerts=[topic])
    item = only(stage)
    assert item.standing is Standing.AS_WANTED
    assert item.before is not None
    assert item.before["others"] == {"MONTHLY": ["finance-month"], "DAILY": ["finance-day"]}
    assert only(replace(stage, wishes=Wishes())).standing is Standing.AS_WANTED


WITHOUT_CREDITS = {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}}}


def test_a_budget_that_leaves_out_credits_and_refunds_in_the_newer_words_serves(stage: Stage) -> None:
    make(stage, "finance-month", Metrics=["UnblendedCost"], FilterExpression=WITHOUT_CREDITS)
    item = only(stage)
    assert item.before is not None
    assert item.before["others"]["MONTHLY"] == ["finance-month"]


@pytest.mark.parametrize("tells_both", [True, False])
def test_ours_is_as_wanted_where_aws_tells_it_in_the_newer_words(stage: Stage, tells_both: bool) -> None:
    stage.apply(stage.plan(STEP))
    for each in budgets_backends[ACCOUNT]["aws"].budgets[ACCOUNT].values():
        each.budget |= {"Metrics": ["UnblendedCost"], "FilterExpression": WITHOUT_CREDITS}
        if not tells_both:
            del each.budget["CostTypes"]
    assert only(stage).standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    "told",
    [
        {"Metrics": ["NetUnblendedCost"], "FilterExpression": WITHOUT_CREDITS},
        {"Metrics": ["UnblendedCost"], "FilterExpression": {"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}}},
        {"Metrics": ["BlendedCost"]},
    ],
    ids=["what CostTypes cannot say", "narrowed", "another metric"],
)
def test_ours_in_newer_words_that_say_something_else_is_corrected_and_comes_back(stage: Stage, told: Any) -> None:
    make(stage, "sakimori-monthly", **told)
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert item.changes[0].call.operation == "budgets:UpdateBudget"


def test_one_that_is_there_is_adopted_and_the_other_is_made(stage: Stage) -> None:
    make(stage, "finance-month")
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.name for each in item.changes] == ["sakimori-daily"]


@pytest.mark.parametrize(
    "budget",
    [
        {"alerts": ()},
        {"CostFilters": {"Service": ["Amazon Simple Storage Service"]}},
        {"FilterExpression": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Simple Storage Service"]}}},
        {"FilterExpression": {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}}},
        {"unit": "QUARTERLY"},
        {"BudgetType": "USAGE"},
        {"TimePeriod": {"Start": "2026-01-01T00:00:00Z", "End": "2026-12-31T00:00:00Z"}},
        {"alerts": [{**ALERT, "Notification": {**ALERT["Notification"], "ComparisonOperator": "LESS_THAN"}}]},  # type: ignore[dict-item]
    ],
    ids=[
        "tells nobody",
        "filtered",
        "filtered in the newer words",
        "without what was used",
        "of a quarter",
        "of usage",
        "ends",
        "tells of less",
    ],
)
def test_a_budget_that_would_not_see_a_thief_is_left_alone_and_does_not_serve(stage: Stage, budget: Any) -> None:
    make(stage, "theirs", **budget)
    assert [each.name for each in only(stage).changes] == ["sakimori-monthly", "sakimori-daily"]


def test_ours_that_is_half_there_or_wrong_is_completed_and_comes_back_as_it_was(stage: Stage) -> None:
    ours = {**ALERT, "Notification": {**ALERT["Notification"], "Threshold": 80.0}}  # type: ignore[dict-item]
    make(
        stage, "sakimori-monthly", alerts=[ALERT, ours], CostFilters={"Service": ["Amazon Simple Storage Service"]},
        TimePeriod={"Start": "2026-01-01T00:00:00Z", "End": "2026-12-31T00:00:00Z"},
    )  # fmt: skip
    (item,) = holds_and_is_taken_back(stage, STEP).items
    operations = [each.call.operation.partition(":")[2] for each in item.changes]
    assert operations == [
        "UpdateBudget", "CreateNotification", "CreateSubscriber", "CreateSubscriber", "CreateNotification",
        "CreateBudget",
    ]  # fmt: skip
    assert item.target is not None
    kept = item.target["ours"]["MONTHLY"]["alerts"]
    assert kept["ACTUAL GREATER_THAN 90.0 PERCENTAGE"] == ["EMAIL finance@example.com"]
    assert "EMAIL finance@example.com" in kept["ACTUAL GREATER_THAN 80.0 PERCENTAGE"]


def test_no_notification_gets_more_than_ten_addresses_and_who_is_left_out_is_named(stage: Stage) -> None:
    mails = tuple(f"p{number}@example.com" for number in range(12))
    stage = replace(stage, wishes=replace(stage.wishes, emails=mails))
    make(
        stage,
        "sakimori-daily",
        "DAILY",
        alerts=[{**ALERT, "Notification": {**ALERT["Notification"], "Threshold": 100.0}}],
    )  # type: ignore[dict-item]
    plan = stage.plan(STEP)
    stage.apply(plan)
    assert only(stage).standing is Standing.AS_WANTED
    left = next(each for each in plan.items[0].cautions if each.text == "harden_reach.hb07_too_many")
    assert left.values == {"left": ["p10@example.com", "p11@example.com"]}


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(budget_usd=9), Wishes(emails=("a@example.com",))])
def test_without_an_amount_or_an_address_nothing_is_made_and_the_lines_are_shown(stage: Stage, wishes: Wishes) -> None:
    item = only(replace(stage, wishes=wishes))
    assert (item.standing, item.reason) == (Standing.UNSAID, "harden_reach.hb07_lacks")
    assert 'emails = ["' in say(item.reason, "ja")
    assert "budget_usd = " in say(item.reason, "ja")


def test_a_reseller_who_closes_budgets_is_told_from_a_budget_that_is_missing(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="budgets:*"))
    item = only(stage)
    assert (item.standing, item.reason, item.changes) == (Standing.UNSAID, "harden_reach.hb07_closed", ())


def test_other_failures_stay_failures(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="budgets:DescribeNotificationsForBudget"))
    make(stage, "theirs")
    assert only(stage).standing is Standing.UNREADABLE


def test_that_the_mail_comes_late_is_said(stage: Stage) -> None:
    assert "harden_reach.hb07_late" in [each.text for each in only(stage).cautions]


def test_it_can_be_said_as_code(stage: Stage) -> None:
    assert STEP.terraform is not None
    text = rendered(STEP.terraform(None, only(stage).target))  # type: ignore[arg-type]
    assert text.count("notification {") == 4
    assert "include_credit = false" in text
