"""Whether a trail can deliver, to S3 and to its log group, and the selectors that it has when none were set."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.policies import Asked, Decision, decide
from sakimori.simulate.stand_ins.form import Desk, StandIn

_DEFAULT_SELECTORS: Final = (
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    },
)
_PRINCIPAL: Final = "cloudtrail.amazonaws.com"


def trail_status(desk: Desk) -> Mapping[str, Any] | Answer:
    """The status with `LatestDeliveryError` as the trail's bucket stands now: gone, or closed to CloudTrail."""
    trail = _trail(desk, str(desk.parameters().get("Name", "")))
    if trail is None:
        return desk.moto()
    status = trail.status
    result: dict[str, Any] = {"IsLogging": status.is_logging}
    if status.started is not None:
        result["StartLoggingTime"] = status.started
        result["TimeLoggingStarted"] = status.started.strftime("%Y-%m-%dT%H:%M:%SZ")
    if status.stopped is not None:
        result["StopLoggingTime"] = status.stopped
        result["TimeLoggingStopped"] = status.stopped.strftime("%Y-%m-%dT%H:%M:%SZ")
    if not status.is_logging:
        return result
    # On the hour, so that who asks twice is told the same.
    tried = desk.state.clock().replace(minute=0, second=0, microsecond=0)
    if group := _log_group_name(trail):
        # Whether the trail's role may write there is not looked at.
        is_there = group in logs_backends[desk.state.account_id][trail.region_name].groups
        told = (
            {"LatestCloudWatchLogsDeliveryTime": tried}
            if is_there
            else {"LatestCloudWatchLogsDeliveryError": "CloudWatch Logs log group does not exist."}
        )
        result.update(told)
    result["LatestDeliveryAttemptTime"] = tried.strftime("%Y-%m-%dT%H:%M:%SZ")
    if error := _delivery_error(desk, trail):
        return {**result, "LatestDeliveryError": error, "LatestDeliveryAttemptSucceeded": ""}
    succeeded = result["LatestDeliveryAttemptTime"]
    return {**result, "LatestDeliveryTime": tried, "LatestDeliveryAttemptSucceeded": succeeded}


def trails(desk: Desk) -> Mapping[str, Any]:
    """The trails of every Region, as ListTrails gives them wherever it is asked; moto leaves out those of one other Region."""
    backends = cloudtrail_backends[desk.state.account_id]
    found = [trail for region in sorted(backends) for trail in backends[region].trails.values()]
    return {"Trails": [trail.short() for trail in found]}


def event_selectors(desk: Desk) -> Mapping[str, Any] | Answer:
    """The selectors that were set, else those that every trail has: all management events, no data events."""
    trail = _trail(desk, str(desk.parameters().get("TrailName", "")))
    if trail is None or trail.event_selectors or trail.advanced_event_selectors:
        return desk.moto()
    return {"TrailARN": trail.arn, "EventSelectors": _DEFAULT_SELECTORS}


def insight_selectors(desk: Desk) -> Answer:
    """Moto's answer, which for a trail without Insights is an error."""
    trail = _trail(desk, str(desk.parameters().get("TrailName", "")))
    if trail is not None and not trail.insight_selectors:
        message = f"Trail {trail.arn} does not have Insights enabled. Edit the trail settings to enable Insights."
        raise ServiceError("InsightNotEnabledException", message, 400)
    return desk.moto()


def put_insight_selectors(desk: Desk) -> Answer:
    """Moto's answer; what is put takes the place of what was there."""
    trail = _trail(desk, str(desk.parameters().get("TrailName", "")))
    if trail is not None:
        trail.insight_selectors = []
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "cloudtrail:GetInsightSelectors": insight_selectors,
    "cloudtrail:ListTrails": trails,
    "cloudtrail:PutInsightSelectors": put_insight_selectors,
    "cloudtrail:GetEventSelectors": event_selectors,
    "cloudtrail:GetTrailStatus": trail_status,
}


def _trail(desk: Desk, name_or_arn: str) -> Trail | None:
    here: CloudTrailBackend = cloudtrail_backends[desk.state.account_id][desk.call.region]
    for trail in here.describe_trails(include_shadow_trails=True):
        if name_or_arn in (trail.trail_name, trail.arn):
            return trail
    return None


def _log_group_name(trail: Trail) -> str:
    return str(trail.cw_log_group_arn or "").partition(":log-group:")[2].removesuffix(":*")


def _delivery_error(desk: Desk, trail: Trail) -> str:
    bucket = s3_backends[desk.state.account_id][desk.state.partition].buckets.get(trail.bucket_name)
    if bucket is None:
        return "NoSuchBucket"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    key = f"{prefix}AWSLogs/{desk.state.account_id}/CloudTrail/{trail.region_name}/"
    asked = Asked(
        action="s3:PutObject", resource=f"arn:{trail.partition}:s3:::{bucket.name}/{key}", region=trail.region_name
    )
    document = _for_cloudtrail(bucket.policy.decode() if bucket.policy else "")
    return "" if decide((document,), asked) is Decision.ALLOWED else "AccessDenied"


def _for_cloudtrail(policy: str) -> str:
    """The statements of a bucket policy that name CloudTrail, without the conditions that its own deliveries meet."""
    if not policy:
        return "{}"
    parsed = json.loads(policy)
    listed = parsed.get("Statement", [])
    named = [
        {key: value for key, value in statement.items() if key != "Condition"}
        for statement in (listed if isinstance(listed, list) else [listed])
        if _PRINCIPAL in json.dumps(statement.get("Principal", ""))
    ]
    return json.dumps({"Statement": named})
