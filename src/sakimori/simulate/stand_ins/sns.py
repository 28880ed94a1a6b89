"""SNS subscriptions that wait until someone opens the mail."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from moto.sns.models import SNSBackend, Subscription, sns_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

# "Subscribe", Amazon SNS API reference: these protocols ask the endpoint; the others are confirmed at once.
_ASKED_FIRST: Final = ("email", "email-json", "http", "https")
_PENDING: Final = "PendingConfirmation"
_PAGE: Final = 100


def subscribe(desk: Desk) -> Mapping[str, Any] | Answer:
    """Subscribe; an endpoint that must be asked first waits, and its ARN is not told unless asked for."""
    asked = desk.parameters()
    backend = _backend(desk)
    before = set(backend.subscriptions)
    answer = desk.moto()
    made = [arn for arn in backend.subscriptions if arn not in before]
    if not made or asked["Protocol"] not in _ASKED_FIRST:
        return answer
    subscription = backend.subscriptions[made[0]]
    subscription.attributes[_PENDING] = "true"
    desk.state.confirmation_tokens[secrets.token_hex(32)] = subscription.arn
    return answer if asked.get("ReturnSubscriptionArn") else {"SubscriptionArn": "pending confirmation"}


def confirm(desk: Desk) -> Mapping[str, Any]:
    """Confirm by the token of the mail; `state.confirmation_tokens` is the simulated mailbox."""
    arn = desk.state.confirmation_tokens.pop(desk.parameters()["Token"], "")
    subscription = _backend(desk).subscriptions.get(arn)
    if subscription is None:
        raise ServiceError("InvalidParameter", "Invalid parameter: Token", 400)
    subscription.attributes[_PENDING] = "false"
    return {"SubscriptionArn": arn}


def subscriptions(desk: Desk) -> Mapping[str, Any]:
    """A page of the Region's subscriptions, or of one topic's; waiting ones say so in the place of their ARN."""
    asked = desk.parameters()
    topic = asked.get("TopicArn")
    listed = [each for each in _backend(desk).subscriptions.values() if topic in (None, each.topic.arn)]
    if topic is not None and topic not in _backend(desk).topics:
        raise ServiceError("NotFound", "Topic does not exist", 404)
    start = int(asked.get("NextToken") or 0)
    page = {"Subscriptions": [_entry(each) for each in listed[start : start + _PAGE]]}
    return {**page, "NextToken": str(start + _PAGE)} if start + _PAGE < len(listed) else page


STAND_INS: Final[Mapping[str, StandIn]] = {
    "sns:ConfirmSubscription": confirm,
    "sns:ListSubscriptions": subscriptions,
    "sns:ListSubscriptionsByTopic": subscriptions,
    "sns:Subscribe": subscribe,
}


def _backend(desk: Desk) -> SNSBackend:
    return sns_backends[desk.state.account_id][desk.call.region]


def _entry(subscription: Subscription) -> Mapping[str, str]:
    waits = str(subscription.attributes.get(_PENDING, "")).lower() == "true"
    return {
        "SubscriptionArn": _PENDING if waits else subscription.arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic.arn,
    }
