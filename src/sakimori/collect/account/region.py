"""The enabled Regions: the subject of every rule that must hold in each of them, unused ones too."""

from sakimori.collect.declaration import TEXT, Reader, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_region",
    "The enabled Regions of the account that this run reads, one row each.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    # The list of Regions is read once, before any table, by whoever opens the account.
    rows=Reader(function=lambda _door, region: [{"RegionName": region}], operations=("ec2:DescribeRegions",)),
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.",
            lambda _, account: f"arn:{account.partition}:iam::{account.account_id}:root"),
        col("name", TEXT, "The Region's code, like ap-northeast-1.", "RegionName"),
    ],
)  # fmt: skip
