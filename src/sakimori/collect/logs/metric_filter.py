"""Metric filters of log groups: what turns a log line into a number that an alarm can watch."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.logs.pattern import watched_by
from sakimori.model.words import Scope

LIST = call("logs:DescribeMetricFilters", "metricFilters")

# Members that few logs but CloudTrail's have: CloudTrail user guide, "CloudTrail record contents".
_CLOUDTRAILS_OWN: Final = re.compile(
    r"\$\.(?:eventName|eventSource|userIdentity|requestParameters|responseElements|additionalEventData)\b"
)


def filter_id(record: Record, context: Context) -> str | None:
    """The log group's ARN and the filter's name: AWS gives a filter no ARN."""
    group, name = record.get("logGroupName"), record.get("filterName")
    if not group or not name:
        return None
    return f"arn:{context.partition}:logs:{context.region}:{context.account_id}:log-group:{group}/{name}"


def transformation(record: Record) -> Mapping[str, Any]:
    """What a match becomes; a filter has exactly one."""
    return next(iter(record.get("metricTransformations") or ()), {})


def _reads_cloudtrail(record: Record, _context: Context) -> bool:
    pattern = record.get("filterPattern") or ""
    return bool(_CLOUDTRAILS_OWN.search(pattern)) or any(watched_by(pattern).values())


TABLE = table(
    "aws_logs_metric_filter",
    "Metric filters of log groups.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::Logs::MetricFilter",
    rows=LIST,
    columns=[
        col("id", TEXT, "The log group's ARN, a slash and the filter's name.", filter_id),
        col("name", TEXT, "The filter's name, unique within its log group.", "filterName"),
        col("log_group_name", TEXT, "The log group that it watches.", "logGroupName"),
        col("pattern", TEXT, "What a line must match; '' matches every line.", "filterPattern", when_absent=""),
        col("metric_name", TEXT, "The metric that it counts in.",
            lambda record, _: transformation(record).get("metricName")),
        col("metric_namespace", TEXT, "The namespace of that metric.",
            lambda record, _: transformation(record).get("metricNamespace")),
        # "If you set it to 0, data is reported in every such period": CloudWatch Logs user guide, on metric filters.
        col("has_default_value", BOOLEAN, "It writes a number also while log lines come in and none matches.",
            lambda record, _: transformation(record).get("defaultValue") is not None),
        col("reads_cloudtrail", BOOLEAN, "Its pattern speaks of events of CloudTrail.", _reads_cloudtrail),
    ],
)  # fmt: skip
