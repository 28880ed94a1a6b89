"""An SNS topic whose policy lets in nobody whom nobody chose (Security Hub: SNS.4).

A topic always has a policy: where nothing else is left, its own account stays in it, as in the one that AWS makes a topic
with. Source: botocore's model of sns; Amazon SNS Developer Guide, "Example cases for Amazon SNS access control"; API
reference, SetTopicAttributes.
"""

from typing import Any, Final

from sakimori.actions.alerts.alert_topic import NO_TOPIC
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.open_policy import OWNER_SID, PolicyHolder, open_policy_step
from sakimori.actions.resources.policy_statements import Policy
from sakimori.actions.site import Site
from sakimori.model.action import Call

_GET: Final = "sns:GetTopicAttributes"
_PUT: Final = "sns:SetTopicAttributes"
_ACTIONS: Final = (
    "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
    "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
)  # fmt: skip


def _read(site: Site, _name: str) -> str | None:
    answer: Any = site.call(_GET, NO_TOPIC, TopicArn=site.resource)
    return None if answer is None else str((answer.get("Attributes") or {}).get("Policy") or "")


def _put(site: Site, _name: str, text: str) -> Call:
    parameters = {"TopicArn": site.resource, "AttributeName": "Policy", "AttributeValue": text}
    return Call(operation=_PUT, region=site.region, parameters=parameters)


def _least(site: Site) -> Policy:
    return {
        "Sid": OWNER_SID,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": list(_ACTIONS),
        "Resource": site.resource,
        "Condition": {"StringEquals": {"AWS:SourceOwner": site.account.id}},
    }


STEP: Final = open_policy_step(
    PolicyHolder(
        id="topic-not-public",
        order=2620,
        texts="fix_data.topic_not_public",
        rules=("aws.sns.topic-policy-not-public",),
        kind=Kind(service="sns", call=_GET, pattern=r"[A-Za-z0-9_-]{1,256}(\.fifo)?"),
        reads=(_GET,),
        writes=(_PUT,),
        read=_read,
        put=_put,
        least=_least,
    )
)
