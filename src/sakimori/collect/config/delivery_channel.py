"""Delivery channels of AWS Config: where its history goes."""

from sakimori.collect.declaration import TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _id(record: Record, context: Context) -> str | None:
    name = record.get("name")
    return f"{context.account_id}/{context.region}/{name}" if name else None


TABLE = table(
    "aws_config_delivery_channel",
    "Delivery channels of AWS Config.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::Config::DeliveryChannel",
    rows=call("config:DescribeDeliveryChannels", "DeliveryChannels"),
    columns=[
        col("id", TEXT, "Account, Region and name; AWS gives a channel no ARN.", _id),
        col("name", TEXT, "The channel's name.", "name"),
        col("s3_bucket_name", TEXT, "The bucket that gets the history; '' where none does.",
            "s3BucketName", when_absent=""),
        col("s3_key_prefix", TEXT, "The prefix in that bucket; '' where there is none.", "s3KeyPrefix", when_absent=""),
        col("sns_topic_arn", TEXT, "The topic that is told of changes; '' where none is.",
            "snsTopicARN", when_absent=""),
        col("kms_key_arn", TEXT, "The KMS key that encrypts the history; '' where S3's own does.",
            "s3KmsKeyArn", when_absent=""),
    ],
)  # fmt: skip
