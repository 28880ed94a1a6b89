import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.alerts.alarm_events import ALARM_RULES
from sakimori.actions.alerts.event_rules import EventRule
from sakimori.actions.applying import journaled_items
from sakimori.actions.harden import alert_topic_set
from sakimori.actions.harden.alarm_events_watched import STEP
from sakimori.actions.journal import journal_path, read_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Wishes
from sakimori.collect.events.pattern import Place, parse, watched_by
from sakimori.simulate.faults import Fault, Kind

ACCOUNT = "606060606060"
GLOBAL = "us-east-1"
RULES = {each.rule.name: each for each in ALARM_RULES}
every_rule = pytest.mark.parametrize("rule", [each.rule for each in ALARM_RULES], ids=list(RULES))


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def make_rule(
    stage: Stage, name: str, pattern: object, *targets: str, region: str = HOME, state: str = "ENABLED"
) -> None:
    events = stage.client("events", region)
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), State=state)
    if targets:
        events.put_targets(Rule=name, Targets=[{"Id": str(number), "Arn": arn} for number, arn in enumerate(targets)])


def topic_of_theirs(stage: Stage, *, is_confirmed: bool = True) -> str:
    sns = stage.client("sns")
    arn = str(sns.create_topic(Name="security-team")["TopicArn"])
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="soc@example.com")
    for token in list(stage.simulated.state.confirmation_tokens) if is_confirmed else ():
        sns.confirm_subscription(TopicArn=arn, Token=token)
    return arn


def made(item: Item) -> set[tuple[str, str]]:
    return {
        (each.call.region, str(each.values["name"])) for each in item.changes if each.call.operation == "events:PutRule"
    }


# -- what is made ------------------------------------------------------------


def test_few_rules_are_made_in_both_regions_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    home = {name for name, each in RULES.items() if not each.is_global}
    assert made(item) == {(HOME, name) for name in home} | {(GLOBAL, name) for name in RULES}
    assert len(RULES) < 10


def test_what_is_half_there_or_wrong_is_put_right_and_comes_back_as_it_was(stage: Stage) -> None:
    make_rule(stage, "sakimori-root-use", {"source": ["aws.iam"]}, state="DISABLED")
    make_rule(
        stage,
        "sakimori-key-changes",
        RULES["sakimori-key-changes"].rule.pattern,
        "arn:aws:lambda:ap-northeast-1:606060606060:function:slack",
    )
    (item,) = holds_and_is_taken_back(stage, STEP).items
    calls = [each.call for each in item.changes if each.name.endswith(f"{HOME} sakimori-root-use")]
    assert [each.operation for each in calls] == ["events:PutRule", "events:PutTargets"]
    assert "Tags" not in calls[0].parameters
    assert item.target is not None
    assert item.target["regions"][HOME]["ours"]["sakimori-key-changes"]["others"] == ["0"]


def test_a_stricter_state_stays(stage: Stage) -> None:
    state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    make_rule(stage, "sakimori-root-use", {"source": ["aws.iam"]}, state=state)
    item = only(stage)
    assert item.target is not None
    assert item.target["regions"][HOME]["ours"]["sakimori-root-use"]["state"] == state


# -- what others have ----------------------------------------------------------


def test_a_rule_of_others_that_takes_as_much_and_is_heard_is_adopted(stage: Stage) -> None:
    theirs = {"source": ["aws.kms"]}
    make_rule(stage, "soc-keys", theirs, topic_of_theirs(stage))
    item = only(stage)
    assert (HOME, "sakimori-key-changes") not in made(item)
    assert (GLOBAL, "sakimori-key-changes") in made(item)
    assert item.before is not None
    assert item.before["regions"][HOME]["served"]["sakimori-key-changes"] == ["soc-keys"]


def test_rules_of_others_serve_together(stage: Stage) -> None:
    topic = topic_of_theirs(stage)
    names = RULES["sakimori-key-changes"].rule.pattern["detail"]["eventName"]
    for name in names:
        make_rule(stage, f"soc-{name}", {"source": ["aws.kms"], "detail": {"eventName": [name]}}, topic)
    assert (HOME, "sakimori-key-changes") not in made(only(stage))


@pytest.mark.parametrize("lacking", ["a target", "a person", "being on", "an event", "what it says"])
def test_a_rule_of_others_that_would_not_tell_of_all_of_it_does_not_serve(stage: Stage, lacking: str) -> None:
    pattern: dict[str, Any] = {"source": ["aws.kms"]}
    if lacking == "an event":
        pattern["detail"] = {"eventName": ["DisableKey"]}
    if lacking == "what it says":
        pattern["detail"] = {"userAgent": ["console.amazonaws.com"]}
    topic = topic_of_theirs(stage, is_confirmed=lacking != "a person")
    state = "DISABLED" if lacking == "being on" else "ENABLED"
    make_rule(stage, "soc-keys", pattern, *([] if lacking == "a target" else [topic]), state=state)
    assert (HOME, "sakimori-key-changes") in made(only(stage))


