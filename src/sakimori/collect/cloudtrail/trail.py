"""Trails of CloudTrail: what they record, and whether it arrives."""

from collections.abc import Iterable

from sakimori.aws.door import Door
from sakimori.collect.cloudtrail.selectors import recorded, recorded_of_objects
from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Derive, Reader, Record, call, col, table
from sakimori.model.words import Scope

_DESCRIBE = "cloudtrail:DescribeTrails"
_LIST = "cloudtrail:ListTrails"


def _trails(door: Door, region: str) -> Iterable[Record]:
    """Every trail that sees this account, once.

    DescribeTrails in any one Region shows those of all Regions, and an organisation's trail in
    a member account, but only as "shadow trails"; ListTrails adds those of another Region alone.
    """
    found: dict[str, Record] = {}
    for page in door.pages(_DESCRIBE, region, {"includeShadowTrails": True}):
        found.update({trail.get("TrailARN", ""): dict(trail) for trail in page.get("trailList", ())})
    for page in door.pages(_LIST, region, {}):
        for trail in page.get("Trails", ()):
            found.setdefault(trail.get("TrailARN", ""), {**trail, "is_elsewhere": True})
    return found.values()


def _setting(name: str, absent: object = None) -> Derive:
    def derive(record: Record, _context: Context) -> object:
        found = (record.get("Trail") or record).get(name)
        return absent if found is None else found

    return derive


def _delivery_error(record: Record, _context: Context) -> str:
    return str(record.get("Status", {}).get("LatestDeliveryError") or "")


def _notification_error(record: Record, _context: Context) -> str:
    return str(record.get("Status", {}).get("LatestNotificationError") or "")


def _digest_error(record: Record, _context: Context) -> str:
    return str(record.get("Status", {}).get("LatestDigestDeliveryError") or "")


def _log_group_name(record: Record, context: Context) -> str:
    """The NAME in arn:…:logs:region:account:log-group:NAME:*."""
    arn = str(_setting("CloudWatchLogsLogGroupArn", "")(record, context))
    return arn.partition(":log-group:")[2].removesuffix(":*")


def _management(member: str) -> Derive:
    def derive(record: Record, context: Context) -> object:
        has_custom = _setting("HasCustomEventSelectors")(record, context)
        found = recorded(record.get("Selectors", {}), has_custom_selectors=has_custom is not False)
        return None if found is None else getattr(found, member)

    return derive


def _objects(member: str, *, of_own_bucket: bool) -> Derive:
    def derive(record: Record, context: Context) -> object:
        bucket = _setting("S3BucketName")(record, context)
        if of_own_bucket and not bucket:
            return None
        found = recorded_of_objects(
            record.get("Selectors", {}), f"arn:{context.partition}:s3:::{bucket}" if of_own_bucket else ""
        )
        return getattr(found, member)

    return derive


def _logs_error(record: Record, _context: Context) -> str:
    return str(record.get("Status", {}).get("LatestCloudWatchLogsDeliveryError") or "")


