"""Statements of the policies of customer managed KMS keys; nobody can change those of AWS's own."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.kms.key import DESCRIBE, LIST
from sakimori.collect.policy_columns import (
    ACTIONS,
    EXTERNAL_ACCOUNT_IDS,
    HAS_CONDITION,
    identity_columns,
    public_column,
    statement_rows,
)
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record and record.get("KeyMetadata", {}).get("KeyManager") == "AWS":
        return
    key = record.get("KeyArn")
    # A customer's key always has a policy: none is an answer that was not understood.
    yield from statement_rows(key, record.get("Policy"), name="the key policy")


TABLE = table(
    "aws_kms_key_policy_statement",
    "Statements of the policies of customer managed KMS keys.",
    key="id",
    parent="key_arn",
    parent_key="KeyArn",
    scope=Scope.REGION,
    resource_type="AWS::KMS::Key",
    rows=LIST,
    each=[
        DESCRIBE,
        call("kms:GetKeyPolicy", "Policy", with_={"KeyId": "KeyId"}, when="KeyMetadata.KeyManager != 'AWS'",
             PolicyName="default"),
    ],
    expand=_statements,
    expand_needs=["KeyMetadata", "Policy"],
    columns=[
        *identity_columns("key_arn", "key"),
        ACTIONS,
        HAS_CONDITION,
        public_column("is_public", "It lets anyone use or manage the key; NULL where its conditions do not tell."),
        EXTERNAL_ACCOUNT_IDS,
    ],
)  # fmt: skip
