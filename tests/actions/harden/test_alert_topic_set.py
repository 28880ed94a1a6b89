import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.harden.alert_topic_set import STEP
from sakimori.actions.journal import journal_path, read_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Wishes

ACCOUNT = "606060606060"
SERVICES = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com"]


def arn(region: str = HOME) -> str:
    return f"arn:aws:sns:{region}:{ACCOUNT}:sakimori-alerts"


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def topic(item: Item, region: str = HOME) -> Mapping[str, Any]:
    assert item.before is not None
    return item.before["topics"][region]


def confirm_all(stage: Stage) -> None:
    for token, subscription in list(stage.simulated.state.confirmation_tokens.items()):
        _, _, _, region, *_ = subscription.split(":")
        stage.client("sns", region).confirm_subscription(TopicArn=arn(region), Token=token)


def make_topic(stage: Stage, *mails: str, region: str = HOME, **attributes: str) -> None:
    sns = stage.client("sns", region)
    sns.create_topic(Name="sakimori-alerts", Attributes=attributes)
    for mail in mails:
        sns.subscribe(TopicArn=arn(region), Protocol="email", Endpoint=mail)


def test_a_topic_at_home_and_one_for_global_services_are_made_and_deleted_again(stage: Stage) -> None:
    (item,) = holds_and_is_taken_back(stage, STEP).items
    assert [each.call.operation for each in item.changes] == 2 * ["sns:CreateTopic", "sns:Subscribe", "sns:Subscribe"]
    assert {each.call.region for each in item.changes} == set(REGIONS)


def test_where_home_is_the_global_region_there_is_one_topic(stage: Stage) -> None:
    stage = replace(stage, wishes=replace(stage.wishes, home_region="us-east-1"))
    assert [each.name for each in only(stage).changes if each.name.startswith("topic")] == ["topic us-east-1"]


def test_who_was_asked_is_shown_as_asked_and_is_not_asked_again(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    item = only(stage)
    assert item.standing is Standing.AS_WANTED
    assert topic(item)["mails"] == {"alerts@example.com": "asked", "boss@example.com": "asked"}
    confirm_all(stage)
    assert set(topic(only(stage))["mails"].values()) == {"confirmed"}


def test_a_confirmation_between_making_and_undoing_does_not_disturb(stage: Stage) -> None:
    before = stage.rows()
    stage.apply(stage.plan(STEP))
    confirm_all(stage)
    stage.undo()
    assert stage.rows() == before


def test_a_half_made_topic_is_completed_and_its_own_people_stay(stage: Stage) -> None:
    make_topic(stage, "Boss@example.com", "old@example.com")
    confirm_all(stage)
    before = stage.rows()
    plan = stage.plan(STEP)
    names = [each.name for each in plan.items[0].changes if each.name.partition(" ")[2].startswith(HOME)]
    assert names == [f"policy {HOME}", f"ask {HOME} alerts@example.com"]
    stage.apply(plan)
    confirm_all(stage)
    assert only(stage).standing is Standing.AS_WANTED
    assert sorted(topic(only(stage))["mails"]) == ["Boss@example.com", "alerts@example.com", "old@example.com"]
    stage.undo()
    assert stage.rows() == before


def test_what_waits_for_an_answer_cannot_be_called_back_and_the_undo_says_done(stage: Stage) -> None:
    make_topic(stage)
    before = stage.rows()
    plan = stage.plan(STEP)
    assert all(
        each.lasting == "harden_reach.hb28_lapses" for each in plan.items[0].changes if each.name.startswith("ask")
    )
    stage.apply(plan)
    stage.undo()
    left = {(table, key.partition("/")[0]) for table, key, _ in (stage.rows() - before)}
    assert left == {("aws_sns_subscription", arn())}
    assert topic(only(stage))["mails"] == {"alerts@example.com": "asked", "boss@example.com": "asked"}


def test_a_policy_of_somebody_else_is_completed_and_comes_back_as_it_was(stage: Stage) -> None:
    theirs = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "team", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sns:*", "Resource": arn()},
            {"Sid": "SakimoriPublishers", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn()},
        ],
    }  # fmt: skip
    make_topic(stage, Policy=json.dumps(theirs))
    assert topic(only(stage))["publishers"] == ["events.amazonaws.com"]
    stage.apply(stage.plan(STEP))
    now = topic(only(stage))
    assert now["publishers"] == SERVICES
    assert [each["Sid"] for each in now["policy"]["Statement"]] == ["team", "SakimoriPublishers"]
    stage.undo()
    assert topic(only(stage))["policy"] == theirs


def test_nobody_of_another_account_may_publish(stage: Stage) -> None:
    for change in only(stage).changes:
        if change.call.operation == "sns:CreateTopic":
            policy = json.loads(change.call.parameters["Attributes"]["Policy"])
            assert all(ACCOUNT in json.dumps(each["Condition"]) for each in policy["Statement"])


def test_everybody_is_told_of_the_link_to_click_before(stage: Stage) -> None:
    (caution,) = only(stage).cautions
    assert (caution.text, caution.values) == ("harden_reach.hb28_confirm", {"regions": list(REGIONS)})


def test_who_still_has_to_click_is_named(stage: Stage) -> None:
    make_topic(stage, "boss@example.com")
    assert [each.values for each in only(stage).cautions if each.text == "harden_reach.hb28_waiting"] == [
        {"to": ["boss@example.com"]}
    ]


def test_an_encrypted_topic_is_named_because_its_key_may_keep_alarms_out(stage: Stage) -> None:
    make_topic(stage, KmsMasterKeyId="alias/aws/sns")
    (caution,) = [each for each in only(stage).cautions if each.text == "harden_reach.hb28_key"]
    assert caution.values == {"region": HOME, "key": "alias/aws/sns"}


def test_an_undo_that_takes_a_topic_from_somebody_else_asks_for_its_name(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    items = journaled_items(read_journal(journal_path(stage.place, ACCOUNT, "run")))
    assert stage.hand().loses(items[0]) == ""
    stage.client("sns").subscribe(TopicArn=arn(), Protocol="https", Endpoint="https://example.com/hook?token=secret")
    assert stage.hand().loses(items[0]) == "sakimori-alerts"
    assert "secret" not in json.dumps(only(stage).before)


def test_without_an_address_the_lines_to_write_are_shown(stage: Stage) -> None:
    stage = replace(stage, wishes=Wishes())
    item = only(stage)
    assert (item.standing, item.reason) == (Standing.UNSAID, "harden_reach.lacks_emails")


def test_it_can_be_said_as_code(stage: Stage) -> None:
    assert STEP.terraform is not None
    text = rendered(STEP.terraform(None, only(stage).target))  # type: ignore[arg-type]
    assert text.count('resource "aws_sns_topic" ') == 2
    assert text.count("region = ") == 6
