"""Whom machine images are shared with: one call for each, which is why it is a table of its own."""

from collections.abc import Mapping
from typing import Any

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.ec2.image import LIST, arn
from sakimori.model.words import Scope

_EVERYONE = "all"


def _permissions(record: Record) -> list[Mapping[str, Any]]:
    return list(record.get("LaunchPermissions") or ())


def _is_public(record: Record, _context: Context) -> bool:
    return any(each.get("Group") == _EVERYONE for each in _permissions(record))


def _accounts(record: Record, _context: Context) -> list[str]:
    return sorted({str(each["UserId"]) for each in _permissions(record) if each.get("UserId")})


def _organizations(record: Record, _context: Context) -> list[str]:
    members = ("OrganizationArn", "OrganizationalUnitArn")
    return sorted({str(each[name]) for each in _permissions(record) for name in members if each.get(name)})


TABLE = table(
    "aws_ec2_image_sharing",
    "Whom the machine images that the account owns are shared with, one row for each image.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Image",
    rows=LIST,
    each=[
        call("ec2:DescribeImageAttribute", "LaunchPermissions", with_={"ImageId": "ImageId"}, Attribute="launchPermission"),
    ],
    columns=[
        col("arn", TEXT, "The image's ARN.", arn),
        col("is_public", BOOLEAN, "Every AWS account may start instances from it.", _is_public, needs=["LaunchPermissions"]),
        col("shared_account_ids", TEXT, "The accounts that may start instances from it, separated by commas.",
            _accounts, needs=["LaunchPermissions"]),
        col("shared_organization_arns", TEXT, "Organizations and organizational units that may, separated by commas.",
            _organizations, needs=["LaunchPermissions"]),
    ],
)  # fmt: skip
