"""Grants of KMS keys: who may use a key beside what its policy says."""

import json
from collections.abc import Iterator

from sakimori.collect.declaration import TEXT, TIMESTAMP, Context, Malformed, Record, call, col, table
from sakimori.collect.kms.key import LIST
from sakimori.model.words import Scope


def _grants(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    for each in record.get("Grants") or ():
        yield {**each, "KeyArn": record.get("KeyArn")}


def _id(record: Record, _context: Context) -> str | None:
    key, grant = record.get("KeyArn"), record.get("GrantId")
    return f"{key}#{grant}" if key and grant else None


TABLE = table(
    "aws_kms_grant",
    "Grants of KMS keys.",
    key="id",
    parent="key_arn",
    parent_key="KeyArn",
    scope=Scope.REGION,
    resource_type="AWS::KMS::Key",
    rows=LIST,
    each=[call("kms:ListGrants", "Grants[]", name="Grants", with_={"KeyId": "KeyId"})],
    expand=_grants,
    expand_needs=["Grants"],
    columns=[
        col("id", TEXT, "The key's ARN and the grant's id.", _id),
        col("key_arn", TEXT, "The key.", "KeyArn"),
        col("grant_id", TEXT, "The grant's id.", "GrantId"),
        col("name", TEXT, "Its name; '' where it has none.", "Name", when_absent=""),
        col("grantee_principal", TEXT, "Who may use the key: an ARN, or a service of AWS; '' where AWS names none.",
            "GranteePrincipal", when_absent=""),
        col("retiring_principal", TEXT, "Who may end the grant; '' where nobody is named.", "RetiringPrincipal", when_absent=""),
        col("operations", TEXT, "What it allows, separated by commas.", "Operations"),
        col("constraints", TEXT, "What the encryption context must be, as JSON; '' where it may be anything.",
            lambda row, _: json.dumps(row["Constraints"], sort_keys=True) if row.get("Constraints") else ""),
        col("created_at", TIMESTAMP, "When it was made.", "CreationDate"),
    ],
)  # fmt: skip
