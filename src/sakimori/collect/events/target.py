"""Whom rules of EventBridge call."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.events.rule import LIST
from sakimori.collect.sns.publisher import is_topic, topic_is_own
from sakimori.model.words import Scope


def _relies_on_policy(record: Record, _context: Context) -> bool | None:
    # With an execution role EventBridge publishes by the role's permissions, which this table does not read.
    return None if record.get("RoleArn") else True


TABLE = table(
    "aws_events_target",
    "Whom rules of EventBridge call, one row per rule and target.",
    key="id",
    parent="rule_arn",
    parent_key="rule_arn",
    scope=Scope.REGION,
    resource_type="AWS::Events::Rule",
    rows=[
        *LIST,
        call("events:ListTargetsByRule", "Targets", with_={"Rule": "Name", "EventBusName": "EventBusName"},
             keep={"rule_arn": "Arn", "rule_name": "Name", "bus_name": "EventBusName"}),
    ],
    columns=[
        col("id", TEXT, "The rule's ARN, an arrow and the target's id.",
            lambda row, _: f"{row['rule_arn']}>{row['Id']}" if row.get("rule_arn") and row.get("Id") else None),
        col("rule_arn", TEXT, "The rule.", "rule_arn"),
        col("rule_name", TEXT, "The rule's name.", "rule_name"),
        col("bus_name", TEXT, "The bus that the rule listens to.", "bus_name"),
        col("target_arn", TEXT, "What is called: a topic, a function, a queue, another bus, …", "Arn"),
        col("is_topic", BOOLEAN, "The target is an SNS topic.", lambda row, _: is_topic(row["Arn"])),
        col("topic_is_own", BOOLEAN, "It is a topic of this account; NULL where the topic is another account's.",
            lambda row, context: topic_is_own(row["Arn"], context.account_id)),
        col("role_arn", TEXT, "The role with which it is called; '' where there is none.", "RoleArn", when_absent=""),
        col("relies_on_policy", BOOLEAN, "It is called by what its own policy allows; NULL where a role is used.",
            _relies_on_policy),
    ],
)  # fmt: skip
