"""Amazon Bedrock, Region by Region: whether models were called, and whether that is recorded."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _is_logged(record: Record, _context: Context) -> bool:
    found = record.get("loggingConfig") or {}
    return bool(found.get("s3Config", {}).get("bucketName") or found.get("cloudWatchConfig", {}).get("logGroupName"))


def _was_invoked(record: Record, _context: Context) -> bool | None:
    found = record.get("Metrics")
    return bool(found) if isinstance(found, list) else None


TABLE = table(
    "aws_bedrock_account",
    "Use of Amazon Bedrock in this account and its logging, one row for each Region.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("bedrock:GetModelInvocationLoggingConfiguration", "loggingConfig"),
        # Bedrock writes this metric whenever a model is called; ListMetrics forgets it after two weeks.
        call("cloudwatch:ListMetrics", "Metrics", Namespace="AWS/Bedrock", MetricName="Invocations"),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("was_invoked_recently", BOOLEAN, "A model was called in the last two weeks or so.",
            _was_invoked, needs=["Metrics"]),
        col("invocations_are_logged", BOOLEAN, "Calls of models are logged to S3 or to CloudWatch Logs.",
            _is_logged, needs=["loggingConfig"]),
        col("log_group_name", TEXT, "The log group that gets them; '' where none does.",
            "loggingConfig.cloudWatchConfig.logGroupName", when_absent=""),
        col("s3_bucket_name", TEXT, "The bucket that gets them; '' where none does.",
            "loggingConfig.s3Config.bucketName", when_absent=""),
        col("logs_text", BOOLEAN, "Text of prompts and answers is logged too.",
            "loggingConfig.textDataDeliveryEnabled"),
    ],
)  # fmt: skip
