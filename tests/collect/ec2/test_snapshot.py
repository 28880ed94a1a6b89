"""Which snapshots are public: two listings, and both must be read."""

from collections.abc import Callable
from typing import Any


def answer(parameters: dict[str, Any]) -> dict[str, Any]:
    public, private = {"SnapshotId": "snap-1"}, {"SnapshotId": "snap-2"}
    return {"Snapshots": [public] if "RestorableByUserIds" in parameters else [public, private]}


def test_a_snapshot_in_the_listing_of_restorable_ones_is_public(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    rows = read("aws_ec2_snapshot", fake_door(ec2__DescribeSnapshots=answer)).rows.values()
    assert {row["snapshot_id"]: row["is_public"] for row in rows} == {"snap-1": True, "snap-2": False}


def test_without_that_listing_nothing_is_called_private(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(
        ec2__DescribeSnapshots=lambda asked: refusal() if "RestorableByUserIds" in asked else answer(asked)
    )
    found = read("aws_ec2_snapshot", door)
    assert found.rows == {}
    assert not found.unit.is_read
