"""Whether a trail can deliver, to S3 and to its log group, what it delivers, and the selectors that it has when none were set."""

from collections.abc import Mapping
from typing import Any, Final

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.logs.models import logs_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.trail.files import deliver, delivery_error

_DEFAULT_SELECTORS: Final = (
    {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    },
)


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
    if error := delivery_error(desk.state, trail):
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


def start_logging(desk: Desk) -> Answer:
    """Moto's answer; from now on the trail delivers what happens, and nothing from before."""
    trail = _trail(desk, str(desk.parameters().get("Name", "")))
    if trail is not None and not trail.status.is_logging:
        desk.state.delivered[str(trail.arn)] = desk.state.history.last_number
    return desk.moto()


def change_trail(desk: Desk) -> Answer:
    """Moto's answer; what happened before is delivered as the trail was."""
    deliver(desk.state)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "cloudtrail:DeleteTrail": change_trail,
    "cloudtrail:GetInsightSelectors": insight_selectors,
    "cloudtrail:ListTrails": trails,
    "cloudtrail:PutInsightSelectors": put_insight_selectors,
    "cloudtrail:GetEventSelectors": event_selectors,
    "cloudtrail:GetTrailStatus": trail_status,
    "cloudtrail:PutEventSelectors": change_trail,
    "cloudtrail:StartLogging": start_logging,
    "cloudtrail:StopLogging": change_trail,
    "cloudtrail:UpdateTrail": change_trail,
}


def _trail(desk: Desk, name_or_arn: str) -> Trail | None:
    here: CloudTrailBackend = cloudtrail_backends[desk.state.account_id][desk.call.region]
    for trail in here.describe_trails(include_shadow_trails=True):
        if name_or_arn in (trail.trail_name, trail.arn):
            return trail
    return None


def _log_group_name(trail: Trail) -> str:
    return str(trail.cw_log_group_arn or "").partition(":log-group:")[2].removesuffix(":*")
