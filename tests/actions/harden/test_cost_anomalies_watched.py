from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.harden.cost_anomalies_watched import STEP
from sakimori.actions.journal import journal_path, read_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Wishes
from sakimori.simulate.faults import Fault, Kind
from sakimori.texts.sentences import say

DEFAULT_THRESHOLD = {
    "And": [
        {"Dimensions": {"Key": key, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [value]}}
        for key, value in (("ANOMALY_TOTAL_IMPACT_PERCENTAGE", "40"), ("ANOMALY_TOTAL_IMPACT_ABSOLUTE", "100"))
    ]
}


def default_monitor(stage: Stage) -> str:
    """As AWS makes it in a newer account."""
    monitor = {
        "MonitorName": "Default-Services-Monitor",
        "MonitorType": "DIMENSIONAL",
        "MonitorDimension": "SERVICE",
    }
    return str(stage.client("ce").create_anomaly_monitor(AnomalyMonitor=monitor)["MonitorArn"])


def subscribe(stage: Stage, monitor: str, name: str, *told: str, **more: Any) -> None:
    subscription = {
        "SubscriptionName": name,
        "MonitorArnList": [monitor],
        "Frequency": "DAILY",
        "Subscribers": [{"Type": "SNS" if each.startswith("arn:") else "EMAIL", "Address": each} for each in told],
        "ThresholdExpression": DEFAULT_THRESHOLD,
        **more,
    }
    stage.client("ce").create_anomaly_subscription(AnomalySubscription=subscription)


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def ours(item: Item) -> Mapping[str, Any]:
    assert item.target is not None
    return item.target["ours"]


def usd(item: Item) -> list[str]:
    return ours(item)["threshold"]["Dimensions"]["Values"]


def test_a_monitor_and_a_daily_mail_are_made_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    (change,) = item.changes
    told = say(change.text, "en", **change.values)
    assert "CreateAnomalySubscription" in told, "the second call is announced, since it needs the id of the first"
    assert "alerts@example.com" in told
    assert change.undo[0].parameters == {"MonitorArn": "(the id that AWS gives)"}


def test_the_monitor_of_a_newer_account_is_adopted_and_its_mail_to_root_is_not_enough(stage: Stage) -> None:
    subscribe(stage, default_monitor(stage), "Default-Services-Subscription", "root@example.com")
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.call.operation for each in item.changes] == ["ce:CreateAnomalySubscription"]
    assert item.before is not None
    assert item.before["others"] == [{"name": "Default-Services-Subscription", "tells": ["EMAIL root@example.com"]}]


@pytest.mark.parametrize(
    ("told", "more"),
    [
        ("boss@example.com", {}),
        ("arn:aws:sns:us-east-1:606060606060:bills", {"Frequency": "IMMEDIATE"}),
    ],
    ids=["a wished address", "a topic"],
)
def test_what_somebody_else_set_up_is_adopted(stage: Stage, told: str, more: Mapping[str, Any]) -> None:
    subscribe(stage, default_monitor(stage), "finance", told, **more)
    assert only(stage).standing is Standing.AS_WANTED


def test_who_declined_the_mails_is_not_told(stage: Stage) -> None:
    subscribers = [{"Type": "EMAIL", "Address": "boss@example.com", "Status": "DECLINED"}]
    subscribe(stage, default_monitor(stage), "finance", Subscribers=subscribers)
    assert only(stage).standing is Standing.TO_MAKE


def test_ours_that_is_wrong_is_corrected_and_comes_back_as_it_was(stage: Stage) -> None:
    subscribe(stage, default_monitor(stage), "sakimori-cost-anomalies", "left@example.com", Frequency="WEEKLY")
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.call.operation for each in item.changes] == ["ce:UpdateAnomalySubscription"]
    assert ours(item)["frequency"] == "DAILY"
    assert ours(item)["tells"] == ["EMAIL alerts@example.com", "EMAIL boss@example.com", "EMAIL left@example.com"]


