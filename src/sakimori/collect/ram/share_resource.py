"""What the resource shares of the account (AWS RAM) share: shares that the account owns.

Source: AWS RAM API Reference, "GetResourceShareAssociations".
"""

from sakimori.collect.declaration import TEXT, call, col, table
from sakimori.collect.ram.share_principal import association_id
from sakimori.model.words import Scope

TABLE = table(
    "aws_ram_share_resource",
    "What the resource shares of the account (AWS RAM) share.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::RAM::ResourceShare",
    rows=call("ram:GetResourceShareAssociations", "resourceShareAssociations", associationType="RESOURCE"),
    columns=[
        col("id", TEXT, "The share's ARN, an arrow and the resource's.", association_id),
        col("share_arn", TEXT, "The resource share.", "resourceShareArn"),
        col("share_name", TEXT, "Its name.", "resourceShareName"),
        col("resource_arn", TEXT, "The resource that is shared.", "associatedEntity"),
        col("status", TEXT, "How far that came: ASSOCIATED is in force.", "status"),
    ],
)  # fmt: skip
