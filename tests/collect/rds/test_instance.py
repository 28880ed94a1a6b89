"""What an instance says of itself where one member alone would mislead."""

from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:rds:us-east-1:123456789012:db:d"


def row_of(fake_door: Callable[..., Any], read: Callable[..., Any], **members: Any) -> dict[str, Any]:
    door = fake_door(rds__DescribeDBInstances={"DBInstances": [{"DBInstanceArn": ARN, **members}]})
    return read("aws_rds_instance", door).only


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"StorageEncrypted": True}, True),
        ({"StorageEncrypted": False}, False),
        ({"StorageEncrypted": False, "StorageEncryptionType": "none"}, False),
        ({"StorageEncrypted": False, "StorageEncryptionType": "sse-rds"}, True),
        ({"StorageEncryptionType": "none"}, None),
        ({"StorageEncrypted": "perhaps"}, None),
        ({}, None),
    ],
)
def test_a_key_that_aws_owns_encrypts_too(
    fake_door: Callable[..., Any], read: Callable[..., Any], members: dict[str, Any], expected: bool | None
) -> None:
    assert row_of(fake_door, read, **members)["is_encrypted"] is expected


@pytest.mark.parametrize(
    ("engine", "logs", "expected"),
    [
        ("postgres", ["postgresql", "upgrade"], ("postgresql", True)),
        ("mysql", ["slowquery"], ("error", False)),
        ("mysql", None, ("error", False)),
        ("aurora-mysql", ["error"], ("audit", False)),
        ("oracle-se2", ["alert"], ("alert", True)),
        ("custom-oracle-ee", [], (None, None)),
        ("newsql", ["everything"], (None, None)),
        ("mysql", "errors", ("error", None)),
    ],
)
def test_the_main_log_is_the_engines(
    fake_door: Callable[..., Any], read: Callable[..., Any], engine: str, logs: object, expected: tuple[object, object]
) -> None:
    row = row_of(fake_door, read, Engine=engine, EnabledCloudwatchLogsExports=logs)
    assert (row["main_log"], row["exports_main_log"]) == expected


def test_a_replica_names_its_source(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    assert row_of(fake_door, read)["replica_of"] == ""
    assert row_of(fake_door, read, ReadReplicaSourceDBInstanceIdentifier="d0")["replica_of"] == "d0"
    assert row_of(fake_door, read, ReadReplicaSourceDBClusterIdentifier="c0")["replica_of"] == "c0"