TABLE = table(
    "aws_cloudtrail_trail",
    "Trails that record this account, an organisation's too, each under its home Region.",
    key="arn",
    scope=Scope.RESOURCE_REGION,
    row_region="HomeRegion",
    resource_type="AWS::CloudTrail::Trail",
    rows=Reader(function=_trails, operations=(_DESCRIBE, _LIST)),
    each=[
        call("cloudtrail:GetTrail", "Trail", with_={"Name": "TrailARN"}, when="is_elsewhere"),
        call("cloudtrail:GetTrailStatus", "@", name="Status", with_={"Name": "TrailARN"}),
        call("cloudtrail:GetEventSelectors", "@", name="Selectors", with_={"TrailName": "TrailARN"}),
        call("cloudtrail:GetInsightSelectors", "InsightSelectors", with_={"TrailName": "TrailARN"},
             absent=("InsightNotEnabledException",)),
    ],
    columns=[
        col("arn", TEXT, "The trail's ARN.", "TrailARN"),
        col("name", TEXT, "The trail's name.", "Name"),
        col("home_region", TEXT, "The Region it was made in.", "HomeRegion"),
        col("is_multi_region", BOOLEAN, "It records every Region.", _setting("IsMultiRegionTrail"), needs=["Trail"]),
        col("is_organization_trail", BOOLEAN, "It records every account of the organisation.",
            _setting("IsOrganizationTrail"), needs=["Trail"]),
        col("is_logging", BOOLEAN, "It is recording now.", "Status.IsLogging"),
        col("latest_delivery_error", TEXT, "Why S3 refused its last file; '' where it did not.",
            _delivery_error, needs=["Status"]),
        col("delivery_is_failing", BOOLEAN, "S3 refused its last file.",
            lambda record, context: bool(_delivery_error(record, context)), needs=["Status"]),
        col("has_delivered", BOOLEAN, "It has delivered at least one file.",
            lambda record, _: record.get("Status", {}).get("LatestDeliveryTime") is not None, needs=["Status"]),
        col("latest_delivery_at", TIMESTAMP, "When it last delivered a file; NULL where has_delivered is false.",
            "Status.LatestDeliveryTime"),
        col("notification_error", TEXT, "Why SNS refused its last notification; '' where it did not.",
            _notification_error, needs=["Status"]),
        col("digest_error", TEXT, "Why S3 refused its last digest; '' where it did not.", _digest_error, needs=["Status"]),
        col("log_file_validation_is_enabled", BOOLEAN, "Digests tell whether a log file was changed.",
            _setting("LogFileValidationEnabled"), needs=["Trail"]),
        col("includes_global_events", BOOLEAN, "It records global services such as IAM.",
            _setting("IncludeGlobalServiceEvents"), needs=["Trail"]),
        col("kms_key_id", TEXT, "The KMS key that encrypts its files; '' where S3's own does.",
            _setting("KmsKeyId", ""), needs=["Trail"]),
        col("s3_bucket_name", TEXT, "The bucket that gets its files.", _setting("S3BucketName"), needs=["Trail"]),
        col("log_group_arn", TEXT, "The log group that gets its events; '' where none does.",
            _setting("CloudWatchLogsLogGroupArn", ""), needs=["Trail"]),
        col("log_group_name", TEXT, "The name of that log group; '' where there is none.",
            _log_group_name, needs=["Trail"]),
        col("logs_delivery_error", TEXT, "Why the log group refused its last events; '' where it did not.",
            _logs_error, needs=["Status"]),
        col("logs_delivery_is_failing", BOOLEAN, "The log group refused its last events.",
            lambda record, context: bool(_logs_error(record, context)), needs=["Status"]),
        col("has_delivered_to_logs", BOOLEAN, "It has sent at least one event to a log group.",
            lambda record, _: record.get("Status", {}).get("LatestCloudWatchLogsDeliveryTime") is not None,
            needs=["Status"]),
        col("latest_logs_delivery_at", TIMESTAMP,
            "When it last sent events to a log group; NULL where has_delivered_to_logs is false.",
            "Status.LatestCloudWatchLogsDeliveryTime"),
        col("records_management_reads", BOOLEAN, "It records management events that read.",
            _management("reads"), needs=["Trail", "Selectors"]),
        col("records_management_writes", BOOLEAN, "It records management events that change something.",
            _management("writes"), needs=["Trail", "Selectors"]),
        col("records_all_management_events", BOOLEAN, "It records reads and writes of all services, KMS too.",
            _management("reads_and_writes_of_all_services"), needs=["Trail", "Selectors"]),
        col("records_object_reads_of_all_buckets", BOOLEAN, "It records who reads which S3 object, in every bucket.",
            _objects("reads", of_own_bucket=False), needs=["Trail", "Selectors"]),
        col("records_object_writes_of_all_buckets", BOOLEAN, "It records who writes or deletes which S3 object, in every bucket.",
            _objects("writes", of_own_bucket=False), needs=["Trail", "Selectors"]),
        col("records_object_reads_of_own_bucket", BOOLEAN, "It records who reads the files in the bucket that it fills.",
            _objects("reads", of_own_bucket=True), needs=["Trail", "Selectors"]),
        col("records_object_writes_of_own_bucket", BOOLEAN, "It records who writes or deletes files in the bucket that it fills.",
            _objects("writes", of_own_bucket=True), needs=["Trail", "Selectors"]),
        col("has_insights", BOOLEAN, "CloudTrail Insights looks for unusual rates of calls or errors.",
            lambda record, _: bool(record.get("InsightSelectors")), needs=["InsightSelectors"]),
    ],
)  # fmt: skip
