"""Who may publish to the alert topic: the services that raise alarms, for this account alone where AWS lets that be said.

AWS supports no Condition for EventBridge in a topic's policy: with one, what a rule sends may be dropped without a word.
So EventBridge is let in by a statement of its own, whatever account its rule is of; the others are held to this account.
Sources: EventBridge user guide, "Using resource-based policies for Amazon EventBridge" ("Amazon SNS permissions"); SNS developer guide, "Example cases for Amazon SNS access control"; AWS Cost Management user guide, "Creating an
Amazon SNS topic for budget notifications" and "… for anomaly notifications" (aws:SourceAccount).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.actions.alerts.alert_topic import topic_arn
from sakimori.actions.site import Site
from sakimori.collect.declaration import Context
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import covers
from sakimori.collect.sns.publisher import ALARMS, EVENTS, Publisher, admits

_SID: Final = "SakimoriPublishers"
_EVENTS_SID: Final = "SakimoriEvents"
_BY_ACCOUNT: Final = frozenset({"aws:sourceaccount"})
_PUBLISHERS: Final = (
    ALARMS,
    EVENTS,
    Publisher(principal="budgets.amazonaws.com", source="budgets::{account}:any", account_keys=_BY_ACCOUNT),
    Publisher(principal="costalerts.amazonaws.com", source="ce::{account}:anomalysubscription/any", account_keys=_BY_ACCOUNT),
)  # fmt: skip
_KEY_USES: Final = ("kms:Decrypt", "kms:GenerateDataKey")
PUBLISHERS: Final = tuple(sorted(each.principal for each in _PUBLISHERS))
"""The services, by their principals."""


def admitted(site: Site, policy: Mapping[str, Any]) -> list[str]:
    """The services among PUBLISHERS that may publish for every resource of this account."""
    context = Context(account_id=site.account.id, partition=site.account.partition, region=site.region)
    try:
        statements = statements_of(policy)
    except NotUnderstoodError:
        return []
    return sorted(each.principal for each in _PUBLISHERS if admits(statements, each, context))


def admitting(site: Site, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """The policy with our statements, in the place of older ones of ours."""
    kept = [each for each in policy["Statement"] if each.get("Sid") not in (_SID, _EVENTS_SID)]
    return {**policy, "Statement": [*kept, *_statements(site)]}


def let_in_by_key(policy: str) -> list[str]:
    """The services among PUBLISHERS that a KMS key's policy lets encrypt what they publish, whatever its conditions."""
    try:
        statements = [each for each in statements_of(policy) if each.is_allow]
    except NotUnderstoodError:
        return []
    return [
        service for service in PUBLISHERS
        if all(any(service in each.principals.services and covers(each, use) for each in statements) for use in _KEY_USES)
    ]  # fmt: skip


def born_with(site: Site) -> Mapping[str, Any]:
    """What SNS gives a topic for which nobody says a policy: the account's own people may use it."""
    actions = (
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
        "ListSubscriptionsByTopic", "Publish",
    )  # fmt: skip
    own = {
        "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": [f"SNS:{each}" for each in actions], "Resource": topic_arn(site, site.region),
        "Condition": {"StringEquals": {"AWS:SourceOwner": site.account.id}},
    }  # fmt: skip
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [own]}


def _statements(site: Site) -> Iterator[Mapping[str, Any]]:
    bound = [name for name in PUBLISHERS if name != EVENTS.principal]
    publish = {"Effect": "Allow", "Action": "SNS:Publish", "Resource": topic_arn(site, site.region)}
    of_account = {"StringEquals": {"aws:SourceAccount": site.account.id}}
    yield {"Sid": _SID, **publish, "Principal": {"Service": bound}, "Condition": of_account}
    yield {"Sid": _EVENTS_SID, **publish, "Principal": {"Service": EVENTS.principal}}
