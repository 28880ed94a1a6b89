"""Whom consumers of a stream let in."""

import json
from collections.abc import Callable
from typing import Any

STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
CONSUMER = f"{STREAM}/consumer/partner:1690000000"


def test_each_consumer_of_each_stream_is_asked_for_its_own_policy(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kinesis:SubscribeToShard"}
    policies = {CONSUMER: json.dumps({"Statement": [{**statement, "Resource": CONSUMER}]}), f"{CONSUMER}2": "{}"}
    door = fake_door(
        kinesis__ListStreams={"StreamSummaries": [{"StreamARN": STREAM, "StreamName": "orders"}]},
        kinesis__ListStreamConsumers={"Consumers": [{"ConsumerARN": each} for each in policies]},
        kinesis__GetResourcePolicy=lambda asked: {"Policy": policies[asked["ResourceARN"]]},
    )
    row = read("aws_kinesis_consumer_policy_statement", door).only
    assert row["consumer_arn"] == CONSUMER
    assert row["external_account_ids"] == "111122223333"
    assert ("kinesis:ListStreamConsumers", "us-east-1", {"StreamARN": STREAM}) in door.asked
