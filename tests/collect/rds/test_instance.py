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


GROUP = {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}]}
LOCAL = {"GatewayId": "local"}
OUT = {"GatewayId": "igw-1", "DestinationCidrBlock": "0.0.0.0/0"}
MAIN = {"Associations": [{"Main": True}], "Routes": [LOCAL]}


def routed_row(
    fake_door: Callable[..., Any], read: Callable[..., Any], answer: object, group: object = GROUP
) -> dict[str, Any]:
    instance = {"DBInstanceArn": ARN, "DBSubnetGroup": group}
    door = fake_door(rds__DescribeDBInstances={"DBInstances": [instance]}, ec2__DescribeRouteTables=answer)
    return read("aws_rds_instance", door).only


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ([MAIN], ("", False)),
        ([{**MAIN, "Routes": [LOCAL, OUT]}], ("subnet-1, subnet-2", True)),
        ([MAIN, {"Associations": [{"SubnetId": "subnet-2"}], "Routes": [LOCAL, OUT]}], ("subnet-2", True)),
        ([MAIN, {"Associations": [{"SubnetId": "subnet-9"}], "Routes": [LOCAL, OUT]}], ("", False)),
        ([{**MAIN, "Routes": [OUT]}, {"Associations": [{"SubnetId": "subnet-2"}], "Routes": [LOCAL]}],
         ("subnet-1", True)),
        ([{**MAIN, "Routes": [{"NatGatewayId": "nat-1"}, {"EgressOnlyInternetGatewayId": "eigw-1"}]}], ("", False)),
        ([{"Associations": [{"SubnetId": "subnet-2"}], "Routes": [LOCAL]}], (None, None)),
        ([], (None, None)),
        ("none", (None, None)),
    ],
)  # fmt: skip
def test_a_subnet_goes_by_its_own_route_table_or_else_the_main_one(
    fake_door: Callable[..., Any], read: Callable[..., Any], tables: object, expected: tuple[str | None, bool | None]
) -> None:
    row = routed_row(fake_door, read, {"RouteTables": tables})
    assert (row["public_subnet_ids"], row["is_in_public_subnet"]) == expected


def test_routes_that_were_not_all_read_are_not_known(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    assert routed_row(fake_door, read, {"RouteTables": [MAIN], "NextToken": "more"})["is_in_public_subnet"] is None


def test_a_database_without_subnets_asks_for_no_routes(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = routed_row(fake_door, read, None, group=None)
    assert (row["vpc_id"], row["is_in_public_subnet"]) == ("", None)
