"""Users, groups, roles and customer managed policies just as IAM tells them, for what evaluates policies."""

import json

from sakimori.collect.declaration import TEXT, Context, Record, col, table
from sakimori.collect.iam.authorization import EVERYTHING
from sakimori.model.words import Scope

_KINDS = (("UserName", "user"), ("GroupName", "group"), ("RoleName", "role"), ("PolicyVersionList", "policy"))


def _kind(record: Record, _context: Context) -> str | None:
    return next((kind for member, kind in _KINDS if member in record), None)


def _detail(record: Record, _context: Context) -> str:
    # Times are the only values of the answer that are no JSON.
    return json.dumps(record, ensure_ascii=False, sort_keys=True, default=lambda value: value.isoformat())


TABLE = table(
    "aws_iam_authorization_detail",
    "Users, groups, roles and customer managed policies with all their policies, as IAM tells them.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=EVERYTHING,
    columns=[
        col("arn", TEXT, "The ARN of the user, group, role or policy.", "Arn"),
        col("kind", TEXT, "user, group, role or policy.", _kind),
        col("detail", TEXT, "The item of GetAccountAuthorizationDetails, as JSON.", _detail),
    ],
)  # fmt: skip
