"""Whom streams of tables let in."""

import json
from collections.abc import Callable
from typing import Any

STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-02-12T18:57:26.492"


def test_each_stream_is_asked_for_its_own_policy(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetRecords", "Resource": STREAM}
    answers = {
        STREAM: {"Policy": json.dumps({"Statement": [statement]})},
        f"{STREAM}0": refusal("PolicyNotFoundException"),
    }
    door = fake_door(
        dynamodbstreams__ListStreams={"Streams": [{"StreamArn": each} for each in answers]},
        dynamodb__GetResourcePolicy=lambda asked: answers[asked["ResourceArn"]],
    )
    row = read("aws_dynamodb_stream_policy_statement", door).only
    assert (row["stream_arn"], row["allows_public"]) == (STREAM, True)
