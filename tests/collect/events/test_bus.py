"""Buses of EventBridge: whom their policies let in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:events:us-east-1:123456789012:event-bus/default"


def policy(principal: object, **condition: object) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": ARN}
    return json.dumps({"Statement": [{**statement, **({"Condition": condition} if condition else {})}]})


@pytest.mark.parametrize(
    ("document", "public", "accounts"),
    [
        (None, False, ""),
        (policy("*"), True, ""),
        (policy("*", StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}), False, ""),
        (policy({"AWS": "arn:aws:iam::333333333333:root"}), False, "333333333333"),
        (policy({"AWS": "arn:aws:iam::123456789012:root"}), False, ""),
        ("{", None, None),
    ],
)
def test_a_policy_lets_in_whom_it_names(
    fake_door: Callable[..., Any],
    read: Callable[..., Any],
    document: str | None,
    public: bool | None,
    accounts: str | None,
) -> None:
    bus = {"Arn": ARN, "Name": "default", **({"Policy": document} if document else {})}
    row = read("aws_events_bus", fake_door(events__ListEventBuses={"EventBuses": [bus]})).only
    assert (row["policy_allows_public"], row["external_account_ids"]) == (public, accounts)
