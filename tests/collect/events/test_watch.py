"""Whether EventBridge tells a person: rule, target and subscription."""

import json
from collections.abc import Callable
from typing import Any

import pytest

TOPIC = "arn:aws:sns:us-east-1:123456789012:security"
CONFIRMED = {"TopicArn": TOPIC, "SubscriptionArn": f"{TOPIC}:1"}
PATTERN = json.dumps({"source": ["aws.kms"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}})
RULE = {"Name": "kms", "State": "ENABLED", "EventPattern": PATTERN}

Make = Callable[..., Any]


@pytest.fixture
def told(fake_door: Make, read: Make) -> Callable[..., Any]:
    def ask(
        *rules: dict[str, Any],
        targets: tuple[str, ...] = (TOPIC,),
        subscriptions: tuple[dict[str, str], ...] = (CONFIRMED,),
        region: str = "us-east-1",
    ) -> dict[str, Any]:
        door = fake_door(
            events__ListRules={"Rules": list(rules)},
            events__ListTargetsByRule={"Targets": [{"Arn": target} for target in targets]},
            sns__ListSubscriptions={"Subscriptions": list(subscriptions)},
        )
        return {row["watched"]: row for row in read("aws_events_watch", door, region).rows.values()}

    return ask


def test_a_rule_that_calls_a_topic_with_a_confirmed_subscription_tells(told: Make) -> None:
    row = told(RULE)["kms-key-deletion"]
    assert (row["rules"], row["is_told"]) == ("kms", True)


@pytest.mark.parametrize(
    ("rule", "more", "expected"),
    [
        ({**RULE, "State": "DISABLED"}, {}, False),
        ({"Name": "nightly", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}, {}, False),
        (RULE, {"targets": ()}, False),
        (RULE, {"subscriptions": ()}, False),
        (RULE, {"subscriptions": ({"TopicArn": TOPIC, "SubscriptionArn": "PendingConfirmation"},)}, False),
        (RULE, {"subscriptions": ({"TopicArn": f"{TOPIC}2", "SubscriptionArn": f"{TOPIC}2:1"},)}, False),
        # Whom these tell cannot be seen from here.
        (RULE, {"targets": ("arn:aws:lambda:us-east-1:123456789012:function:to-chat",)}, None),
        (RULE, {"targets": ("arn:aws:events:ap-northeast-1:123456789012:event-bus/default",)}, None),
        (RULE, {"targets": ("arn:aws:sns:us-east-1:999999999999:security",)}, None),
        ({**RULE, "EventPattern": '{"source": "not a list"}'}, {}, None),
    ],
)
def test_nobody_is_told_where_a_link_is_missing(
    told: Make, rule: dict[str, Any], more: dict[str, Any], expected: bool | None
) -> None:
    assert told(rule, **more)["kms-key-deletion"]["is_told"] is expected


def test_one_rule_that_tells_is_enough(told: Make) -> None:
    other = {**RULE, "Name": "odd", "EventPattern": '{"detail": {"eventName": [{"sounds-like": "Key"}]}}'}
    assert told(other, RULE)["kms-key-deletion"]["is_told"] is True


def test_what_happens_only_in_the_global_region_is_asked_of_that_region_alone(told: Make) -> None:
    assert "iam-policy-changes" in told()
    assert "iam-policy-changes" not in told(region="ap-northeast-1")
    assert "kms-key-deletion" in told(region="ap-northeast-1")


@pytest.mark.parametrize("answer", [{}, {"Rules": [{"Name": "x"}]}, {"Rules": [{"EventPattern": PATTERN}]}])
def test_an_answer_of_another_form_is_a_gap(fake_door: Make, read: Make, answer: dict[str, Any]) -> None:
    found = read("aws_events_watch", fake_door(events__ListRules=answer))
    assert bool(found.rows) == bool(not found.unit.gaps)
