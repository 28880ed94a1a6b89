"""SNS topics."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Derive, Record, call, col, table
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.sns.publisher import ALARMS, EVENTS, Publisher, admits
from sakimori.model.words import Scope

LIST = call("sns:ListTopics", "Topics")
ATTRIBUTES = call("sns:GetTopicAttributes", "Attributes", with_={"TopicArn": "TopicArn"})


def _name(record: Record, _context: Context) -> str | None:
    return str(record.get("TopicArn") or "").rpartition(":")[2] or None


def _is_encrypted(record: Record, _context: Context) -> bool | None:
    attributes = record.get("Attributes")
    return bool(attributes.get("KmsMasterKeyId")) if attributes else None


def _names_default_key(record: Record, _context: Context) -> bool | None:
    attributes = record.get("Attributes")
    return str(attributes.get("KmsMasterKeyId") or "").endswith("alias/aws/sns") if attributes else None


def _admits(publisher: Publisher) -> Derive:
    def derive(record: Record, context: Context) -> bool | None:
        try:
            statements = statements_of((record.get("Attributes") or {}).get("Policy"))
        except NotUnderstoodError:
            return None
        return admits(statements, publisher, context)

    return derive


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
        col("names_default_key", BOOLEAN, "That key is given by alias/aws/sns, the alias of the one that AWS manages for SNS.",
            _names_default_key, needs=["Attributes"]),
        col("admits_alarms", BOOLEAN,
            "Its policy lets every alarm of the account publish; NULL where a condition names some alone or is not understood.",
            _admits(ALARMS), needs=["Attributes"]),
        col("admits_events", BOOLEAN,
            "Its policy lets every EventBridge rule of the account publish; NULL where a condition is set, which AWS supports for none.",
            _admits(EVENTS), needs=["Attributes"]),
    ],
)  # fmt: skip
