import json
from dataclasses import replace

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.health_events_told import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.wishes import Wishes
from sakimori.collect.events.pattern import parse

FUNCTION = "arn:aws:lambda:ap-northeast-1:606060606060:function:slack"


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def make_rule(stage: Stage, name: str, pattern: object, region: str = HOME) -> None:
    events = stage.client("events", region)
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": FUNCTION}])


def regions_made(stage: Stage) -> set[str]:
    return {each.call.region for each in only(stage).changes}


def test_a_rule_in_each_region_of_the_topic_is_made_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [(each.call.operation, each.call.region) for each in item.changes] == [
        (operation, region) for region in REGIONS for operation in ("events:PutRule", "events:PutTargets")
    ]


def test_a_rule_that_lost_its_target_gets_it_back(stage: Stage) -> None:
    stage.apply(stage.plan(STEP), "before")
    stage.client("events").remove_targets(Rule="sakimori-health", Ids=["sakimori-alerts"])
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.call.operation for each in item.changes] == ["events:PutTargets"]


def test_a_rule_of_others_for_all_of_health_is_adopted(stage: Stage) -> None:
    make_rule(stage, "health-to-slack", {"source": ["aws.health"]})
    assert regions_made(stage) == {"us-east-1"}
    make_rule(stage, "health-to-slack", {"source": ["aws.health"]}, "us-east-1")
    assert only(stage).standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    "more", [{"detail-type": ["AWS Health Event"]}, {"detail": {"service": ["EC2"]}}], ids=["no abuse", "one service"]
)
def test_a_rule_of_others_that_leaves_out_abuse_or_other_services_does_not_serve(
    stage: Stage, more: dict[str, object]
) -> None:
    make_rule(stage, "health-to-slack", {"source": ["aws.health"], **more})
    assert regions_made(stage) == set(REGIONS)


@pytest.mark.parametrize(("scope", "is_told"), [("ACCOUNT_SPECIFIC", True), (None, True), ("PUBLIC", False)])
def test_events_of_the_account_are_told_and_public_ones_are_not(stage: Stage, scope: str, is_told: bool) -> None:
    judge = parse(only(stage).changes[0].call.parameters["EventPattern"])
    event = {"source": "aws.health", "detail-type": "AWS Health Abuse Event", "detail.eventScopeCode": scope}
    assert judge(event, False) is judge(event, True) is is_told


def test_which_regions_are_told_of_is_said(stage: Stage) -> None:
    assert [each.text for each in only(stage).cautions] == ["harden_reach.hb03_limits", "harden_reach.no_topic_yet"]
    assert only(stage).cautions[0].values == {"regions": list(REGIONS)}


def test_without_an_address_nothing_is_made(stage: Stage) -> None:
    assert only(replace(stage, wishes=Wishes())).reason == "harden_reach.lacks_emails"
