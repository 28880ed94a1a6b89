"""Our subscription of Cost Anomaly Detection in normal form, and the call that makes, changes or deletes it.

Source: botocore's model of ce; AWS Cost Anomaly Detection FAQ (ten mail addresses or one topic a subscription).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.actions.terraform import Expression, Resource
from sakimori.model.action import Call

_MAKE: Final = "ce:CreateAnomalySubscription"
_UPDATE: Final = "ce:UpdateAnomalySubscription"
_DROP: Final = "ce:DeleteAnomalySubscription"
WRITES: Final = (_MAKE, _UPDATE, _DROP)
"""The last is what making one with tags needs as well."""
NAME: Final = "sakimori-cost-anomalies"
MOST_MAILS: Final = 10
_IMPACT: Final = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"


def normal(subscription: Mapping[str, Any]) -> State:
    """The subscription without what AWS makes of it."""
    threshold = subscription.get("ThresholdExpression") or threshold_from(float(subscription.get("Threshold") or 0.0))
    tells = sorted(f"{each['Type']} {each['Address']}" for each in subscription["Subscribers"])
    return {"frequency": str(subscription["Frequency"]), "threshold": threshold, "tells": tells}


def told(subscription: Mapping[str, Any]) -> list[str]:
    """Whom it tells; who declined the mails is told nothing."""
    found = [each for each in subscription["Subscribers"] if each.get("Status") != "DECLINED"]
    return sorted(f"{each['Type']} {each['Address']}" for each in found)


def threshold_from(usd: float) -> Mapping[str, Any]:
    """Tell of every anomaly from so many US dollars on."""
    return {"Dimensions": {"Key": _IMPACT, "MatchOptions": ["GREATER_THAN_OR_EQUAL"], "Values": [f"{usd:g}"]}}


def usd_of(threshold: Mapping[str, Any]) -> float | None:
    """From how much on it tells; None where it asks for more than that."""
    dimensions = threshold.get("Dimensions") or {}
    is_plain = len(threshold) == 1 and dimensions.get("Key") == _IMPACT and len(dimensions.get("Values") or ()) == 1
    return float(dimensions["Values"][0]) if is_plain else None


def made(site: Site, monitor_arn: str, own: State, step: str) -> Call:
    """Make it."""
    said = {"SubscriptionName": NAME, "MonitorArnList": [monitor_arn], **_said(own)}
    parameters = {"AnomalySubscription": said, "ResourceTags": tags(step)}
    return Call(operation=_MAKE, region=site.region, parameters=parameters)


def updated(site: Site, arn: str, own: State) -> Call:
    """Give the one that is there this form."""
    return Call(operation=_UPDATE, region=site.region, parameters={"SubscriptionArn": arn, **_said(own)})


def dropped(site: Site, arn: str) -> Call:
    """Delete it."""
    return Call(
        operation=_DROP, region=site.region, parameters={"SubscriptionArn": arn},
        settled=("UnknownSubscriptionException",),
    )  # fmt: skip


def _said(own: State) -> Mapping[str, Any]:
    subscribers = [each.partition(" ") for each in own["tells"]]
    return {
        "Frequency": own["frequency"], "ThresholdExpression": own["threshold"],
        "Subscribers": [{"Type": kind, "Address": address} for kind, _, address in subscribers],
    }  # fmt: skip


def values(own: State) -> Mapping[str, Any]:
    """What sentences say of it."""
    people = [each.partition(" ")[2] for each in own["tells"]]
    return {"name": NAME, "to": people, "from_usd": usd_of(own["threshold"])}


def tags(step: str) -> Sequence[Mapping[str, str]]:
    """By which what we make is known."""
    return [{"Key": "sakimori", "Value": step}]


def resource(own: State, monitor: str | Expression, step: str) -> Resource:
    """The subscription as code."""
    dimension = own["threshold"]["Dimensions"]
    subscribers = [each.partition(" ") for each in own["tells"]]
    threshold = {"key": dimension["Key"], "match_options": dimension["MatchOptions"], "values": dimension["Values"]}
    return Resource(
        type="aws_ce_anomaly_subscription", name=NAME,
        arguments={
            "name": NAME, "frequency": own["frequency"], "monitor_arn_list": [monitor], "tags": {"sakimori": step}
        },
        blocks=[
            *(("subscriber", {"type": kind, "address": address}) for kind, _, address in subscribers),
            ("threshold_expression", {"blocks": [("dimension", threshold)]}),
        ],
    )  # fmt: skip
