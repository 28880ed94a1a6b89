"""Policies of queues: none, one, and one that nobody could read."""

import json
from collections.abc import Callable
from typing import Any

from sakimori.model.words import GapKind

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/form"
ARN = "arn:aws:sqs:us-east-1:123456789012:form"
STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": ARN}


def door_of(fake_door: Callable[..., Any], attributes: Any) -> Any:
    return fake_door(sqs__ListQueues={"QueueUrls": [URL]}, sqs__GetQueueAttributes=attributes)


def test_a_queue_without_a_policy_has_no_statements(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_sqs_queue_policy_statement", door_of(fake_door, {"Attributes": {"QueueArn": ARN}}))
    assert (found.rows, found.unit.gaps) == ({}, ())


def test_a_statement_stands_under_the_arn_of_its_queue(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    policy = json.dumps({"Statement": [STATEMENT]})
    row = read("aws_sqs_queue_policy_statement", door_of(fake_door, {"Attributes": {"Policy": policy}})).only
    assert (row["id"], row["queue_arn"], row["allows_public"]) == (f"{ARN}#0", ARN, True)


def test_attributes_that_are_refused_empty_or_no_policy_leave_a_gap_at_the_queue(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    for answer, kind in (
        (refusal(), GapKind.DENIED),
        ({}, GapKind.MALFORMED),
        ({"Attributes": {"Policy": "[]"}}, GapKind.MALFORMED),
    ):
        found = read("aws_sqs_queue_policy_statement", door_of(fake_door, answer))
        assert found.rows == {}
        assert [(gap.parent, gap.kind) for gap in found.unit.gaps] == [(ARN, kind)]


def test_the_queue_itself_is_known_though_its_attributes_are_not(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    row = read("aws_sqs_queue", door_of(fake_door, refusal())).only
    assert (row["arn"], row["name"], row["is_encrypted"]) == (ARN, "form", None)
