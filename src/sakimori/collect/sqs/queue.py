"""SQS queues."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

# Without MaxResults, ListQueues gives the first thousand and no token for the others.
LIST = call("sqs:ListQueues", "QueueUrls", MaxResults=1000)
ATTRIBUTES = call("sqs:GetQueueAttributes", "Attributes", with_={"QueueUrl": "value"}, AttributeNames=["All"])


def arn(record: Record, context: Context) -> str | None:
    """A queue's ARN, made of its URL: known also where its attributes may not be read."""
    _, account, name = ("", "", *str(record.get("value") or "").split("/"))[-3:]
    return f"arn:{context.partition}:sqs:{context.region}:{account}:{name}" if account and name else None


def _name(record: Record, _context: Context) -> str | None:
    return str(record.get("value") or "").rpartition("/")[2] or None


def _is_encrypted(record: Record, _context: Context) -> bool | None:
    attributes = record.get("Attributes")
    if not attributes:
        return None
    return bool(attributes.get("KmsMasterKeyId")) or str(attributes.get("SqsManagedSseEnabled")).lower() == "true"


TABLE = table(
    "aws_sqs_queue",
    "SQS queues that the account owns.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SQS::Queue",
    rows=LIST,
    each=[ATTRIBUTES],
    columns=[
        col("arn", TEXT, "The queue's ARN.", arn),
        col("name", TEXT, "The queue's name.", _name),
        col("url", TEXT, "The queue's URL.", "value"),
        col("kms_key_id", TEXT, "The KMS key that encrypts messages at rest; '' where none does.",
            "Attributes.KmsMasterKeyId", when_absent=""),
        col("is_encrypted", BOOLEAN, "Messages are encrypted at rest, with a KMS key or with SQS's own.", _is_encrypted,
            needs=["Attributes"]),
        col("retention_seconds", INTEGER, "How long a message is kept.", "Attributes.MessageRetentionPeriod"),
    ],
)  # fmt: skip
