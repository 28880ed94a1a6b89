"""User data of instances, reduced to counts of what looks like a secret: the text itself is never kept."""

from typing import Any

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.collect.ec2.instance import LIST, arn
from sakimori.collect.ec2.user_data_secrets import Hits, hits_in
from sakimori.model.words import Scope


def _value(record: Record) -> str | None:
    """The user data: "" where EC2 says that there is none, None where it did not say."""
    told: Any = record.get("UserData")
    return (told.get("Value") or "") if isinstance(told, dict) else None


def _hits(record: Record) -> Hits | None:
    value = _value(record)
    return None if value is None else hits_in(value)


def _has_user_data(record: Record, _context: Context) -> bool | None:
    value = _value(record)
    return None if value is None else bool(value)


def _aws_keys(record: Record, _context: Context) -> int | None:
    hits = _hits(record)
    return None if hits is None else hits.aws_keys


def _private_keys(record: Record, _context: Context) -> int | None:
    hits = _hits(record)
    return None if hits is None else hits.private_keys


def _passwords(record: Record, _context: Context) -> int | None:
    hits = _hits(record)
    return None if hits is None else hits.passwords


TABLE = table(
    "aws_ec2_instance_user_data",
    "User data of EC2 instances, without its text: only counts of what looks like a secret in it.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Instance",
    rows=LIST,
    each=[
        call("ec2:DescribeInstanceAttribute", "UserData", Attribute="userData",
             with_={"InstanceId": "InstanceId"}, when="State.Name != 'terminated'"),
    ],
    columns=[
        col("arn", TEXT, "The instance's ARN.", arn),
        col("instance_id", TEXT, "i-…", "InstanceId"),
        col("is_terminated", BOOLEAN, "The instance is gone, or about to be, and is shown for a while yet.",
            lambda record, _: record.get("State", {}).get("Name") in {"shutting-down", "terminated"}),
        col("has_user_data", BOOLEAN, "It has user data.", _has_user_data, needs=["UserData"]),
        col("aws_key_count", INTEGER, "Places that look like an AWS access key id or a secret access key.",
            _aws_keys, needs=["UserData"], sensitive=True),
        col("private_key_count", INTEGER, "Private keys (PEM).", _private_keys, needs=["UserData"], sensitive=True),
        col("password_count", INTEGER, "Places where a password, token or API key is written out.",
            _passwords, needs=["UserData"], sensitive=True),
    ],
)  # fmt: skip
