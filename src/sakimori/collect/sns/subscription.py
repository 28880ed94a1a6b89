"""Subscriptions to SNS topics: who is told."""

import hashlib

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

_ID_DIGITS = 16


def _id(record: Record, _context: Context) -> str | None:
    """Topic, protocol and a digest of the address: what is not confirmed has no ARN, and an address is personal."""
    if not record.get("TopicArn"):
        return None
    digest = hashlib.sha256(str(record.get("Endpoint", "")).encode()).hexdigest()
    return f"{record['TopicArn']}/{record.get('Protocol', '')}/{digest[:_ID_DIGITS]}"


TABLE = table(
    "aws_sns_subscription",
    "Subscriptions that the account made in a Region, confirmed or not.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::SNS::Subscription",
    rows=call("sns:ListSubscriptions", "Subscriptions"),
    columns=[
        col("id", TEXT, "The topic's ARN, the protocol and a digest of the address.", _id),
        col("topic_arn", TEXT, "The topic.", "TopicArn"),
        col("protocol", TEXT, "email, email-json, https, http, sms, sqs, lambda, application or firehose.", "Protocol"),
        col("owner_id", TEXT, "The account that made it.", "Owner", when_absent=""),
        # The ARN's place holds the words PendingConfirmation or Deleted otherwise.
        col("is_confirmed", BOOLEAN, "Whoever is told has agreed to it.",
            lambda record, _: str(record.get("SubscriptionArn", "")).startswith("arn:")),
        col("is_pending", BOOLEAN, "It waits for someone to confirm it, and is told nothing until then.",
            lambda record, _: record.get("SubscriptionArn") == "PendingConfirmation"),
    ],
)  # fmt: skip
