"""HB08: Cost Anomaly Detection looks at every service, and writes every day to those who were named.

An account has one monitor of its services, newer accounts from the beginning: it is adopted. A subscription to it serves
if it tells an address of config.toml or a topic; AWS's own default one, which writes to the root user's mailbox from
100 US dollars on, stays beside ours. Ours tells of an anomaly from a tenth of the month's budget on, not under 10 and not
over 100 US dollars (AWS's own default): less is noise, and more comes too late for a small company.
The monitor must have its id before somebody can subscribe to it, so where it is missing too the subscription is made in a
second round, and the sentence of the first says so.
Detecting costs nothing. AWS charges 0.01 US dollars for a request that queries cost data; whether reading monitors and
subscriptions counts as one, its pricing page does not say: a plan makes three to five such requests, each reading at a
verification two.
Source: botocore's model of ce; AWS Cost Management user guide, "Detecting unusual spend with AWS Cost Anomaly Detection"
(ten days of history, up to 24 hours) and its FAQ (ten mail addresses or one topic a subscription).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.money import anomaly_subscription as form
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource
from sakimori.aws.refusal import Refusal
from sakimori.model.action import GIVEN_ID, Baseline, Call, Change
from sakimori.model.words import GapKind, Scope

_ID: Final = "HB08"
_MONITORS: Final = "ce:GetAnomalyMonitors"
_SUBSCRIPTIONS: Final = "ce:GetAnomalySubscriptions"
_MAKE_MONITOR: Final = "ce:CreateAnomalyMonitor"
_DROP_MONITOR: Final = "ce:DeleteAnomalyMonitor"
_NAME: Final = "sakimori-services"
_LEAST_USD: Final = 10.0
_MOST_USD: Final = 100.0
_CLOSED: Final = (GapKind.DENIED, GapKind.DENIED_BY_ORGANIZATION)


def _monitor(site: Site) -> Mapping[str, Any] | None:
    """The one that looks at every service by itself."""
    kind = ("DIMENSIONAL", "SERVICE")
    found = site.all_of(_MONITORS, "AnomalyMonitors")
    return next((each for each in found if (each.get("MonitorType"), each.get("MonitorDimension")) == kind), None)


def _subscriptions(site: Site, monitor: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return site.all_of(_SUBSCRIPTIONS, "AnomalySubscriptions", MonitorArn=monitor["MonitorArn"])


def _read(site: Site) -> State:
    try:
        monitor = _monitor(site)
    except Refusal as refusal:
        if refusal.kind in _CLOSED:
            return {"is_closed": True}
        raise
    found = _subscriptions(site, monitor) if monitor else []
    ours = next((each for each in found if each["SubscriptionName"] == form.NAME), None)
    others = [{"name": str(each["SubscriptionName"]), "tells": form.told(each)} for each in found if each is not ours]
    return {
        "is_closed": False,
        "monitor": str(monitor["MonitorName"]) if monitor else "",
        "ours": form.normal(ours) if ours else None,
        "others": sorted(others, key=lambda each: (each["name"], each["tells"])),
    }


def _lacks(site: Site) -> str:
    if site.wishes.emails:
        # One request, where reading all again would be two.
        return "harden_reach.hb08_closed" if _is_closed(site) else ""
    state = _read(site)
    if state["is_closed"]:
        return "harden_reach.hb08_closed"
    is_told = state["ours"] or any(each["tells"] for each in state["others"])
    return "" if is_told else "harden_reach.lacks_emails"


def _is_closed(site: Site) -> bool:
    try:
        _monitor(site)
    except Refusal as refusal:
        if refusal.kind in _CLOSED:
            return True
        raise
    return False


def _wanted(site: Site, state: State) -> State:
    mails = [f"EMAIL {each}" for each in site.wishes.emails]
    if state["is_closed"] or not mails or _is_told(state, mails):
        return state
    return {**state, "monitor": state["monitor"] or _NAME, "ours": _ours(site, state["ours"], mails)}


def _is_told(state: State, mails: Sequence[str]) -> bool:
    """Whether another's subscription, or ours to a topic, tells already."""
    others = {person for each in state["others"] for person in each["tells"]}
    own = state["ours"]
    is_to_topic = own is not None and own["frequency"] == "IMMEDIATE"
    return is_to_topic or any(person in mails or person.startswith("SNS ") for person in others)


