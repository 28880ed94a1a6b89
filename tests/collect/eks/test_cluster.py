"""What a cluster's description tells of its logs and its secrets."""

from collections.abc import Callable
from typing import Any

import pytest


def _cluster(fake_door: Callable[..., Any], read: Callable[..., Any], **members: Any) -> dict[str, Any]:
    door = fake_door(eks__ListClusters={"clusters": ["c"]}, eks__DescribeCluster={"cluster": {"name": "c", **members}})
    return read("aws_eks_cluster", door).only


@pytest.mark.parametrize(
    ("listed", "audit", "kinds"),
    [
        ([{"types": ["audit", "api"], "enabled": True}], True, "api,audit"),
        ([{"types": ["api"], "enabled": True}, {"types": ["audit"], "enabled": False}], False, "api"),
        ([], False, ""),
    ],
)
def test_a_log_counts_where_it_is_on(
    fake_door: Callable[..., Any], read: Callable[..., Any], listed: Any, audit: bool, kinds: str
) -> None:
    row = _cluster(fake_door, read, logging={"clusterLogging": listed})
    assert (row["logs_audit"], row["log_types"].replace(" ", "")) == (audit, kinds)


def test_what_was_not_told_is_not_known(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = _cluster(fake_door, read)
    assert (row["logs_audit"], row["log_types"], row["endpoint_is_public"]) == (None, None, None)


def test_secrets_are_encrypted_where_a_key_is_set_for_them(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    assert _cluster(fake_door, read)["encrypts_secrets_with_own_key"] is False
    config = [{"resources": ["secrets"], "provider": {"keyArn": "k"}}]
    assert _cluster(fake_door, read, encryptionConfig=config)["encrypts_secrets_with_own_key"] is True
