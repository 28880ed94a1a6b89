"""What EventBridge tells someone of: for each watched thing whether a rule sends all of it to a person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.partitions import partitions
from sakimori.collect.cloudtrail.watched import WATCHED, Watched
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Reader, Record, col, table
from sakimori.collect.events.pattern import Place, watched_by
from sakimori.collect.kleene import every, some
from sakimori.model.words import Scope

_RULES: Final = "events:ListRules"
_TARGETS: Final = "events:ListTargetsByRule"
_SUBSCRIPTIONS: Final = "sns:ListSubscriptions"
_WITH_READS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def _watches(door: Door, region: str) -> Iterator[Record]:
    """One record for each watched thing that can happen in the Region, with the rules that see it.

    What CloudTrail sends goes to the default bus, which ListRules means when no bus is named.
    """
    place = Place(account_id=door.account.id, region=region)
    seen = [
        (rule, found)
        for page in door.pages(_RULES, region, {})
        for rule in page["Rules"]
        if any((found := _seen_by(rule, place))[watched.name] is not False for watched in WATCHED)
    ]
    topics = _topics_that_reach(door, region) if seen else {}
    heard = [(rule, found, _is_heard(door, region, rule, topics)) for rule, found in seen]
    for watched in WATCHED:
        if _can_happen(watched, door, region):
            yield {
                "watched": watched.name,
                "rules": sorted(rule["Name"] for rule, found in seen if found[watched.name] is True),
                "is_told": some(every([found[watched.name], is_heard]) for _, found, is_heard in heard),
            }


def _seen_by(rule: Mapping[str, Any], place: Place) -> Mapping[str, bool | None]:
    pattern = rule.get("EventPattern")
    if not pattern or rule["State"] == "DISABLED":
        return dict.fromkeys((watched.name for watched in WATCHED), False)
    return watched_by(pattern, place, with_reads=rule["State"] == _WITH_READS)


def _topics_that_reach(door: Door, region: str) -> Mapping[str, bool]:
    """By topic with a subscription, whether one is confirmed."""
    found: dict[str, bool] = {}
    for page in door.pages(_SUBSCRIPTIONS, region, {}):
        for subscription in page["Subscriptions"]:
            topic = subscription["TopicArn"]
            found[topic] = found.get(topic, False) or subscription["SubscriptionArn"].startswith("arn:")
    return found


def _is_heard(door: Door, region: str, rule: Mapping[str, Any], topics: Mapping[str, bool]) -> bool | None:
    targets = [
        target["Arn"]
        for page in door.pages(_TARGETS, region, {"Rule": rule["Name"]})
        for target in page["Targets"]
    ]  # fmt: skip
    return some(_reaches(target.split(":"), topics, door.account.id) for target in targets)


def _reaches(arn: Sequence[str], topics: Mapping[str, bool], account_id: str) -> bool | None:
    """Whom another account's topic, a function or another bus tells cannot be seen from here."""
    is_own_topic = arn[2:3] == ["sns"] and arn[4:5] == [account_id]
    return topics.get(":".join(arn), False) if is_own_topic else None


def _can_happen(watched: Watched, door: Door, region: str) -> bool:
    home = partitions().get(door.account.partition)
    return not watched.is_global or home is None or home.global_region == region


def _id(record: Record, context: Context) -> str:
    return f"{context.account_id}/{context.region}/{record['watched']}"


TABLE = table(
    "aws_events_watch",
    "What EventBridge tells someone of, one row per watched thing in each Region where it can happen.",
    key="id",
    scope=Scope.REGION,
    resource_type="AWS::Events::Rule",
    rows=Reader(function=_watches, operations=(_RULES, _TARGETS, _SUBSCRIPTIONS)),
    columns=[
        col("id", TEXT, "Account, Region and the watched thing's name.", _id),
        col("watched", TEXT, "The watched thing: root-use, iam-policy-changes, cloudtrail-changes, …", "watched"),
        col("rules", TEXT, "Enabled rules that match all of it, by name; '' where none does.",
            lambda record, _: ", ".join(record["rules"])),
        col("is_told", BOOLEAN, "Such a rule calls a topic with a confirmed subscription; NULL where rule or target is not understood.",
            "is_told"),
    ],
)  # fmt: skip
