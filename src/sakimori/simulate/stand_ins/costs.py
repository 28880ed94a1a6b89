"""Cost Anomaly Detection, data exports and the legacy Cost and Usage Reports."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from moto.s3.models import s3_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_HOME: Final = "us-east-1"
_MOST_SUBSCRIBERS: Final = {"EMAIL": 10, "SNS": 1}


def monitors(desk: Desk) -> Mapping[str, Any]:
    """All monitors, or those asked for."""
    kept = desk.state.services.monitors
    wanted = desk.parameters().get("MonitorArnList") or list(kept)
    if any(arn not in kept for arn in wanted):
        raise ServiceError("UnknownMonitorException", "The cost anomaly monitor does not exist for the account.")
    return {"AnomalyMonitors": [kept[arn] for arn in wanted]}


def create_monitor(desk: Desk) -> Mapping[str, Any]:
    """A new monitor; an account has one for its services."""
    asked = desk.parameters()["AnomalyMonitor"]
    kept = desk.state.services.monitors
    is_second = asked["MonitorType"] == "DIMENSIONAL" and any(
        each["MonitorType"] == "DIMENSIONAL" for each in kept.values()
    )
    if is_second:
        raise ServiceError("ValidationException", "Limit exceeded on dimensional spend monitor creation")
    arn = _arn(desk, f"ce::{desk.state.account_id}:anomalymonitor/{uuid4()}")
    today = desk.state.clock().strftime("%Y-%m-%d")
    kept[arn] = {**asked, "MonitorArn": arn, "CreationDate": today, "LastUpdatedDate": today}
    return {"MonitorArn": arn}


def delete_monitor(desk: Desk) -> Mapping[str, Any]:
    """Delete a monitor; subscriptions that hear another one too go on without it, the others go with it."""
    arn = desk.parameters()["MonitorArn"]
    if desk.state.services.monitors.pop(arn, None) is None:
        raise ServiceError("UnknownMonitorException", "The cost anomaly monitor does not exist for the account.")
    subscribed = desk.state.services.subscriptions
    for name, each in list(subscribed.items()):
        left = [monitor for monitor in each["MonitorArnList"] if monitor != arn]
        if left:
            subscribed[name] = {**each, "MonitorArnList": left}
        else:
            del subscribed[name]
    return {}


def subscriptions(desk: Desk) -> Mapping[str, Any]:
    """All subscriptions, those asked for, or those of one monitor."""
    asked = desk.parameters()
    kept = desk.state.services.subscriptions
    wanted = asked.get("SubscriptionArnList") or list(kept)
    if any(arn not in kept for arn in wanted):
        raise ServiceError("UnknownSubscriptionException", "The subscription does not exist for the account.")
    monitor = asked.get("MonitorArn")
    found = [kept[arn] for arn in wanted]
    return {"AnomalySubscriptions": [each for each in found if monitor in (None, *each["MonitorArnList"])]}


def create_subscription(desk: Desk) -> Mapping[str, Any]:
    """Tell someone of what a monitor finds; mail comes daily or weekly, a topic is told at once."""
    asked = desk.parameters()["AnomalySubscription"]
    _check(desk, asked)
    arn = _arn(desk, f"ce::{desk.state.account_id}:anomalysubscription/{uuid4()}")
    told = [{"Status": "CONFIRMED", **each} for each in asked["Subscribers"]]
    account = desk.state.account_id
    kept = {**asked, "SubscriptionArn": arn, "AccountId": account, "Subscribers": told}
    desk.state.services.subscriptions[arn] = kept
    return {"SubscriptionArn": arn}


def update_subscription(desk: Desk) -> Mapping[str, Any]:
    """Change what is named of a subscription; who is told already keeps having agreed or declined."""
    asked = desk.parameters()
    arn = asked["SubscriptionArn"]
    known = desk.state.services.subscriptions.get(arn)
    if known is None:
        raise ServiceError("UnknownSubscriptionException", "The subscription does not exist for the account.")
    changed = {**known, **asked}
    _check(desk, changed)
    status = {(each["Type"], each["Address"]): each["Status"] for each in known["Subscribers"]}
    told = [
        {**each, "Status": status.get((each["Type"], each["Address"]), "CONFIRMED")} for each in changed["Subscribers"]
    ]
    desk.state.services.subscriptions[arn] = {**changed, "Subscribers": told}
    return {"SubscriptionArn": arn}


def delete_subscription(desk: Desk) -> Mapping[str, Any]:
    """Tell nobody any more."""
    if desk.state.services.subscriptions.pop(desk.parameters()["SubscriptionArn"], None) is None:
        raise ServiceError("UnknownSubscriptionException", "The subscription does not exist for the account.")
    return {}


def exports(desk: Desk) -> Mapping[str, Any]:
    """The data exports."""
    kept = desk.state.services.exports.values()
    shown = [
        {"ExportArn": each["ExportArn"], "ExportName": each["Name"], "ExportStatus": _status(desk, each)}
        for each in kept
    ]
    return {"Exports": shown}


def export(desk: Desk) -> Mapping[str, Any]:
    """One data export."""
    found = desk.state.services.exports.get(desk.parameters()["ExportArn"])
    if found is None:
        raise ServiceError("ResourceNotFoundException", "The export was not found.", 404)
    return {"Export": found, "ExportStatus": _status(desk, found)}


def create_export(desk: Desk) -> Mapping[str, Any]:
    """A new data export; its bucket must be there."""
    asked = desk.parameters()["Export"]
    if _destination(asked)["S3Bucket"] not in _buckets(desk):
        raise ServiceError("ValidationException", "S3 bucket permission validation failed")
    arn = _arn(desk, f"bcm-data-exports:{_HOME}:{desk.state.account_id}:export/{asked['Name']}-{uuid4()}")
    desk.state.services.exports[arn] = {**asked, "ExportArn": arn}
    return {"ExportArn": arn}


def reports(desk: Desk) -> Mapping[str, Any]:
    """The legacy reports, with how their last delivery went."""
    buckets = _buckets(desk)
    shown = []
    for each in desk.state.services.reports.values():
        status = "SUCCESS" if each["S3Bucket"] in buckets else "ERROR_NO_BUCKET"
        shown.append({**each, "ReportStatus": {"lastStatus": status}})
    return {"ReportDefinitions": shown}


def put_report(desk: Desk) -> Mapping[str, Any]:
    """A new legacy report; its bucket must be there."""
    asked = desk.parameters()["ReportDefinition"]
    if asked["S3Bucket"] not in _buckets(desk):
        raise ServiceError("ValidationException", "Failed to verify customer bucket permission.")
    if asked["ReportName"] in desk.state.services.reports:
        raise ServiceError("DuplicateReportNameException", "A report with this name already exists.")
    desk.state.services.reports[asked["ReportName"]] = asked
    return {}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "bcm-data-exports:CreateExport": create_export,
    "bcm-data-exports:GetExport": export,
    "bcm-data-exports:ListExports": exports,
    "ce:CreateAnomalyMonitor": create_monitor,
    "ce:CreateAnomalySubscription": create_subscription,
    "ce:DeleteAnomalyMonitor": delete_monitor,
    "ce:DeleteAnomalySubscription": delete_subscription,
    "ce:GetAnomalyMonitors": monitors,
    "ce:GetAnomalySubscriptions": subscriptions,
    "ce:UpdateAnomalySubscription": update_subscription,
    "cur:DescribeReportDefinitions": reports,
    "cur:PutReportDefinition": put_report,
}


def _check(desk: Desk, asked: Mapping[str, Any]) -> None:
    """What AWS refuses of a subscription."""
    if any(arn not in desk.state.services.monitors for arn in asked["MonitorArnList"]):
        raise ServiceError("UnknownMonitorException", "The cost anomaly monitor does not exist for the account.")
    wanted = "SNS" if asked["Frequency"] == "IMMEDIATE" else "EMAIL"
    if any(each["Type"] != wanted for each in asked["Subscribers"]):
        raise ServiceError(
            "ValidationException", f"Frequency {asked['Frequency']} requires subscribers of type {wanted}"
        )
    most = _MOST_SUBSCRIBERS[wanted]
    if len(asked["Subscribers"]) > most:
        raise ServiceError("ValidationException", f"At most {most} subscribers of type {wanted}")


def _arn(desk: Desk, rest: str) -> str:
    return f"arn:{desk.state.partition}:{rest}"


def _buckets(desk: Desk) -> Mapping[str, object]:
    return s3_backends[desk.state.account_id][desk.state.partition].buckets


def _destination(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    return definition["DestinationConfigurations"]["S3Destination"]


def _status(desk: Desk, definition: Mapping[str, Any]) -> Mapping[str, str]:
    """An export whose bucket is gone cannot be written."""
    if _destination(definition)["S3Bucket"] in _buckets(desk):
        return {"StatusCode": "HEALTHY"}
    return {"StatusCode": "UNHEALTHY", "StatusReason": "INSUFFICIENT_PERMISSION"}
