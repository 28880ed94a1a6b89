"""Statements of the policies of access points of S3; what they allow, the bucket behind them must allow too."""

from collections.abc import Iterator

from sakimori.collect.declaration import ACCOUNT_ID, Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.collect.s3.access_point import LIST
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("AccessPointArn"), record["Policy"])


TABLE = table(
    "aws_s3_access_point_policy_statement",
    "Statements of the policies of access points of S3.",
    key="id",
    parent="access_point_arn",
    parent_key="AccessPointArn",
    scope=Scope.REGION,
    resource_type="AWS::S3::AccessPoint",
    rows=LIST,
    each=[
        call("s3control:GetAccessPointPolicy", "Policy", with_={"Name": "Name"}, AccountId=ACCOUNT_ID,
             absent=("NoSuchAccessPointPolicy",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("access_point_arn", "access point"),
)  # fmt: skip
