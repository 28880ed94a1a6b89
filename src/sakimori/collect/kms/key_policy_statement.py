"""Statements of the policies of customer managed KMS keys; nobody can change those of AWS's own."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, call, col, table
from sakimori.collect.kms.key import DESCRIBE, LIST
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record and record.get("KeyMetadata", {}).get("KeyManager") == "AWS":
        return
    key = record.get("KeyArn")
    try:
        # A customer's key always has a policy: none is an answer that was not understood.
        statements = statements_of(record.get("Policy"))
    except NotUnderstoodError as error:
        yield Malformed(parent=str(key), words=f"the key policy: {error}")
        return
    for statement in statements:
        yield {"key": key, "statement": statement}


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
        col("id", TEXT, "The key's ARN and the statement's place in its policy.",
            lambda row, _: f"{row['key']}#{row['statement'].index}" if row["key"] else None),
        col("key_arn", TEXT, "The key that the policy is attached to.", "key"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("actions", TEXT, "The actions, separated by commas.", lambda row, _: list(row["statement"].actions)),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("is_public", BOOLEAN, "It lets anyone use or manage the key; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
    ],
)  # fmt: skip
