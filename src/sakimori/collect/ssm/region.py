"""Settings of Systems Manager that hold for a whole Region."""

from typing import Final

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

_BLOCKED = {"Disable": True, "Enable": False}


def _is_blocked(record: Record, _context: Context) -> bool | None:
    return _BLOCKED.get(record.get("PublicSharing", ""))


PUBLIC_SHARING: Final = "/ssm/documents/console/public-sharing-permission"
"""The setting that says whether documents may be shared with everyone."""

TABLE = table(
    "aws_ssm_region",
    "Settings of Systems Manager that hold for a whole Region, one row each.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("ssm:GetServiceSetting", "ServiceSetting.SettingValue", name="PublicSharing",
             SettingId=PUBLIC_SHARING),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("document_public_sharing", TEXT, "Whether documents may be shared with everyone: Enable or Disable.",
            "PublicSharing"),
        col("public_sharing_is_blocked", BOOLEAN, "No document can be shared with everyone.", _is_blocked,
            needs=["PublicSharing"]),
    ],
)  # fmt: skip
