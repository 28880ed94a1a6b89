from dataclasses import replace

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.log_group_kept import STEP
from sakimori.actions.plan import Item, Standing

NAME = "/aws/lambda/shop"
ARN = f"arn:aws:logs:{HOME}:606060606060:log-group:{NAME}"


def make_group(stage: Stage, days: int, name: str = NAME, **more: str) -> None:
    logs = stage.client("logs")
    logs.create_log_group(logGroupName=name, **more)
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def item_of(stage: Stage, arn: str = ARN) -> Item:
    (item,) = stage.plan(STEP, (HOME, arn)).items
    return item


@pytest.mark.parametrize(("keep_days", "days"), [(90, 365), (400, 400), (401, 545), (3653, 3653)])
def test_events_are_kept_as_long_as_the_owner_says_but_at_least_a_year(stage: Stage, keep_days: int, days: int) -> None:
    make_group(stage, 7)
    make_group(stage, 3, f"{NAME}-2")
    place = replace(stage, wishes=replace(stage.wishes, keep_days=keep_days))
    plan = holds_and_is_taken_back(place, STEP, (HOME, ARN))
    (change,) = plan.items[0].changes
    assert change.call.parameters == {"logGroupName": NAME, "retentionInDays": days}


def test_a_wish_longer_than_any_time_that_aws_knows_keeps_events_for_ever(stage: Stage) -> None:
    make_group(stage, 7)
    place = replace(stage, wishes=replace(stage.wishes, keep_days=5000))
    holds_and_is_taken_back(place, STEP, (HOME, ARN))


@pytest.mark.parametrize("days", [0, 365, 731])
def test_events_that_are_kept_long_enough_are_left_alone(stage: Stage, days: int) -> None:
    make_group(stage, days)
    assert item_of(stage).standing is Standing.AS_WANTED
    assert item_of(stage, f"{ARN}-of-yesterday").standing is Standing.AS_WANTED


def test_an_undo_that_lets_events_be_deleted_asks_for_the_name_of_the_group(stage: Stage) -> None:
    make_group(stage, 7)
    plan = stage.plan(STEP, (HOME, ARN))
    assert stage.hand().loses(plan.items[0]) == ""
    stage.apply(plan)
    assert stage.hand().loses(plan.items[0]) == NAME


def test_groups_of_the_delivery_class_and_of_control_tower_are_left_to_aws(stage: Stage) -> None:
    make_group(stage, 1, logGroupClass="DELIVERY")
    assert [each.text for each in item_of(stage).cautions if each.blocks] == ["fix_data.log_group_kept_delivery"]
    tower = item_of(stage, f"arn:aws:logs:{HOME}:606060606060:log-group:aws-controltower/CloudTrailLogs")
    assert (tower.standing, tower.reason) == (Standing.ADOPTED, "AWS Control Tower")


def test_it_is_said_that_more_is_stored(stage: Stage) -> None:
    make_group(stage, 7)
    (caution,) = item_of(stage).cautions
    assert (caution.text, caution.values) == ("fix_data.log_group_kept_cost", {"group": NAME, "gb": 0.0, "days": 7})


def test_a_group_whose_name_only_begins_alike_is_another_one(stage: Stage) -> None:
    make_group(stage, 7)
    assert item_of(stage, ARN[:-1]).standing is Standing.AS_WANTED
