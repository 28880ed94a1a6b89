"""Who is told, and whether they agreed."""

from collections.abc import Callable
from typing import Any

TOPIC = "arn:aws:sns:us-east-1:123456789012:t"


def test_pending_subscriptions_of_one_topic_stay_apart_and_addresses_stay_out(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    common = {"TopicArn": TOPIC, "Protocol": "email", "Owner": "123456789012"}
    found = [
        {**common, "Endpoint": "a@example.com", "SubscriptionArn": "PendingConfirmation"},
        {**common, "Endpoint": "b@example.com", "SubscriptionArn": "Deleted"},
        {**common, "Endpoint": "c@example.com", "SubscriptionArn": f"{TOPIC}:1"},
    ]
    rows = read("aws_sns_subscription", fake_door(sns__ListSubscriptions={"Subscriptions": found})).rows
    assert sorted(row["is_confirmed"] for row in rows.values()) == [False, False, True]
    assert "example.com" not in str(rows)


def test_only_what_waits_is_pending(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    common = {"TopicArn": TOPIC, "Protocol": "email"}
    found = [
        {**common, "Endpoint": str(number), "SubscriptionArn": arn}
        for number, arn in enumerate(("PendingConfirmation", "Deleted", f"{TOPIC}:1"))
    ]
    rows = read("aws_sns_subscription", fake_door(sns__ListSubscriptions={"Subscriptions": found})).rows
    assert sorted((row["is_confirmed"], row["is_pending"]) for row in rows.values()) == [
        (False, False),
        (False, True),
        (True, False),
    ]
