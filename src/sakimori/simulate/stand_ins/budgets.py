"""Budgets as AWS takes them, their notifications and subscribers as AWS shows them."""

from collections.abc import Mapping
from typing import Any, Final

from moto.budgets.models import Notification, budgets_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

# What tells two notifications of a budget apart; ThresholdType is PERCENTAGE where it was not given.
_NAMED_BY: Final = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_MOST_SUBSCRIBERS: Final = 11
_FEWEST_SUBSCRIBERS: Final = 1
_MOST_MAILS: Final = 10
_MOST_NOTIFICATIONS: Final = 10


def create(desk: Desk) -> Answer:
    """Make a budget, with notifications that AWS takes."""
    asked = desk.parameters()
    told = asked.get("NotificationsWithSubscribers") or []
    if len(told) > _MOST_NOTIFICATIONS:
        raise ServiceError("CreationLimitExceededException", "A budget has at most 10 notifications.")
    for each in told:
        _check(asked["Budget"], each["Notification"], each["Subscribers"])
    return desk.moto()


def update(desk: Desk) -> Mapping[str, Any]:
    """Give a budget that exists another definition; its name, its notifications and its start stay."""
    asked = desk.parameters()
    told = asked["NewBudget"]
    budget = _named(desk, told["BudgetName"])
    for each in budget.notifications:
        _check(told, each.details, each.subscribers)
    period = {**budget.budget["TimePeriod"], "End": _NO_END, **told.get("TimePeriod", {})}
    period = {name: value.timestamp() if hasattr(value, "timestamp") else value for name, value in period.items()}
    budget.budget = {**told, "TimePeriod": period, "LastUpdatedTime": desk.state.clock().timestamp()}
    return {}


def create_notification(desk: Desk) -> Mapping[str, Any]:
    """Tell at one more threshold."""
    asked = desk.parameters()
    budget = _budget(desk)
    _check(budget.budget, asked["Notification"], asked["Subscribers"])
    if any(_name(each.details) == _name(asked["Notification"]) for each in budget.notifications):
        raise ServiceError("DuplicateRecordException", "The notification already exists.")
    if len(budget.notifications) >= _MOST_NOTIFICATIONS:
        raise ServiceError("CreationLimitExceededException", "A budget has at most 10 notifications.")
    budget.notifications.append(Notification(asked["Notification"], list(asked["Subscribers"])))  # type: ignore[arg-type]
    return {}


def delete_notification(desk: Desk) -> Mapping[str, Any]:
    """Tell at one threshold less."""
    _budget(desk).notifications.remove(_notification(desk))
    return {}


def notifications(desk: Desk) -> Mapping[str, Any]:
    """The notifications of a budget that exists."""
    return {"Notifications": [_shown(each.details) for each in _budget(desk).notifications]}


def subscribers(desk: Desk) -> Mapping[str, Any]:
    """Who is told by a notification."""
    return {"Subscribers": list(_notification(desk).subscribers)}


def add_subscriber(desk: Desk) -> Mapping[str, Any]:
    """Tell one more."""
    told: Any = _notification(desk).subscribers
    asked = desk.parameters()["Subscriber"]
    if asked in told:
        raise ServiceError("DuplicateRecordException", "The subscriber already exists.")
    _check_subscribers([*told, asked])
    told.append(asked)
    return {}


def remove_subscriber(desk: Desk) -> Mapping[str, Any]:
    """Tell one less; the last cannot go without the notification."""
    told: Any = _notification(desk).subscribers
    asked = desk.parameters()["Subscriber"]
    if asked not in told:
        raise ServiceError("NotFoundException", "Unable to find the subscriber.")
    if len(told) == _FEWEST_SUBSCRIBERS:
        raise ServiceError("InvalidParameterException", "A notification must have at least one subscriber.")
    told.remove(asked)
    return {}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "budgets:CreateBudget": create,
    "budgets:CreateNotification": create_notification,
    "budgets:CreateSubscriber": add_subscriber,
    "budgets:DeleteNotification": delete_notification,
    "budgets:DeleteSubscriber": remove_subscriber,
    "budgets:DescribeNotificationsForBudget": notifications,
    "budgets:DescribeSubscribersForNotification": subscribers,
    "budgets:UpdateBudget": update,
}

_NO_END: Final = 3706473600
"""2087-06-15, as moto and AWS have it."""


def _budget(desk: Desk) -> Any:  # moto declares no types that its own base class keeps
    return _named(desk, desk.parameters()["BudgetName"])


def _named(desk: Desk, name: str) -> Any:
    kept = budgets_backends[desk.state.account_id][desk.state.partition].budgets[desk.parameters()["AccountId"]]
    found = kept.get(name)
    if found is None:
        raise ServiceError("NotFoundException", f"Unable to get budget: {name}")
    return found


def _check(budget: Mapping[str, Any], notification: Mapping[str, Any], told: Any) -> None:
    if budget["TimeUnit"] == "DAILY" and notification["NotificationType"] == "FORECASTED":
        raise ServiceError("InvalidParameterException", "Forecasted alerts are not supported for daily budgets.")
    _check_subscribers(told)


def _check_subscribers(told: Any) -> None:
    mails = [each for each in told if each["SubscriptionType"] == "EMAIL"]
    if len(told) > _MOST_SUBSCRIBERS or len(mails) > _MOST_MAILS or len(told) - len(mails) > 1:
        raise ServiceError(
            "CreationLimitExceededException", "A notification tells at most 10 mail addresses and 1 topic."
        )


def _notification(desk: Desk) -> Any:
    wanted = _name(desk.parameters()["Notification"])
    for each in _budget(desk).notifications:
        if _name(each.details) == wanted:
            return each
    raise ServiceError("NotFoundException", "Unable to find the notification.")


def _shown(details: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"ThresholdType": "PERCENTAGE", "NotificationState": "OK", **details}


def _name(details: Mapping[str, Any]) -> tuple[object, ...]:
    shown = _shown(details)
    return tuple(float(shown[name]) if name == "Threshold" else shown[name] for name in _NAMED_BY)
