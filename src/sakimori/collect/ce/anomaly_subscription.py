"""Who is told of what Cost Anomaly Detection finds."""

from collections.abc import Iterator

from sakimori.collect.ce.anomaly_monitor import LIST, watches_services
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.kleene import some
from sakimori.model.words import Scope

_LISTENS = {"CONFIRMED": True, "DECLINED": False}


def _id(record: Record, _context: Context) -> str | None:
    monitor, found = record["Monitor"].get("MonitorArn"), record.get("SubscriptionArn")
    return f"{monitor}>{found}" if monitor and found else None


def _has_subscriber(record: Record, _context: Context) -> bool | None:
    return some(_listening(record))


def _listening(record: Record) -> Iterator[bool | None]:
    for subscriber in record["Subscribers"]:
        yield _LISTENS.get(subscriber.get("Status", ""))


TABLE = table(
    "aws_ce_anomaly_subscription",
    "Alert subscriptions of Cost Anomaly Detection, one row for each monitor that they hear.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::CE::AnomalySubscription",
    rows=[
        LIST,
        call("ce:GetAnomalySubscriptions", "AnomalySubscriptions", with_={"MonitorArn": "MonitorArn"},
             keep={"Monitor": "@"}),
    ],
    columns=[
        col("id", TEXT, "The monitor's ARN, an arrow and the subscription's ARN.", _id),
        col("arn", TEXT, "The subscription's ARN.", "SubscriptionArn"),
        col("name", TEXT, "The subscription's name.", "SubscriptionName"),
        col("monitor_arn", TEXT, "The monitor.", "Monitor.MonitorArn"),
        col("monitor_watches_services", BOOLEAN, "The monitor watches the costs of every service by itself.",
            lambda record, context: watches_services(record["Monitor"], context)),
        col("frequency", TEXT, "IMMEDIATE (to an SNS topic), DAILY or WEEKLY (by mail).", "Frequency"),
        col("has_subscriber", BOOLEAN, "At least one subscriber accepts the alerts.", _has_subscriber),
    ],
)  # fmt: skip
