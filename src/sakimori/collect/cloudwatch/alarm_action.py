"""What metric alarms do when they go to ALARM."""

from collections.abc import Iterator

from sakimori.collect.cloudwatch.alarm import LIST, of_metric
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.sns.publisher import is_topic, topic_is_own
from sakimori.model.words import Scope


def _actions(record: Record, _context: Context) -> Iterator[Record]:
    for action in dict.fromkeys(record.get("AlarmActions") or ()):
        yield {**record, "action": action}


TABLE = table(
    "aws_cloudwatch_alarm_action",
    "What metric alarms do when they go to ALARM, one row per action.",
    key="id",
    parent="alarm_arn",
    parent_key="AlarmArn",
    scope=Scope.REGION,
    resource_type="AWS::CloudWatch::Alarm",
    rows=LIST,
    expand=_actions,
    columns=[
        col("id", TEXT, "The alarm's ARN, an arrow and the action's ARN.",
            lambda row, _: f"{row['AlarmArn']}>{row['action']}" if row.get("AlarmArn") else None),
        col("alarm_arn", TEXT, "The alarm.", "AlarmArn"),
        col("alarm_name", TEXT, "The alarm's name.", "AlarmName"),
        col("metric_name", TEXT, "The metric that it watches; '' where it watches several.", of_metric("MetricName")),
        col("metric_namespace", TEXT, "The namespace of that metric; '' where it watches several.",
            of_metric("Namespace")),
        col("action_arn", TEXT, "What is called: a topic, a scaling policy, a function, …", "action"),
        col("actions_enabled", BOOLEAN, "The alarm acts when its state changes.", "ActionsEnabled"),
        col("is_topic", BOOLEAN, "The action is an SNS topic.",
            lambda row, _: is_topic(str(row["action"]))),
        col("topic_is_own", BOOLEAN, "It is a topic of this account; NULL where the topic is another account's.",
            lambda row, context: topic_is_own(str(row["action"]), context.account_id)),
    ],
)  # fmt: skip
