"""Who watches: a trail that no longer delivers, an alarm that nobody hears, guards in one Region only."""

from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name, put_policy

_ROOT_USE: Final = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
)
CLOUDTRAIL: Final = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject"}


def seed(seeding: Seeding) -> None:
    """CloudTrail, the alarm on the root user, Config and GuardDuty; `regions.other` are those not in use."""
    _trails(seeding)
    _alarm(seeding)
    _config(seeding)
    tokyo = seeding.client("guardduty", TOKYO)
    tokyo.create_detector(Enable=True)
    suspended = seeding.client("guardduty", VIRGINIA)
    suspended.create_detector(Enable=False)
    others = seeding.state.enabled_regions - {TOKYO, VIRGINIA, IRELAND}
    seeding.names["regions.other"] = " ".join(sorted(others))


def _trails(seeding: Seeding) -> None:
    account = seeding.state.account_id
    logs = seeding.client("logs", TOKYO)
    logs.create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:{TOKYO}:{account}:log-group:trail:*"
    trail = seeding.client("cloudtrail", TOKYO)
    for bucket in ("trail", "trail-tokyo"):
        put_policy(seeding, bucket, CLOUDTRAIL, f"/AWSLogs/{account}/*")
    trail.create_trail(
        Name="awase-all",
        S3BucketName=full_name(seeding, "trail"),
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account}:role/trail-to-logs",
    )
    trail.create_trail(Name="tokyo-only", S3BucketName=full_name(seeding, "trail-tokyo"), IsMultiRegionTrail=False)
    for name in ("awase-all", "tokyo-only"):
        trail.start_logging(Name=name)
    # Someone "cleaned up": since then the trail is on, and delivers nothing.
    seeding.client("s3", TOKYO).delete_bucket_policy(Bucket=full_name(seeding, "trail"))


def _alarm(seeding: Seeding) -> None:
    metric = {"metricName": "RootUse", "metricNamespace": "Awase", "metricValue": "1"}
    seeding.client("logs", TOKYO).put_metric_filter(
        logGroupName="trail", filterName="root-use", filterPattern=_ROOT_USE, metricTransformations=[metric]
    )
    sns = seeding.client("sns", TOKYO)
    topic = sns.create_topic(Name="security")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@example.jp")
    seeding.client("cloudwatch", TOKYO).put_metric_alarm(
        AlarmName="ルートユーザーの使用",
        MetricName="RootUse",
        Namespace="Awase",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[topic],
    )


def _config(seeding: Seeding) -> None:
    role = f"arn:aws:iam::{seeding.state.account_id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    for region, records in ((TOKYO, True), (VIRGINIA, True), (IRELAND, False)):
        config: Any = seeding.client("config", region)
        everything = {"allSupported": True, "includeGlobalResourceTypes": True}
        recorder = {"name": "default", "roleARN": role, "recordingGroup": everything}
        config.put_configuration_recorder(ConfigurationRecorder=recorder)
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": full_name(seeding, "backup")})
        if records:
            config.start_configuration_recorder(ConfigurationRecorderName="default")
