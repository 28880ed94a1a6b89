from collections.abc import Callable, Sequence
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("states", "has_subscriber"),
    [
        (["CONFIRMED", "DECLINED"], True),
        (["DECLINED"], False),
        ([], False),
        ([None], None),
        (["DECLINED", None], None),
        (["CONFIRMED", None], True),
    ],
)
def test_one_who_declined_does_not_hear(
    fake_door: Callable[..., Any], read: Callable[..., Any], states: Sequence[str | None], has_subscriber: bool | None
) -> None:
    monitor = {"MonitorArn": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    subscribers = [{"Type": "EMAIL", "Address": "a@example.com", **({"Status": s} if s else {})} for s in states]
    subscription = {"SubscriptionArn": "s", "Subscribers": subscribers, "MonitorArnList": ["m"]}
    door = fake_door(
        ce__GetAnomalyMonitors={"AnomalyMonitors": [monitor]},
        ce__GetAnomalySubscriptions={"AnomalySubscriptions": [subscription]},
    )
    row = read("aws_ce_anomaly_subscription", door).only
    assert (row["id"], row["monitor_watches_services"], row["has_subscriber"]) == ("m>s", True, has_subscriber)
