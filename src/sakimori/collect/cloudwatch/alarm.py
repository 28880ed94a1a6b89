"""Metric alarms of CloudWatch."""

from sakimori.collect.declaration import BOOLEAN, DOUBLE, INTEGER, TEXT, Context, Derive, Record, call, col, table
from sakimori.model.words import Scope

# Without AlarmTypes AWS leaves out composite alarms and alarms on log queries: neither watches a metric.
LIST = call("cloudwatch:DescribeAlarms", "MetricAlarms", MaxRecords=100)


def of_metric(name: str) -> Derive:
    """The alarm's own metric, or the only one that its expression uses; '' where it uses several or none."""

    def derive(record: Record, _context: Context) -> str:
        if record.get("MetricName"):
            return str(record.get(name, ""))
        queries = record.get("Metrics") or ()
        metrics = [query["MetricStat"].get("Metric", {}) for query in queries if query.get("MetricStat")]
        return str(metrics[0].get(name, "")) if len(metrics) == 1 else ""

    return derive


def _own_topics(record: Record, context: Context) -> int:
    parts = [str(action).split(":") for action in record.get("AlarmActions") or ()]
    return sum(part[2:3] == ["sns"] and part[4:5] == [context.account_id] for part in parts)


TABLE = table(
    "aws_cloudwatch_alarm",
    "Metric alarms; composite alarms are left out.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CloudWatch::Alarm",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The alarm's ARN.", "AlarmArn"),
        col("name", TEXT, "The alarm's name.", "AlarmName"),
        col("metric_name", TEXT, "The metric that it watches; '' where it watches several.", of_metric("MetricName")),
        col("metric_namespace", TEXT, "The namespace of that metric; '' where it watches several.",
            of_metric("Namespace")),
        col("actions_enabled", BOOLEAN, "It acts when its state changes.", "ActionsEnabled"),
        col("action_count", INTEGER, "Actions that it takes when it goes to ALARM.",
            lambda record, _: len(record.get("AlarmActions") or ())),
        col("own_topic_count", INTEGER, "SNS topics of this account among them.", _own_topics),
        col("state", TEXT, "OK, ALARM or INSUFFICIENT_DATA.", "StateValue"),
        col("comparison", TEXT, "How the metric is held against the threshold; '' where AWS says nothing.",
            "ComparisonOperator", when_absent=""),
        col("threshold", DOUBLE, "The number that the metric is held against; NULL for a band of anomalies.",
            "Threshold"),
        # "If you omit this parameter, the default behavior of missing is used": PutMetricAlarm, API reference.
        col("missing_data", TEXT, "What it makes of silence: missing, notBreaching, breaching or ignore.",
            "TreatMissingData", when_absent="missing"),
        col("insufficient_data_action_count", INTEGER, "Actions that it takes when it goes to INSUFFICIENT_DATA.",
            lambda record, _: len(record.get("InsufficientDataActions") or ())),
    ],
)  # fmt: skip