def test_what_a_function_does_with_it_cannot_be_seen_and_is_believed(stage: Stage) -> None:
    make_rule(stage, "to-slack", {"source": ["aws.kms"]}, "arn:aws:lambda:ap-northeast-1:606060606060:function:slack")
    assert (HOME, "sakimori-key-changes") not in made(only(stage))


def test_an_undo_that_takes_somebodys_target_along_asks_for_the_name(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    items = journaled_items(read_journal(journal_path(stage.place, ACCOUNT, "run")))
    assert stage.hand().loses(items[0]) == ""
    added = {"Id": "slack", "Arn": "arn:aws:lambda:ap-northeast-1:606060606060:function:slack"}
    stage.client("events").put_targets(Rule="sakimori-root-use", Targets=[added])
    assert stage.hand().loses(items[0]) == "sakimori-root-use"
    stage.undo()
    assert stage.client("events").list_rules()["Rules"] == []


# -- what they see -----------------------------------------------------------------


def test_the_rules_see_what_the_posture_rules_on_alarms_ask_for_but_counts_and_reads() -> None:
    place = Place(account_id=ACCOUNT, region=GLOBAL)
    found = [watched_by(json.dumps(each.rule.pattern), place, with_reads=False) for each in ALARM_RULES]
    seen = {name for each in found for name, sees in each.items() if sees}
    assert found[0].keys() - seen == {"root-use", "unauthorized-calls", "console-sign-in-failures"}
    reading = [watched_by(json.dumps(each.rule.pattern), place, with_reads=True) for each in ALARM_RULES]
    assert any(each["root-use"] for each in reading)


@every_rule
def test_a_rule_takes_its_own_samples_and_fits_into_aws(rule: EventRule) -> None:
    judge = parse(json.dumps(rule.pattern))
    assert rule.samples
    assert all(judge(sample, False) and judge(sample, True) for sample in rule.samples)
    assert len(json.dumps(rule.pattern)) <= 4096


@every_rule
def test_the_mail_is_quoted_line_by_line_and_fills_every_place(rule: EventRule, stage: Stage) -> None:
    lines = rule_target(stage, rule.name)["InputTransformer"]["InputTemplate"].split("\n")
    told = [json.loads(line) for line in lines]
    assert len(told) == 4
    assert [bool(re.search("[\u3040-\u30ff]", line)) for line in told] == [True, True, False, False]
    assert all("<" not in line or all(f"<{name}>" in line for name in rule.paths) for line in told)


def rule_target(stage: Stage, name: str) -> Mapping[str, Any]:
    item = only(stage)
    assert item.target is not None
    return item.target["regions"][GLOBAL]["ours"][name]["target"]


# -- what a person must know before -----------------------------------------------------


def test_without_a_topic_and_a_trail_it_is_said_that_nothing_will_come(stage: Stage) -> None:
    assert [(each.text, each.blocks) for each in only(stage).cautions] == [
        ("harden_reach.hb27_limits", False), ("harden_reach.no_topic_yet", False), ("harden_reach.hb27_no_trail", False)
    ]  # fmt: skip
    assert only(stage).cautions[1].values == {"regions": list(REGIONS)}


def test_with_both_only_the_limits_are_left_to_say(stage: Stage) -> None:
    stage.apply(stage.plan(alert_topic_set.STEP), "topics")
    stage.client("s3").create_bucket(Bucket="trail-logs", CreateBucketConfiguration={"LocationConstraint": HOME})
    trails = stage.client("cloudtrail")
    trails.create_trail(Name="theirs", S3BucketName="trail-logs", IsMultiRegionTrail=True)
    trails.start_logging(Name="theirs")
    assert [each.text for each in only(stage).cautions] == ["harden_reach.hb27_limits"]


def test_where_trails_may_not_be_read_that_is_said(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="cloudtrail:DescribeTrails"))
    assert only(stage).cautions[-1].values["call"] == "cloudtrail:DescribeTrails"


def test_rules_that_would_tell_nobody_are_not_made(stage: Stage) -> None:
    silent = replace(stage, wishes=Wishes())
    assert (only(silent).standing, only(silent).reason) == (Standing.UNSAID, "harden_reach.lacks_emails")
    stage.apply(stage.plan(alert_topic_set.STEP), "topics")
    assert only(silent).standing is Standing.TO_MAKE


def test_it_can_be_said_as_code(stage: Stage) -> None:
    assert STEP.terraform is not None
    text = rendered(STEP.terraform(None, only(stage).target))  # type: ignore[arg-type]
    assert text.count('resource "aws_cloudwatch_event_rule"') == text.count("input_transformer {") == 16
