"""Data exports of AWS Billing and Cost Management."""

import re
from typing import Final

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

# "Data Exports table dictionary", AWS Data Exports user guide: the tables that hold costs line by line.
_COSTS: Final = re.compile(r"\bfrom\s+(cost_and_usage_report|focus_1_0_aws\w*|focus_1_2_aws\w*)\b", re.IGNORECASE)


def _holds_costs(record: Record, _context: Context) -> bool | None:
    statement = record.get("Export", {}).get("DataQuery", {}).get("QueryStatement")
    return None if statement is None else bool(_COSTS.search(statement))


def _is_healthy(record: Record, _context: Context) -> bool | None:
    return {"HEALTHY": True, "UNHEALTHY": False}.get(record.get("ExportStatus", {}).get("StatusCode", ""))


TABLE = table(
    "aws_bcm_export",
    "Data exports of AWS Billing and Cost Management.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::BCMDataExports::Export",
    rows=call("bcm-data-exports:ListExports", "Exports"),
    each=[call("bcm-data-exports:GetExport", "Export", with_={"ExportArn": "ExportArn"})],
    columns=[
        col("arn", TEXT, "The export's ARN.", "ExportArn"),
        col("name", TEXT, "The export's name.", "ExportName"),
        col("status", TEXT, "HEALTHY or UNHEALTHY.", "ExportStatus.StatusCode"),
        col("reason", TEXT, "Why it is UNHEALTHY; '' where AWS says nothing.", "ExportStatus.StatusReason", when_absent=""),
        col("is_healthy", BOOLEAN, "It is delivered.", _is_healthy),
        col("holds_costs", BOOLEAN, "It holds costs and usage line by line (CUR 2.0 or FOCUS).",
            _holds_costs, needs=["Export"]),
        col("s3_bucket_name", TEXT, "The bucket that gets it.",
            "Export.DestinationConfigurations.S3Destination.S3Bucket"),
    ],
)  # fmt: skip
