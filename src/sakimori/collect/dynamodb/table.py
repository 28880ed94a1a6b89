"""Tables of DynamoDB."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("dynamodb:ListTables", "TableNames", Limit=100)
DESCRIBE = call("dynamodb:DescribeTable", "Table", with_={"TableName": "value"})
_RECOVERY = "ContinuousBackupsDescription.PointInTimeRecoveryDescription"


def arn(record: Record, context: Context) -> str:
    """A table's ARN."""
    return f"arn:{context.partition}:dynamodb:{context.region}:{context.account_id}:table/{record['value']}"


def _recovers(record: Record, _context: Context) -> bool | None:
    status = (record.get("Recovery") or {}).get("PointInTimeRecoveryStatus")
    return None if status is None else status == "ENABLED"


TABLE = table(
    "aws_dynamodb_table",
    "Tables of DynamoDB.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::DynamoDB::Table",
    rows=LIST,
    each=[
        DESCRIBE,
        call("dynamodb:DescribeContinuousBackups", _RECOVERY, name="Recovery", with_={"TableName": "value"}),
    ],
    columns=[
        col("arn", TEXT, "The table's ARN.", arn),
        col("name", TEXT, "The table's name.", "value"),
        col("status", TEXT, "ACTIVE, CREATING, UPDATING, DELETING, ARCHIVED, …", "Table.TableStatus"),
        col("has_deletion_protection", BOOLEAN, "It cannot be deleted before that is turned off.",
            "Table.DeletionProtectionEnabled"),
        col("kms_key_arn", TEXT, "The KMS key of the account that encrypts it; '' where a key of AWS does.",
            "Table.SSEDescription.KMSMasterKeyArn", when_absent=""),
        col("point_in_time_recovery_is_enabled", BOOLEAN, "It can be restored to any second of the last days.",
            _recovers, needs=["Recovery"]),
        col("recovery_period_days", INTEGER, "How many days back; NULL where it cannot be.",
            "Recovery.RecoveryPeriodInDays"),
    ],
)  # fmt: skip
