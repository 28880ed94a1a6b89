"""Which services of AWS may publish to a topic, by its policy; and whose a topic is, by its ARN. Three-valued.

Sources: SNS developer guide, "Example cases for Amazon SNS access control" (aws:SourceAccount and
aws:SourceOwner, alarms of CloudWatch); EventBridge user guide, "Using resource-based policies for Amazon
EventBridge" (no Condition in a topic's policy for EventBridge is supported); re:Post knowledge center, "Why isn't my Amazon SNS topic receiving EventBridge notifications?"
(the policy must name events.amazonaws.com: the one that a topic is born with does not admit it).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sakimori.collect.declaration import Context
from sakimori.collect.kleene import every, opposite, some
from sakimori.collect.policy_document import Condition, Statement
from sakimori.collect.policy_reach import covers
from sakimori.collect.wildcard import matches_wildcard

_PUBLISH: Final = "sns:Publish"
_EQUALITIES: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_SERVICE_PART: Final = 2
_ACCOUNT_PART: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A service that publishes on behalf of its resources: what its ARNs look like, which keys name its account.

    `meets_conditions` is False of one for which AWS supports no condition: whether a statement with one lets it in, nobody knows.
    """

    principal: str
    source: str
    account_keys: frozenset[str]
    meets_conditions: bool = True


ALARMS: Final = Publisher(
    principal="cloudwatch.amazonaws.com",
    source="cloudwatch:{region}:{account}:alarm:any",
    account_keys=frozenset({"aws:sourceaccount", "aws:sourceowner"}),
)
EVENTS: Final = Publisher(
    principal="events.amazonaws.com",
    source="events:{region}:{account}:rule/any",
    account_keys=frozenset({"aws:sourceaccount"}),
    meets_conditions=False,
)


def admits(statements: Iterable[Statement], publisher: Publisher, context: Context) -> bool | None:
    """Whether every resource of the service in this account and Region may publish.

    None where a condition names some of them alone, or is not understood.
    """
    known = tuple(statements)
    allowed = some(_reaches(each, publisher, context) for each in known if each.is_allow)
    denied = some(_reaches(each, publisher, context) for each in known if not each.is_allow)
    return every([allowed, opposite(denied)])


def is_topic(arn: str) -> bool:
    """Whether this is the ARN of an SNS topic."""
    return _part(arn, _SERVICE_PART) == "sns"


def topic_is_own(arn: str, account_id: str) -> bool | None:
    """True for a topic of the account, False for what is no topic, None for another account's, which cannot be seen."""
    if not is_topic(arn):
        return False
    return True if _part(arn, _ACCOUNT_PART) == account_id else None


def _part(arn: str, index: int) -> str:
    return (arn.split(":") + [""] * (index + 1))[index]


def _reaches(statement: Statement, publisher: Publisher, context: Context) -> bool | None:
    principals = statement.principals
    if not covers(statement, _PUBLISH):
        return False
    if principals.is_negated:
        return None
    if not principals.is_everyone and publisher.principal not in principals.services:
        return False
    holds = every(_holds(each, publisher, context) for each in statement.conditions)
    is_certain = publisher.meets_conditions or not statement.is_allow or not statement.conditions
    return holds if is_certain else every([holds, None])


def _holds(condition: Condition, publisher: Publisher, context: Context) -> bool | None:
    key, operator = condition.key.lower(), condition.operator.lower()
    if key == "aws:securetransport" and operator == "bool":
        # What services publish comes over TLS.
        return any(value.lower() == "true" for value in condition.values)
    if operator not in _EQUALITIES:
        return None
    if key in publisher.account_keys:
        return any(matches_wildcard(value, context.account_id) for value in condition.values)
    if key == "aws:sourceowner":
        # A key that this service does not send.
        return False
    if key == "aws:sourcearn":
        place = publisher.source.format(region=context.region, account=context.account_id)
        arn = f"arn:{context.partition}:{place}"
        return True if any(matches_wildcard(value, arn) for value in condition.values) else None
    return None
