"""The account itself: the subject of every rule on account-wide settings."""

from sakimori.collect.declaration import ITSELF, TEXT, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_account",
    "The account itself, one row.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[call("iam:ListAccountAliases", "AccountAliases[0]", name="Alias")],
    columns=[
        col("arn", TEXT, "The account's root ARN.", lambda _, account: f"arn:{account.partition}:iam::{account.account_id}:root"),
        col("alias", TEXT, "The account's alias; '' where it has none.", "Alias", when_absent=""),
    ],
)  # fmt: skip
