"""Legacy Cost and Usage Reports."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _id(record: Record, context: Context) -> str | None:
    name = record.get("ReportName")
    return f"{context.account_id}/{name}" if name else None


def _is_delivered(record: Record, _context: Context) -> bool | None:
    """Unknown until AWS has tried once."""
    status = record.get("ReportStatus", {}).get("lastStatus")
    return None if status is None else status == "SUCCESS"


TABLE = table(
    "aws_cur_report",
    "Legacy Cost and Usage Reports.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::CUR::ReportDefinition",
    rows=call("cur:DescribeReportDefinitions", "ReportDefinitions"),
    columns=[
        col("id", TEXT, "Account and name; the answer holds no ARN.", _id),
        col("name", TEXT, "The report's name.", "ReportName"),
        col("time_unit", TEXT, "HOURLY, DAILY or MONTHLY.", "TimeUnit"),
        col("s3_bucket_name", TEXT, "The bucket that gets it.", "S3Bucket"),
        col("last_status", TEXT, "SUCCESS, ERROR_PERMISSIONS or ERROR_NO_BUCKET; '' before the first delivery.",
            "ReportStatus.lastStatus", when_absent=""),
        col("is_delivered", BOOLEAN, "The last delivery arrived; NULL before the first.", _is_delivered),
    ],
)  # fmt: skip
