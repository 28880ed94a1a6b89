"""Whose policy lets alarms and EventBridge rules publish."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.sns.publisher import is_topic, topic_is_own

OWN = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{OWN}:t"
ALARMS = {"Service": "cloudwatch.amazonaws.com"}
EVENTS = {"Service": ["events.amazonaws.com"]}
BORN_WITH = {"StringEquals": {"AWS:SourceOwner": OWN}}


def statement(principal: Any, condition: Any = None, *, effect: str = "Allow", action: str = "sns:Publish") -> Any:
    made = {"Effect": effect, "Principal": principal, "Action": action, "Resource": TOPIC}
    return {**made, "Condition": condition} if condition else made


def row(fake_door: Callable[..., Any], read: Callable[..., Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    door = fake_door(
        sns__ListTopics={"Topics": [{"TopicArn": TOPIC}]}, sns__GetTopicAttributes={"Attributes": attributes}
    )
    found: dict[str, Any] = read("aws_sns_topic", door).only
    return found


@pytest.mark.parametrize(
    ("statements", "alarms", "events"),
    [
        ([statement({"AWS": "*"}, BORN_WITH)], True, False),
        ([statement("*")], True, True),
        ([statement(ALARMS)], True, False),
        ([statement(EVENTS)], False, True),
        ([statement(EVENTS, {"StringEquals": {"aws:SourceAccount": OWN}})], False, None),
        ([statement("*", {"StringEquals": {"aws:SourceAccount": OWN}})], True, None),
        ([statement(EVENTS, {"Bool": {"aws:SecureTransport": "true"}})], False, None),
        ([statement(EVENTS, {"StringEquals": {"aws:SourceAccount": "111122223333"}})], False, False),
        ([statement(ALARMS, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:*:{OWN}:alarm:*"}})], True, False),
        ([statement(ALARMS, {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{OWN}:alarm:one"}})], None, False),
        ([statement(EVENTS, {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{OWN}:rule/one"}})], False, None),
        ([statement({"AWS": "111122223333"})], False, False),
        ([statement(ALARMS, action="sns:Subscribe")], False, False),
        ([statement(ALARMS), statement("*", effect="Deny")], False, False),
        ([statement(EVENTS), statement("*", {"Bool": {"aws:SecureTransport": "false"}}, effect="Deny")], False, True),
        ([statement(EVENTS), statement("*", {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, effect="Deny")], False, None),
        ([], False, False),
    ],
)  # fmt: skip
def test_a_policy_admits_alarms_and_events_each_for_itself(
    fake_door: Callable[..., Any], read: Callable[..., Any], statements: Any, alarms: bool | None, events: bool | None
) -> None:
    found = row(fake_door, read, {"Policy": json.dumps({"Version": "2012-10-17", "Statement": statements})})
    assert (found["admits_alarms"], found["admits_events"]) == (alarms, events)


@pytest.mark.parametrize("attributes", [{"DisplayName": "t"}, {"Policy": "{"}, {"Policy": "{}"}])
def test_a_policy_that_is_not_there_or_not_understood_admits_nobody_knows_whom(
    fake_door: Callable[..., Any], read: Callable[..., Any], attributes: Any
) -> None:
    found = row(fake_door, read, attributes)
    assert (found["admits_alarms"], found["admits_events"]) == (None, None)


@pytest.mark.parametrize(
    ("key", "is_default"),
    [("", False), ("alias/aws/sns", True), (f"arn:aws:kms:us-east-1:{OWN}:alias/aws/sns", True), ("alias/own", False)],
)
def test_the_key_of_aws_is_known_by_its_alias(
    fake_door: Callable[..., Any], read: Callable[..., Any], key: str, is_default: bool
) -> None:
    assert row(fake_door, read, {"KmsMasterKeyId": key, "DisplayName": ""})["names_default_key"] is is_default


def test_another_accounts_topic_cannot_be_seen_from_here() -> None:
    assert topic_is_own(TOPIC, OWN) is True
    assert topic_is_own("arn:aws:sns:us-east-1:111122223333:t", OWN) is None
    assert topic_is_own("arn:aws:automate:us-east-1:ec2:stop", OWN) is False


@pytest.mark.slow
@given(st.text(max_size=40))
def test_any_text_is_a_topic_or_none(text: str) -> None:
    assert topic_is_own(text, OWN) in ({True, None} if is_topic(text) else {False})
