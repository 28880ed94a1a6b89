"""Who may publish to the alert topic: the services that raise alarms, for this account alone.

Sources: SNS developer guide, "Example cases for Amazon SNS access control"; AWS Cost Management user guide, "Creating an
Amazon SNS topic for budget notifications" and "… for anomaly notifications" (aws:SourceAccount).
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.alerts.alert_topic import topic_arn
from sakimori.actions.site import Site
from sakimori.collect.declaration import Context
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.sns.publisher import ALARMS, EVENTS, Publisher, admits

_SID: Final = "SakimoriPublishers"
_BY_ACCOUNT: Final = frozenset({"aws:sourceaccount"})
_PUBLISHERS: Final = (
    ALARMS,
    EVENTS,
    Publisher(principal="budgets.amazonaws.com", source="budgets::{account}:any", account_keys=_BY_ACCOUNT),
    Publisher(principal="costalerts.amazonaws.com", source="ce::{account}:anomalysubscription/any", account_keys=_BY_ACCOUNT),
)  # fmt: skip
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
    """The policy with our statement, in the place of an older one of ours."""
    kept = [each for each in policy["Statement"] if each.get("Sid") != _SID]
    return {**policy, "Statement": [*kept, _statement(site)]}


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


def _statement(site: Site) -> Mapping[str, Any]:
    return {
        "Sid": _SID, "Effect": "Allow", "Principal": {"Service": list(PUBLISHERS)},
        "Action": "SNS:Publish", "Resource": topic_arn(site, site.region),
        "Condition": {"StringEquals": {"aws:SourceAccount": site.account.id}},
    }  # fmt: skip
