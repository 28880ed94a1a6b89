"""SNS topics."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("sns:ListTopics", "Topics")
ATTRIBUTES = call("sns:GetTopicAttributes", "Attributes", with_={"TopicArn": "TopicArn"})


def _name(record: Record, _context: Context) -> str | None:
    return str(record.get("TopicArn") or "").rpartition(":")[2] or None


def _is_encrypted(record: Record, _context: Context) -> bool | None:
    attributes = record.get("Attributes")
    return bool(attributes.get("KmsMasterKeyId")) if attributes else None


TABLE = table(
    "aws_sns_topic",
    "SNS topics that the account owns.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SNS::Topic",
    rows=LIST,
    each=[ATTRIBUTES],
    columns=[
        col("arn", TEXT, "The topic's ARN.", "TopicArn"),
        col("name", TEXT, "The topic's name.", _name),
        col("display_name", TEXT, "The sender's name in mails; '' where there is none.", "Attributes.DisplayName", when_absent=""),
        col("kms_key_id", TEXT, "The key that encrypts messages at rest; '' where none does.",
            "Attributes.KmsMasterKeyId", when_absent=""),
        col("is_encrypted", BOOLEAN, "Messages are encrypted at rest with a KMS key.", _is_encrypted, needs=["Attributes"]),
    ],
)  # fmt: skip
