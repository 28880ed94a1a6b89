"""Whether a cluster refuses connections without TLS: the parameter must be set, and in force."""

from collections.abc import Callable
from typing import Any

import pytest


def row_of(
    fake_door: Callable[..., Any], read: Callable[..., Any], groups: list[Any], parameters: object = None
) -> dict[str, Any]:
    cluster = {"ClusterIdentifier": "c", "ClusterParameterGroups": groups}
    door = fake_door(
        redshift__DescribeClusters={"Clusters": [cluster]},
        redshift__DescribeLoggingStatus={"LoggingEnabled": False},
        redshift__DescribeClusterParameters={"Parameters": parameters},
    )
    return read("aws_redshift_cluster", door).only


@pytest.mark.parametrize(
    ("value", "status", "expected"),
    [
        ("true", "in-sync", True),
        ("true", None, True),
        ("true", "pending-reboot", False),
        ("false", "in-sync", False),
        ("maybe", "in-sync", None),
        (None, "in-sync", None),
    ],
)
def test_a_value_that_waits_for_a_restart_is_not_in_force(
    fake_door: Callable[..., Any],
    read: Callable[..., Any],
    value: str | None,
    status: str | None,
    expected: bool | None,
) -> None:
    states = [{"ParameterName": "require_ssl", "ParameterApplyStatus": status}] if status else []
    group = {"ParameterGroupName": "g", "ClusterParameterStatusList": states}
    row = row_of(fake_door, read, [group], [{"ParameterName": "require_ssl", "ParameterValue": value}])
    assert row["requires_tls"] is expected


@pytest.mark.parametrize("parameters", [None, [], "require_ssl", [{"ParameterName": "datestyle"}]])
def test_without_the_parameter_nothing_is_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], parameters: object
) -> None:
    row = row_of(fake_door, read, [{"ParameterGroupName": "g"}], parameters)
    assert row["requires_tls"] is None


def test_a_cluster_without_a_group_asks_for_none(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = row_of(fake_door, read, [])
    assert (row["requires_tls"], row["parameter_group"]) == (None, None)
