"""The account's own Systems Manager documents, and whom they are shared with."""

from collections.abc import Sequence

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

_EVERYONE = "all"


def _arn(record: Record, context: Context) -> str:
    return f"arn:{context.partition}:ssm:{context.region}:{context.account_id}:document/{record['Name']}"


def _accounts(record: Record) -> Sequence[str] | None:
    """In small letters, for AWS takes `All` too; None where AWS did not say, or not all at once."""
    permission = record.get("Permission") or {}
    accounts = permission.get("AccountIds")
    return None if accounts is None or permission.get("NextToken") else [account.lower() for account in accounts]


def _is_public(record: Record, _context: Context) -> bool | None:
    accounts = _accounts(record)
    return None if accounts is None else _EVERYONE in accounts


def _shared_with(record: Record, _context: Context) -> list[str] | None:
    accounts = _accounts(record)
    return None if accounts is None else sorted(accounts)


TABLE = table(
    "aws_ssm_document",
    "The account's own Systems Manager documents.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SSM::Document",
    rows=call("ssm:ListDocuments", "DocumentIdentifiers", Filters=[{"Key": "Owner", "Values": ["Self"]}], MaxResults=50),
    each=[
        call("ssm:DescribeDocumentPermission", "@", name="Permission", with_={"Name": "Name"},
             PermissionType="Share", MaxResults=200),
    ],
    columns=[
        col("arn", TEXT, "The document's ARN.", _arn),
        col("name", TEXT, "The document's name.", "Name"),
        col("document_type", TEXT, "Command, Automation, Session, Package, …", "DocumentType"),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedDate"),
        col("is_public", BOOLEAN, "Every AWS account may read and run it.", _is_public, needs=["Permission"]),
        col("shared_with", TEXT, "The accounts that it is shared with, separated by commas; all is everyone.",
            _shared_with, needs=["Permission"]),
    ],
)  # fmt: skip
