"""Whom the resource shares of the account (AWS RAM) are shared with: shares that the account owns.

Source: AWS RAM API Reference, "GetResourceShareAssociations".
"""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def association_id(record: Record, _context: Context) -> str | None:
    """The share, and what or whom it is tied to."""
    share, entity = record.get("resourceShareArn"), record.get("associatedEntity")
    return f"{share}>{entity}" if share and entity else None


TABLE = table(
    "aws_ram_share_principal",
    "Whom the resource shares of the account (AWS RAM) are shared with.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::RAM::ResourceShare",
    rows=call("ram:GetResourceShareAssociations", "resourceShareAssociations", associationType="PRINCIPAL"),
    columns=[
        col("id", TEXT, "The share's ARN, an arrow and whom it is shared with.", association_id),
        col("share_arn", TEXT, "The resource share.", "resourceShareArn"),
        col("share_name", TEXT, "Its name.", "resourceShareName"),
        col("principal", TEXT, "An account, a user or role, a service, an organization or a unit of one.", "associatedEntity"),
        col("is_external", BOOLEAN, "It is not of the account's organization.", "external"),
        col("status", TEXT, "How far that came: ASSOCIATED is in force.", "status"),
    ],
)  # fmt: skip
