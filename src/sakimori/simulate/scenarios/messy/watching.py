"""Who is told of what: filters, alarms and EventBridge rules of three administrators, whole chains and broken ones.

The topic of the first one was never confirmed (`monitoring.py`); the second one's is, and
the third one began with EventBridge and did not finish.
"""

import json
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA

_GROUP: Final = "trail"
_FILTERS: Final = {
    # Whole, however they are written.
    "unauthorized-calls": '{ ($.errorCode = "AccessDenied*") || ($.errorCode = "*UnauthorizedOperation") }',
    "cloudtrail": "{ $.eventSource = cloudtrail.amazonaws.com && ($.eventName = *Trail || $.eventName = St*Logging) }",
    "sign-in": '{ $.responseElements.ConsoleLogin = "Failure" }',
    "kms": "{ ($.eventName = ScheduleKeyDeletion) || ($.eventName = DisableKey) || ($.eventName = CancelKeyDeletion) }",
    "security-group": "{ $.eventName = *SecurityGroup || $.eventName = *SecurityGroupIngress || $.eventName = *SecurityGroupEgress }",
    # DeleteBucketPolicy is missing: the lock can be taken off unseen.
    "bucket-policy": "{ ($.eventSource = s3.amazonaws.com) && ($.eventName = PutBucket*) }",
    # Only what 佐藤 does is counted.
    "network-acl": '{ ($.eventName = *NetworkAcl*) && ($.userIdentity.userName = "sato") }',
    # What != says of an event that has no such member, AWS nowhere writes.
    "vpc": '{ ($.eventName = *Vpc*) && ($.userIdentity.invokedBy != "cloudformation.amazonaws.com") }',
    # The rest is whole up to what follows it.
    "config": "{ ($.eventSource = config.amazonaws.com) && ($.readOnly IS FALSE) }",
    "gateway": "{ $.eventName = *InternetGateway || $.eventName = *CustomerGateway }",
    "route-table": "{ $.eventName = *Route || $.eventName = *RouteTable || $.eventName = *RouteTableAssociation }",
}
_QUIET: Final = "config"
_WITHOUT_ALARM: Final = "gateway"
_TO_NOBODY: Final = "route-table"
_IAM_POLICY: Final = {
    "source": ["aws.iam"],
    "detail": {"eventName": [{"suffix": "Policy"}, {"suffix": "PolicyVersion"}]},
}
_GUARDDUTY: Final = {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}
_HEALTH: Final = {"source": ["aws.health"]}
_ORGANIZATION: Final = {"source": ["aws.organizations"], "detail": {"eventSource": ["organizations.amazonaws.com"]}}


def seed(seeding: Seeding) -> None:
    """Metric filters and alarms in Tokyo, EventBridge rules in Tokyo and Virginia."""
    heard = _topic(seeding, TOKYO, "jouhou-system")
    # CloudWatch may not use AWS's own key: what it publishes to this topic is lost, whoever subscribes.
    unheard = seeding.client("sns", TOKYO).create_topic(Name="old-ops", Attributes={"KmsMasterKeyId": "alias/aws/sns"})
    logs, cloudwatch = seeding.client("logs", TOKYO), seeding.client("cloudwatch", TOKYO)
    for name, pattern in _FILTERS.items():
        metric = {"metricName": name, "metricNamespace": "Awase", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName=_GROUP, filterName=f"監視-{name}", filterPattern=pattern, metricTransformations=[metric]
        )
        if name == _WITHOUT_ALARM:
            continue
        cloudwatch.put_metric_alarm(
            AlarmName=f"監視-{name}",
            MetricName=name,
            Namespace="Awase",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            ActionsEnabled=name != _QUIET,
            AlarmActions=[unheard["TopicArn"] if name == _TO_NOBODY else heard],
        )
    admitting = _topic(seeding, VIRGINIA, "jouhou-system")
    _admit_events(seeding, admitting)
    _event_rule(seeding, VIRGINIA, "iam-policy", _IAM_POLICY, admitting)
    _event_rule(seeding, VIRGINIA, "health", _HEALTH, admitting)
    # Organizations sends its events to us-east-1 alone: in Tokyo this rule never sees one, and its topic would refuse it.
    _event_rule(seeding, TOKYO, "organization", _ORGANIZATION, heard)
    # The tutorial ended before the target.
    _event_rule(seeding, TOKYO, "guardduty", _GUARDDUTY, "")


def _topic(seeding: Seeding, region: str, name: str) -> str:
    """A topic whose one subscription was confirmed by the link in the mail."""
    sns: Any = seeding.client("sns", region)
    topic = sns.create_topic(Name=name)["TopicArn"]
    known = set(seeding.state.confirmation_tokens)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="jouhou@example.jp")
    (token,) = set(seeding.state.confirmation_tokens) - known
    sns.confirm_subscription(TopicArn=topic, Token=token)
    return topic


def _admit_events(seeding: Seeding, topic: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    seeding.client("sns", VIRGINIA).set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _event_rule(seeding: Seeding, region: str, name: str, pattern: dict[str, Any], topic: str) -> None:
    events: Any = seeding.client("events", region)
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED")
    if topic:
        events.put_targets(Rule=name, Targets=[{"Id": "mail", "Arn": topic}])
