"""Security Hub CSPM, Region by Region."""

from typing import Final

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

NOT_SUBSCRIBED: Final = ("InvalidAccessException:not subscribed",)
"""How every operation of Security Hub says that it is off; without these words the code means a denial."""

TABLE = table(
    "aws_securityhub_hub",
    "Security Hub CSPM where it is on; a Region has one hub or none.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SecurityHub::Hub",
    rows=call("securityhub:DescribeHub", "@", absent=NOT_SUBSCRIBED),
    columns=[
        col("arn", TEXT, "The hub's ARN.", "HubArn"),
        col("subscribed_at", TIMESTAMP, "When it was turned on.", "SubscribedAt"),
        col("enables_new_controls", BOOLEAN, "New controls of enabled standards are turned on by themselves.",
            "AutoEnableControls"),
        col("finding_generator", TEXT,
            "SECURITY_CONTROL (one finding for a control) or STANDARD_CONTROL (one for each standard).",
            "ControlFindingGenerator"),
    ],
)  # fmt: skip
