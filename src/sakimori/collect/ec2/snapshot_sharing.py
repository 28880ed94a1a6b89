"""Whom EBS snapshots are shared with: one call for each, which is why it is a table of its own."""

from collections.abc import Mapping
from typing import Any

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.ec2.snapshot import arn
from sakimori.model.words import Scope

_EVERYONE = "all"


def _permissions(record: Record) -> list[Mapping[str, Any]]:
    return list(record.get("CreateVolumePermissions") or ())


def _is_public(record: Record, _context: Context) -> bool:
    return any(each.get("Group") == _EVERYONE for each in _permissions(record))


def _accounts(record: Record, _context: Context) -> list[str]:
    return sorted({str(each["UserId"]) for each in _permissions(record) if each.get("UserId")})


TABLE = table(
    "aws_ec2_snapshot_sharing",
    "Whom the EBS snapshots that the account owns are shared with, one row for each snapshot.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Snapshot",
    rows=call("ec2:DescribeSnapshots", "Snapshots", OwnerIds=["self"], MaxResults=1000),
    each=[
        call("ec2:DescribeSnapshotAttribute", "CreateVolumePermissions", with_={"SnapshotId": "SnapshotId"},
             Attribute="createVolumePermission"),
    ],
    columns=[
        col("arn", TEXT, "The snapshot's ARN.", arn),
        col("is_encrypted", BOOLEAN, "It is encrypted: whoever it is shared with needs its KMS key too.", "Encrypted"),
        col("is_public", BOOLEAN, "Every AWS account may make a volume of it.", _is_public, needs=["CreateVolumePermissions"]),
        col("shared_account_ids", TEXT, "The accounts that may make a volume of it, separated by commas.",
            _accounts, needs=["CreateVolumePermissions"]),
    ],
)  # fmt: skip
