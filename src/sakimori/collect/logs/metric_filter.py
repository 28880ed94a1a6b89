"""Metric filters of log groups: what turns a log line into a number that an alarm can watch."""

from collections.abc import Mapping
from typing import Any

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.logs.pattern import catches_root_use
from sakimori.model.words import Scope


def _id(record: Record, context: Context) -> str | None:
    group, name = record.get("logGroupName"), record.get("filterName")
    if not group or not name:
        return None
    return f"arn:{context.partition}:logs:{context.region}:{context.account_id}:log-group:{group}/{name}"


def _transformation(record: Record) -> Mapping[str, Any]:
    """A filter has exactly one."""
    return next(iter(record.get("metricTransformations") or ()), {})


TABLE = table(
    "aws_logs_metric_filter",
    "Metric filters of log groups.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::Logs::MetricFilter",
    rows=call("logs:DescribeMetricFilters", "metricFilters"),
    columns=[
        col("id", TEXT, "The log group's ARN, a slash and the filter's name.", _id),
        col("name", TEXT, "The filter's name, unique within its log group.", "filterName"),
        col("log_group_name", TEXT, "The log group that it watches.", "logGroupName"),
        col("pattern", TEXT, "What a line must match; '' matches every line.", "filterPattern", when_absent=""),
        col("metric_name", TEXT, "The metric that it counts in.",
            lambda record, _: _transformation(record).get("metricName")),
        col("metric_namespace", TEXT, "The namespace of that metric.",
            lambda record, _: _transformation(record).get("metricNamespace")),
        col("watches_root_use", BOOLEAN, "It counts what the root user does; NULL where the pattern is not understood.",
            lambda record, _: catches_root_use(record.get("filterPattern") or "")),
    ],
)  # fmt: skip
