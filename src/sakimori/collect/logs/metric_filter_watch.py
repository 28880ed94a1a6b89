"""What metric filters count of what CloudTrail writes: one row per filter and watched thing."""

from collections.abc import Iterator

from sakimori.collect.cloudtrail.watched import WATCHED
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.logs.metric_filter import LIST, filter_id, transformation
from sakimori.collect.logs.pattern import watched_by
from sakimori.model.words import Scope


def _watches(record: Record, context: Context) -> Iterator[Record]:
    found = watched_by(record.get("filterPattern") or "")
    for watched in WATCHED:
        yield {
            **record, "filter": filter_id(record, context), "watched": watched.name, "watches": found[watched.name],
        }  # fmt: skip


TABLE = table(
    "aws_logs_metric_filter_watch",
    "Which of the watched things a metric filter counts in the events of CloudTrail, one row per filter and thing.",
    key="id",
    parent="filter_id",
    parent_key=filter_id,
    scope=Scope.REGION,
    resource_type="AWS::Logs::MetricFilter",
    rows=LIST,
    expand=_watches,
    columns=[
        col("id", TEXT, "The filter's id, an arrow and the watched thing's name.",
            lambda row, _: f"{row['filter']}>{row['watched']}" if row["filter"] else None),
        col("filter_id", TEXT, "The filter.", "filter"),
        col("filter_name", TEXT, "The filter's name.", "filterName"),
        col("log_group_name", TEXT, "The log group that it watches.", "logGroupName"),
        col("metric_name", TEXT, "The metric that it counts in.",
            lambda row, _: transformation(row).get("metricName")),
        col("metric_namespace", TEXT, "The namespace of that metric.",
            lambda row, _: transformation(row).get("metricNamespace")),
        col("watched", TEXT, "The watched thing: root-use, iam-policy-changes, cloudtrail-changes, …", "watched"),
        col("watches", BOOLEAN, "It counts all of it, and not all else as well; NULL where the pattern is not understood.",
            "watches"),
    ],
)  # fmt: skip
