"""The notifications of Budgets and their subscribers, as AWS shows them."""

from collections.abc import Mapping
from typing import Any, Final

from moto.budgets.models import budgets_backends

from sakimori.simulate.call import ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

# What tells two notifications of a budget apart; ThresholdType is PERCENTAGE where it was not given.
_NAMED_BY: Final = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_MOST_SUBSCRIBERS: Final = 11
_FEWEST_SUBSCRIBERS: Final = 1


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
    if len(told) >= _MOST_SUBSCRIBERS:
        raise ServiceError("CreationLimitExceededException", "A notification has at most 11 subscribers.")
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
    "budgets:CreateSubscriber": add_subscriber,
    "budgets:DeleteSubscriber": remove_subscriber,
    "budgets:DescribeNotificationsForBudget": notifications,
    "budgets:DescribeSubscribersForNotification": subscribers,
}


def _budget(desk: Desk) -> Any:  # moto declares no types that its own base class keeps
    asked = desk.parameters()
    kept = budgets_backends[desk.state.account_id][desk.state.partition].budgets[asked["AccountId"]]
    found = kept.get(asked["BudgetName"])
    if found is None:
        raise ServiceError("NotFoundException", f"Unable to get budget: {asked['BudgetName']}")
    return found


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
