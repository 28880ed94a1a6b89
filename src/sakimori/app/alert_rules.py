"""Which posture rules say whether this account's own alarms would be heard."""

from typing import Final

ALERT_RULES: Final[tuple[str, ...]] = (
    # The records arrive, and the filters stand where they arrive.
    "aws.cloudtrail.trail-delivers",
    "aws.cloudtrail.trail-sent-to-cloudwatch-logs",
    "aws.logs.metric-filter-fed-by-trail",
    # The alarm rings, and again the next time.
    "aws.cloudwatch.alarm-has-action",
    "aws.cloudwatch.alarm-not-silenced-by-missing-data",
    # What the alarm says reaches the topic, and somebody.
    "aws.cloudwatch.alarm-topic-accepts",
    "aws.cloudwatch.alarm-heard",
    # The same for EventBridge.
    "aws.events.finding-rule-has-target",
    "aws.events.target-topic-accepts",
    "aws.events.target-topic-heard",
    # The topics themselves.
    "aws.sns.alarm-topic-without-default-key",
    "aws.sns.subscription-confirmed",
    # Nothing is hidden before anyone could be told.
    "aws.guardduty.filter-names-type-and-resource",
    "aws.securityhub.automation-rule-names-type-and-resource",
)
"""In the order in which an event travels: trail, filter, alarm or EventBridge rule, topic, person."""
