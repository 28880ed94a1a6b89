"""The ARN under which settings of a whole account stand."""

from sakimori.collect.declaration import Context, Record


def root_arn(_record: Record, context: Context) -> str:
    """The account's root ARN: the key of tables with one row per account (or per account and Region)."""
    return f"arn:{context.partition}:iam::{context.account_id}:root"
