"""Monitors of Cost Anomaly Detection."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Call, Context, Record, call, col, table
from sakimori.model.words import Scope

# AWS charges for requests that query cost data (GetCostAndUsage and the like); these two read settings alone.
LIST: Call = call("ce:GetAnomalyMonitors", "AnomalyMonitors")


def watches_services(record: Record, _context: Context) -> bool | None:
    """It watches every service by itself; None where AWS does not say of what type it is."""
    kind = record.get("MonitorType")
    return None if kind is None else kind == "DIMENSIONAL" and record.get("MonitorDimension") == "SERVICE"


TABLE = table(
    "aws_ce_anomaly_monitor",
    "Monitors of Cost Anomaly Detection; reading them queries no cost data.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::CE::AnomalyMonitor",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The monitor's ARN.", "MonitorArn"),
        col("name", TEXT, "The monitor's name.", "MonitorName"),
        col("type", TEXT, "DIMENSIONAL or CUSTOM.", "MonitorType"),
        col("dimension", TEXT, "SERVICE, LINKED_ACCOUNT, TAG or COST_CATEGORY; '' for a custom one.",
            "MonitorDimension", when_absent=""),
        col("watches_services", BOOLEAN, "It watches the costs of every service by itself.", watches_services),
    ],
)  # fmt: skip
