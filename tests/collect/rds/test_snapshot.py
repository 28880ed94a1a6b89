"""Whom a snapshot is shared with: what AWS does not tell is never *no one*."""

from collections.abc import Callable
from typing import Any

import pytest

SNAPSHOT = {"DBSnapshotArn": "arn:aws:rds:us-east-1:123456789012:snapshot:s", "DBSnapshotIdentifier": "s"}


def row_of(fake_door: Callable[..., Any], read: Callable[..., Any], attributes: object) -> dict[str, Any]:
    door = fake_door(
        rds__DescribeDBSnapshots={"DBSnapshots": [SNAPSHOT]},
        rds__DescribeDBSnapshotAttributes={"DBSnapshotAttributesResult": {"DBSnapshotAttributes": attributes}},
    )
    return read("aws_rds_snapshot", door).only


@pytest.mark.parametrize(
    ("values", "is_public", "accounts"),
    [
        ([], False, ""),
        (["444455556666", "111122223333"], False, "111122223333, 444455556666"),
        (["all", "111122223333"], True, "111122223333"),
    ],
)
def test_all_means_everyone(
    fake_door: Callable[..., Any], read: Callable[..., Any], values: list[str], is_public: bool, accounts: str
) -> None:
    row = row_of(fake_door, read, [{"AttributeName": "restore", "AttributeValues": values}])
    assert (row["is_public"], row["shared_account_ids"]) == (is_public, accounts)


@pytest.mark.parametrize("attributes", [None, [], [{"AttributeName": "other"}], "restore", [1]])
def test_an_answer_that_does_not_speak_of_restoring_is_not_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], attributes: object
) -> None:
    row = row_of(fake_door, read, attributes)
    assert (row["is_public"], row["shared_account_ids"]) == (None, None)