def test_a_lower_threshold_of_ours_is_kept(stage: Stage) -> None:
    low = {
        "Dimensions": {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": ["2"],
        }
    }
    subscribe(stage, default_monitor(stage), "sakimori-cost-anomalies", "boss@example.com", ThresholdExpression=low)
    assert usd(only(stage)) == ["2"]


@pytest.mark.parametrize(("budget", "least"), [(0.0, "10"), (50.0, "10"), (450.0, "45"), (90000.0, "100")])
def test_it_tells_from_a_tenth_of_the_budget_on_within_bounds(stage: Stage, budget: float, least: str) -> None:
    assert usd(only(replace(stage, wishes=Wishes(emails=("a@example.com",), budget_usd=budget)))) == [least]


def test_more_than_ten_addresses_are_not_asked_for(stage: Stage) -> None:
    stage = replace(stage, wishes=Wishes(emails=tuple(f"p{number}@example.com" for number in range(11))))
    plan = stage.plan(STEP)
    stage.apply(plan)
    assert only(stage).standing is Standing.AS_WANTED
    assert plan.items[0].cautions[1].values == {"left": ["p10@example.com"]}


def test_that_it_is_no_instant_alarm_is_said(stage: Stage) -> None:
    (caution,) = only(stage).cautions
    assert (caution.text, caution.blocks) == ("harden_reach.hb08_late", False)


def test_without_an_address_the_lines_to_write_are_shown(stage: Stage) -> None:
    item = only(replace(stage, wishes=Wishes()))
    assert (item.standing, item.reason) == (Standing.UNSAID, "harden_reach.lacks_emails")
    assert 'emails = ["' in say(item.reason, "ja")


def test_where_a_reseller_closes_cost_explorer_it_is_said_what_to_do_instead(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ce:*"))
    item = only(stage)
    assert (item.standing, item.reason) == (Standing.UNSAID, "harden_reach.hb08_closed")


def test_a_plan_asks_cost_explorer_no_more_than_five_times(stage: Stage) -> None:
    subscribe(stage, default_monitor(stage), "sakimori-cost-anomalies", "left@example.com")
    stage.simulated.forget_calls()
    item = only(stage)
    asked = [each.name for each in stage.simulated.calls if each.name.startswith("ce:")]
    assert item.standing is Standing.TO_MAKE
    assert len(asked) <= 5, asked


def test_an_undo_that_takes_another_ones_subscription_along_asks_for_its_name(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    items = journaled_items(read_journal(journal_path(stage.place, stage.door.account.id, "run")))
    assert stage.hand().loses(items[0]) == ""
    (monitor,) = stage.client("ce").get_anomaly_monitors()["AnomalyMonitors"]
    subscribe(stage, monitor["MonitorArn"], "finance", "cfo@example.com")
    assert stage.hand().loses(items[0]) == "sakimori-services"


def test_a_monitor_of_another_name_survives_an_undo_to_none(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    ce = stage.client("ce")
    (ours,) = ce.get_anomaly_monitors()["AnomalyMonitors"]
    ce.delete_anomaly_monitor(MonitorArn=ours["MonitorArn"])
    default_monitor(stage)
    stage.undo()
    assert [each["MonitorName"] for each in ce.get_anomaly_monitors()["AnomalyMonitors"]] == [
        "Default-Services-Monitor"
    ]


def test_it_can_be_said_as_code(stage: Stage) -> None:
    assert STEP.terraform is not None
    text = rendered(STEP.terraform(None, only(stage).target))  # type: ignore[arg-type]
    assert "monitor_arn_list = [aws_ce_anomaly_monitor.sakimori-services.arn]" in text


def test_code_does_not_make_a_second_monitor_beside_the_adopted_one(stage: Stage) -> None:
    arn = default_monitor(stage)
    assert STEP.terraform is not None
    site = Site(door=stage.door, region="global", wishes=stage.wishes)
    text = rendered(STEP.terraform(site, only(stage).target))  # type: ignore[arg-type]
    assert "aws_ce_anomaly_monitor" not in text
    assert f'monitor_arn_list = ["{arn}"]' in text
