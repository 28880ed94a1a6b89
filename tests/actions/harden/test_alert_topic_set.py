import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.harden.alert_topic_set import STEP
from sakimori.actions.journal import journal_path, read_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.actions.wishes import Wishes
from sakimori.simulate.faults import Fault, Kind

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


def policy(stage: Stage) -> Any:
    return json.loads(stage.client("sns").get_topic_attributes(TopicArn=arn())["Attributes"]["Policy"])


def waiting(item: Item) -> list[str]:
    return [mail for each in item.cautions if each.text == "harden_reach.hb28_waiting" for mail in each.values["to"]]


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
    assert waiting(item) == ["alerts@example.com", "boss@example.com"]
    confirm_all(stage)
    assert waiting(only(stage)) == []


def test_a_click_on_the_link_or_another_hearer_leaves_a_plan_as_it_is(stage: Stage) -> None:
    make_topic(stage, "boss@example.com")
    plan = stage.plan(STEP)
    confirm_all(stage)
    stage.client("sns").subscribe(TopicArn=arn(), Protocol="https", Endpoint="https://example.com/hook?token=secret")
    stage.apply(plan)
    assert only(stage).standing is Standing.AS_WANTED


def test_a_policy_that_lets_all_services_in_may_change_while_a_plan_is_read(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    stage = replace(stage, wishes=replace(stage.wishes, emails=("new@example.com",)))
    plan = stage.plan(STEP)
    there = policy(stage)
    there["Statement"][0]["Sid"] = "renamed"
    stage.client("sns").set_topic_attributes(TopicArn=arn(), AttributeName="Policy", AttributeValue=json.dumps(there))
    stage.apply(plan, "again")
    assert "new@example.com" in topic(only(stage))["mails"]


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
    assert topic(only(stage))["mails"] == ["Boss@example.com", "alerts@example.com", "old@example.com"]
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
    assert topic(only(stage))["mails"] == ["alerts@example.com", "boss@example.com"]


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
    assert [each["Sid"] for each in policy(stage)["Statement"]] == ["team", "SakimoriPublishers", "SakimoriEvents"]
    stage.undo()
    assert policy(stage) == theirs


def test_nobody_of_another_account_may_publish_but_eventbridge_for_which_no_condition_can_say_so(stage: Stage) -> None:
    for change in only(stage).changes:
        if change.call.operation == "sns:CreateTopic":
            made = json.loads(change.call.parameters["Attributes"]["Policy"])
            free = [each["Principal"] for each in made["Statement"] if ACCOUNT not in json.dumps(each.get("Condition"))]
            assert free == [{"Service": "events.amazonaws.com"}]


def test_a_topic_that_lets_eventbridge_in_by_a_condition_is_corrected(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    there = policy(stage)
    for each in there["Statement"]:
        each["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    stage.client("sns").set_topic_attributes(TopicArn=arn(), AttributeName="Policy", AttributeValue=json.dumps(there))
    assert [each.name for each in only(stage).changes] == [f"policy {HOME}"]
    stage.apply(stage.plan(STEP), "again")
    assert topic(only(stage))["publishers"] == SERVICES


def test_everybody_is_told_of_the_link_to_click_before(stage: Stage) -> None:
    (caution,) = only(stage).cautions
    assert (caution.text, caution.values) == ("harden_reach.hb28_confirm", {"regions": list(REGIONS)})


def test_who_still_has_to_click_is_named(stage: Stage) -> None:
    make_topic(stage, "boss@example.com")
    assert waiting(only(stage)) == ["boss@example.com"]


def test_a_topic_whose_key_keeps_alarms_out_is_named_also_where_nothing_is_to_be_made(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    kms = stage.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    stage.client("sns").set_topic_attributes(TopicArn=arn(), AttributeName="KmsMasterKeyId", AttributeValue=key)
    item = only(stage)
    assert item.standing is Standing.AS_WANTED
    (told,) = [each.values for each in item.cautions if each.text == "harden_reach.hb28_key"]
    assert told == {"region": HOME, "key": key, "services": SERVICES}
    let = {"Effect": "Allow", "Principal": {"Service": SERVICES[1:]}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}  # fmt: skip
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": [let]}))  # fmt: skip
    (told,) = [each.values for each in only(stage).cautions if each.text == "harden_reach.hb28_key"]
    assert told["services"] == SERVICES[:1]
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="kms:GetKeyPolicy"))
    assert [each.values["call"] for each in only(stage).cautions if each.text == "harden.not_looked_at"] == [
        "kms:GetKeyPolicy"
    ]


def test_the_key_of_aws_lets_no_service_in(stage: Stage) -> None:
    make_topic(stage, KmsMasterKeyId="alias/aws/sns")
    (told,) = [each.values for each in only(stage).cautions if each.text == "harden_reach.hb28_key"]
    assert told["services"] == SERVICES


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
    text = rendered(STEP.terraform(Site(door=stage.door, region="global"), only(stage).target))  # type: ignore[arg-type]
    assert text.count('resource "aws_sns_topic" ') == 2
    assert text.count("region = ") == 6
