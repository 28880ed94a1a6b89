"""A budget in normal form, and the calls between two of them.

`definition` are the members of botocore's Budget that say what is counted and how much it may be, as AWS tells them;
`ends` is the day of its end, "" for none. `alerts` are its notifications ("ACTUAL GREATER_THAN 80.0 PERCENTAGE"), each
with whom it tells ("EMAIL boss@example.com"). AWS is replacing CostTypes and CostFilters by Metrics and FilterExpression.
Source: botocore's model of budgets (at most ten notifications of at most ten mail addresses and one topic each; the last
subscriber cannot be deleted without its notification); AWS Cost Management user guide, "Managing your costs with AWS
Budgets".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.collect.budgets.budget import left_out_records
from sakimori.model.action import Call, Change

LIST: Final = "budgets:DescribeBudgets"
_ALERTS: Final = "budgets:DescribeNotificationsForBudget"
_TOLD: Final = "budgets:DescribeSubscribersForNotification"
_MAKE: Final = "budgets:CreateBudget"
_CHANGE: Final = "budgets:UpdateBudget"
_DROP: Final = "budgets:DeleteBudget"
_ADD_ALERT: Final = "budgets:CreateNotification"
_DROP_ALERT: Final = "budgets:DeleteNotification"
_TELL: Final = "budgets:CreateSubscriber"
_TELL_NO_LONGER: Final = "budgets:DeleteSubscriber"
READS: Final = (LIST, _ALERTS, _TOLD)
WRITES: Final = (_MAKE, _CHANGE, _DROP, _ADD_ALERT, _DROP_ALERT, _TELL, _TELL_NO_LONGER)
MOST_MAILS: Final = 10
"""That one notification can tell."""
_DEFINED_BY: Final = ("BudgetType", "TimeUnit", "BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData")
_OLDER: Final = ("CostFilters", "CostTypes")
_NEWER: Final = ("FilterExpression", "Metrics")
_INCLUDED: Final = (
    "IncludeTax", "IncludeSubscription", "IncludeRefund", "IncludeCredit", "IncludeUpfront", "IncludeRecurring",
    "IncludeOtherSubscription", "IncludeSupport", "IncludeDiscount",
)  # fmt: skip
_RECORDS: Final[Mapping[str, str]] = {"Credit": "IncludeCredit", "Refund": "IncludeRefund"}
"""Kinds of records that take away from what was used, and what names them in CostTypes."""
_UNBLENDED: Final = "UnblendedCost"
_USED: Final[Mapping[str, str]] = {"BlendedCost": "UseBlended", "AmortizedCost": "UseAmortized"}
_SAYABLE: Final = frozenset({_UNBLENDED, *_USED})
"""Metrics that CostTypes can say as well."""
_ENDLESS: Final = 2080
"""AWS writes the year 2087 for a budget that has no end."""
_THERE: Final = "DuplicateRecordException"
_GONE: Final = "NotFoundException"


def listed(site: Site) -> list[Mapping[str, Any]]:
    """All budgets as AWS tells them, with the newer kind of filter."""
    return site.all_of(LIST, "Budgets", AccountId=site.account.id, ShowFilterExpression=True)


def cost_types(left_out: Iterable[str], metric: str = _UNBLENDED) -> Mapping[str, bool]:
    """CostTypes that count everything but these kinds of records (`Credit`, `Refund`)."""
    included = {**dict.fromkeys(_INCLUDED, True), **dict.fromkeys((_RECORDS[each] for each in left_out), False)}
    return {**included, **{member: name == metric for name, member in _USED.items()}}


def counts_all_costs(budget: Mapping[str, Any], time_unit: str) -> bool:
    """It counts every cost, perhaps before credits and refunds, over periods of this length, and goes on without an end."""
    is_narrowed = budget.get("CostFilters") or left_out_records(budget.get("FilterExpression")) is None
    kind = (budget.get("BudgetType"), budget.get("TimeUnit"))
    return kind == ("COST", time_unit) and not is_narrowed and not ends(budget)


def ends(budget: Mapping[str, Any]) -> str:
    """The day on which it ends, "" for none."""
    end = (budget.get("TimePeriod") or {}).get("End")
    return "" if end is None or end.year >= _ENDLESS else end.isoformat()


def alerts(site: Site, name: str) -> dict[str, list[str]]:
    """The notifications of a budget and whom each tells."""
    asked = {"AccountId": site.account.id, "BudgetName": name}
    found: dict[str, list[str]] = {}
    for each in site.all_of(_ALERTS, "Notifications", **asked):
        unit = each.get("ThresholdType") or "PERCENTAGE"
        alert = f"{each['NotificationType']} {each['ComparisonOperator']} {float(each['Threshold'])} {unit}"
        told = site.all_of(_TOLD, "Subscribers", Notification=_notification(alert), **asked)
        found[alert] = sorted(f"{one['SubscriptionType']} {one['Address']}" for one in told)
    return found


def normal(site: Site, budget: Mapping[str, Any]) -> State:
    """The budget in normal form."""
    definition = {name: _plain(budget[name]) for name in _DEFINED_BY if budget.get(name)} | _counted(budget)
    if "BudgetLimit" in definition:
        definition["BudgetLimit"]["Amount"] = str(float(definition["BudgetLimit"]["Amount"]))
    return {"definition": definition, "ends": ends(budget), "alerts": alerts(site, str(budget["BudgetName"]))}


def _counted(budget: Mapping[str, Any]) -> dict[str, Any]:
    """What it counts, said in one way where AWS has two and may tell both: the older one, unless only the newer can say it."""
    older, newer = ({name: _plain(budget[name]) for name in names if budget.get(name)} for names in (_OLDER, _NEWER))
    if "CostFilters" in older or not newer:
        return older
    left_out = left_out_records(newer.get("FilterExpression"))
    metric = next(iter(newer.get("Metrics", [])), "")
    if left_out is None or (metric and metric not in _SAYABLE):
        return newer if metric else {**older, **newer}
    known: Mapping[str, bool] = older.get("CostTypes", {})
    said = cost_types(left_out, metric or _UNBLENDED)
    used = {name: is_set for name, is_set in said.items() if metric and name in _USED.values()}
    return {"CostTypes": {**said, **known, **used, **{_RECORDS[each]: False for each in left_out}}}


def changes(site: Site, name: str, now: State | None, target: State | None, step: str) -> Iterator[Change]:
    """What leads from one normal form of the budget of this name to another; None is no such budget."""
    if now == target:
        return
    if now is None or target is None:
        there, back = _made(site, name, target, step), _made(site, name, now, step)
        text = "harden_reach.budget_made" if target else "harden_reach.budget_deleted"
        kept = target or now or {}
        values = {"name": name, "amount": _amount(kept), "to": _mails(kept)}
        yield Change(name=name, call=there, undo=(back,), text=text, values=values)
        return
    if (now["definition"], now["ends"]) != (target["definition"], target["ends"]):
        values = {"name": name, "before": _amount(now), "amount": _amount(target)}
        there, back = _updated(site, name, target), _updated(site, name, now)
        yield Change(name=name, call=there, undo=(back,), text="harden_reach.budget_changed", values=values)
    for alert in sorted({*now["alerts"], *target["alerts"]}):
        yield from _alert(site, name, alert, now["alerts"].get(alert), target["alerts"].get(alert))


def _alert(
    site: Site, name: str, alert: str, now: Sequence[str] | None, target: Sequence[str] | None
) -> Iterator[Change]:
    if now is None or target is None:
        there, back = _notified(site, name, alert, target), _notified(site, name, alert, now)
        text = "harden_reach.budget_alert_made" if target else "harden_reach.budget_alert_deleted"
        yield Change(name=f"{name} {alert}", call=there, undo=(back,), text=text, values={"name": name, "alert": alert})
        return
    # Who is new is told first: the last subscriber cannot go.
    for person, is_told in [(each, True) for each in target if each not in now] + [
        (each, False) for each in now if each not in target
    ]:
        there, back = (
            _told(site, name, alert, person, is_told=is_told),
            _told(site, name, alert, person, is_told=not is_told),
        )
        text = "harden_reach.budget_told" if is_told else "harden_reach.budget_untold"
        values = {"name": name, "alert": alert, "to": person.partition(" ")[2]}
        yield Change(name=f"{name} {alert} {person}", call=there, undo=(back,), text=text, values=values)


def _made(site: Site, name: str, budget: State | None, step: str) -> Call:
    account = {"AccountId": site.account.id}
    if budget is None:
        return Call(operation=_DROP, region=site.region, parameters={**account, "BudgetName": name}, settled=(_GONE,))
    told = [
        {"Notification": _notification(alert), "Subscribers": [_subscriber(each) for each in people]}
        for alert, people in budget["alerts"].items()
    ]
    parameters = {
        **account, "Budget": _budget(name, budget), "NotificationsWithSubscribers": told,
        "ResourceTags": [{"Key": "sakimori", "Value": step}],
    }  # fmt: skip
    return Call(operation=_MAKE, region=site.region, parameters=parameters, settled=(_THERE,))


def _updated(site: Site, name: str, budget: State) -> Call:
    parameters = {"AccountId": site.account.id, "NewBudget": _budget(name, budget)}
    return Call(operation=_CHANGE, region=site.region, parameters=parameters)


def _notified(site: Site, name: str, alert: str, people: Sequence[str] | None) -> Call:
    asked: dict[str, Any] = {
        "AccountId": site.account.id, "BudgetName": name, "Notification": _notification(alert)
    }  # fmt: skip
    if people is None:
        return Call(operation=_DROP_ALERT, region=site.region, parameters=asked, settled=(_GONE,))
    asked["Subscribers"] = [_subscriber(each) for each in people]
    return Call(operation=_ADD_ALERT, region=site.region, parameters=asked, settled=(_THERE,))


def _told(site: Site, name: str, alert: str, person: str, *, is_told: bool) -> Call:
    asked = {
        "AccountId": site.account.id, "BudgetName": name, "Notification": _notification(alert),
        "Subscriber": _subscriber(person),
    }  # fmt: skip
    operation, settled = (_TELL, _THERE) if is_told else (_TELL_NO_LONGER, _GONE)
    return Call(operation=operation, region=site.region, parameters=asked, settled=(settled,))


def _budget(name: str, budget: State) -> Mapping[str, Any]:
    period = {"TimePeriod": {"End": budget["ends"]}} if budget["ends"] else {}
    return {"BudgetName": name, **budget["definition"], **period}


def _notification(alert: str) -> Mapping[str, Any]:
    kind, comparison, threshold, unit = alert.split(" ")
    return {
        "NotificationType": kind, "ComparisonOperator": comparison, "Threshold": float(threshold), "ThresholdType": unit
    }  # fmt: skip


def _subscriber(person: str) -> Mapping[str, str]:
    kind, _, address = person.partition(" ")
    return {"SubscriptionType": kind, "Address": address}


def _amount(budget: State) -> str:
    return str((budget["definition"].get("BudgetLimit") or {}).get("Amount", "-"))


def _mails(budget: State) -> list[str]:
    return sorted({each.partition(" ")[2] for people in budget["alerts"].values() for each in people})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        members: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {str(key): _plain(each) for key, each in members.items()}
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [_plain(each) for each in items]
    return value.isoformat() if isinstance(value, datetime) else value
