"""Log groups of CloudWatch Logs."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    """The ARN without the `:*` that `arn` ends in; AWS gives it as logGroupArn too, in newer answers."""
    name = record.get("logGroupName")
    return f"arn:{context.partition}:logs:{context.region}:{context.account_id}:log-group:{name}" if name else None


TABLE = table(
    "aws_logs_group",
    "Log groups of CloudWatch Logs.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Logs::LogGroup",
    rows=call("logs:DescribeLogGroups", "logGroups"),
    columns=[
        col("arn", TEXT, "The log group's ARN.", _arn),
        col("name", TEXT, "The log group's name.", "logGroupName"),
        # "If you do not specify a value, events are kept for ever": PutRetentionPolicy, API reference.
        col("is_kept_forever", BOOLEAN, "Its events never expire.", lambda record, _: not record.get("retentionInDays")),
        col("retention_days", INTEGER, "After how many days its events expire; 0 where they never do.",
            "retentionInDays", when_absent=0),
        col("kms_key_id", TEXT, "The KMS key that encrypts it; '' where the service's own does.",
            "kmsKeyId", when_absent=""),
        col("group_class", TEXT, "STANDARD, INFREQUENT_ACCESS, DELIVERY or ESSENTIALS; '' where AWS says none.",
            "logGroupClass", when_absent=""),
    ],
)  # fmt: skip