def _ours(site: Site, own: State | None, mails: Sequence[str]) -> State:
    usd = min(max(site.wishes.budget_usd / 10, _LEAST_USD), _MOST_USD)
    known = list(own["tells"]) if own else []
    room = max(0, form.MOST_MAILS - len([each for each in known if each not in mails]))
    least = form.usd_of(own["threshold"]) if own else None
    is_stricter = least is not None and least <= usd
    return {
        "frequency": "DAILY", "threshold": own["threshold"] if own and is_stricter else form.threshold_from(usd),
        "tells": sorted({*known, *mails[:room]}),
    }  # fmt: skip


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["is_closed"] or target["is_closed"]:
        return ()
    if not now["monitor"] and target["monitor"]:
        return (_monitor_made(site, target),)
    found: list[Change] = []
    if now["ours"] != target["ours"]:
        found.append(_subscription_changed(site, now["ours"], target["ours"]))
    # One of another name is somebody else's, whatever there was before.
    if now["monitor"] == _NAME and not target["monitor"]:
        found.append(_monitor_dropped(site))
    return found


def _monitor_made(site: Site, target: State) -> Change:
    values = {**form.values(target["ours"]), "name": _NAME}
    return Change(
        name="monitor", call=_make_monitor(site), undo=(_drop_monitor(site, GIVEN_ID),),
        text="harden_reach.hb08_monitor_made", values=values,
    )  # fmt: skip


def _monitor_dropped(site: Site) -> Change:
    call = _drop_monitor(site, _monitor_arn(site))
    return Change(
        name="monitor", call=call, undo=(_make_monitor(site),), text="harden_reach.hb08_monitor_dropped",
        values={"name": _NAME},
    )  # fmt: skip


def _make_monitor(site: Site) -> Call:
    # AWS has no code of its own for a second one; the state is read before each round, so none is asked for.
    monitor = {"MonitorName": _NAME, "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    return Call(
        operation=_MAKE_MONITOR, region=site.region, parameters={"AnomalyMonitor": monitor, "ResourceTags": form.tags(_ID)}
    )  # fmt: skip


def _drop_monitor(site: Site, arn: str) -> Call:
    return Call(
        operation=_DROP_MONITOR, region=site.region, parameters={"MonitorArn": arn}, settled=("UnknownMonitorException",)
    )  # fmt: skip


def _monitor_arn(site: Site) -> str:
    monitor = _monitor(site)
    return str(monitor["MonitorArn"]) if monitor else GIVEN_ID


def _subscription_changed(site: Site, now: State | None, target: State | None) -> Change:
    monitor = _monitor(site)
    monitor_arn = str(monitor["MonitorArn"]) if monitor else GIVEN_ID
    arn = _subscription_arn(site, monitor) if monitor and now else GIVEN_ID

    def call(own: State | None, other: State | None) -> Call:
        if own is None:
            return form.dropped(site, arn)
        return form.made(site, monitor_arn, own, _ID) if other is None else form.updated(site, arn, own)

    text = "harden_reach.hb08_told" if target else "harden_reach.hb08_untold"
    values = form.values(target or now or {})
    return Change(name="subscription", call=call(target, now), undo=(call(now, target),), text=text, values=values)


def _subscription_arn(site: Site, monitor: Mapping[str, Any]) -> str:
    found = _subscriptions(site, monitor)
    return next((str(each["SubscriptionArn"]) for each in found if each["SubscriptionName"] == form.NAME), GIVEN_ID)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    late = Caution(text="harden_reach.hb08_late")
    left = list(site.wishes.emails[form.MOST_MAILS :])
    return [late, Caution(text="harden_reach.hb08_too_many", values={"left": left})] if left else [late]


def _loses(_site: Site, before: State, now: State) -> str:
    """Somebody else's subscription hangs on the monitor that would go."""
    is_lost = not before.get("monitor") and now.get("monitor") == _NAME and bool(now.get("others"))
    return _NAME if is_lost else ""


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    if target["monitor"] != _NAME:
        # One of another name is adopted: code must not make a second.
        return [form.resource(target["ours"], _monitor_arn(site), _ID)]
    monitor = Resource(
        type="aws_ce_anomaly_monitor", name=_NAME,
        arguments={
            "name": _NAME, "monitor_type": "DIMENSIONAL", "monitor_dimension": "SERVICE", "tags": {"sakimori": _ID}
        },
    )  # fmt: skip
    return [monitor, form.resource(target["ours"], Expression(f"aws_ce_anomaly_monitor.{_NAME}.arn"), _ID)]


STEP: Final = Step(
    id=_ID,
    order=80,
    texts="harden_reach.hb08",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    rules=("aws.ce.anomaly-detection-enabled",),
    reads=(_MONITORS, _SUBSCRIPTIONS),
    writes=(_MAKE_MONITOR, _DROP_MONITOR, *form.WRITES),
    permissions=("ce:TagResource",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    cautions=_cautions,
    loses=_loses,
    terraform=_terraform,
)
