"""HB28: a topic tells people by mail, and the services that raise alarms may publish to it.

Only the topic of our own name is taken: a topic of another name may be meant for other people, whatever its policy says.
It is not encrypted with a KMS key: with AWS's own key for SNS neither EventBridge nor CloudWatch could publish, and one's
own costs a dollar a month; the messages hold no secret. A mail asks each person, who must click the link in it: until
then a subscription is `asked`, neither missing nor there. AWS drops what nobody confirms after 48 hours; then the next
plan asks again.
Sources: botocore's model of sns; What's New of 2023-05-10 (48 hours).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.alerts.alert_topic import TOPIC, alert_regions, topic_arn
from sakimori.actions.alerts.alert_topic_policy import PUBLISHERS, admitted, admitting, born_with
from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_ID: Final = "HB28"
_GET: Final = "sns:GetTopicAttributes"
_LIST: Final = "sns:ListSubscriptionsByTopic"
_MAKE: Final = "sns:CreateTopic"
_DROP: Final = "sns:DeleteTopic"
_SET: Final = "sns:SetTopicAttributes"
_SUBSCRIBE: Final = "sns:Subscribe"
_UNSUBSCRIBE: Final = "sns:Unsubscribe"
_GONE: Final = ("NotFound", "NotFoundException")
_NOT_YET: Final = "(the id that AWS gives)"
_ASKED: Final = "asked"
_CONFIRMED: Final = "confirmed"


def _read(site: Site) -> State:
    return {"topics": {region: _topic(site.at(region)) for region in alert_regions(site)}}


def _topic(site: Site) -> State | None:
    """The topic of one Region. `others` counts subscriptions that are no mails: their addresses may hold secrets."""
    arn = topic_arn(site, site.region)
    attributes = (site.call(_GET, _GONE, TopicArn=arn) or {}).get("Attributes")
    if not attributes:
        return None
    policy = json.loads(attributes["Policy"])
    found = [each for each in site.all_of(_LIST, "Subscriptions", TopicArn=arn) if each["SubscriptionArn"] != "Deleted"]
    mails = {each["Endpoint"]: _status(each) for each in found if each["Protocol"] == "email"}
    return {
        "policy": policy, "publishers": admitted(site, policy), "mails": dict(sorted(mails.items())),
        "others": len(found) - len(mails),
    }  # fmt: skip


def _status(subscription: Mapping[str, Any]) -> str:
    return _CONFIRMED if subscription["SubscriptionArn"].startswith("arn:") else _ASKED


def _wanted(site: Site, state: State) -> State:
    if not site.wishes.emails:
        return state
    return {"topics": {region: _served(site.at(region), topic) for region, topic in state["topics"].items()}}


def _served(site: Site, topic: State | None) -> State:
    is_admitting = topic is not None and topic["publishers"] == list(PUBLISHERS)
    policy = topic["policy"] if topic else born_with(site)
    known = topic["mails"] if topic else {}
    there = {each.casefold() for each in known}
    mails = {**known, **{each: _ASKED for each in site.wishes.emails if each.casefold() not in there}}
    others = topic["others"] if topic else 0
    return {
        "policy": policy if is_admitting else admitting(site, policy),
        "publishers": list(PUBLISHERS),
        "mails": dict(sorted(mails.items())),
        "others": others,
    }


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    found: list[Change] = []
    for region, before in now["topics"].items():
        found += _changes(site.at(region), before, target["topics"][region])
    return found


def _changes(site: Site, now: State | None, target: State | None) -> Iterator[Change]:
    values = {"topic": TOPIC, "region": site.region}
    if target is None:
        if now is not None:
            there, back = _dropped(site), _made(site, now)
            yield Change(
                name=f"topic {site.region}", call=there, undo=(back,), text="harden_reach.hb28_dropped", values=values
            )  # fmt: skip
        return
    if now is None:
        there, back = _made(site, target), _dropped(site)
        yield Change(
            name=f"topic {site.region}", call=there, undo=(back,), text="harden_reach.hb28_made", values=values
        )  # fmt: skip
    elif now["publishers"] != target["publishers"]:
        # Compared by what it allows: SNS may write a policy in other words than it was given.
        there, back = _policy(site, target), _policy(site, now)
        yield Change(
            name=f"policy {site.region}", call=there, undo=(back,), text="harden_reach.hb28_policy",
            values={**values, "services": target["publishers"]},
        )  # fmt: skip
    yield from _people(site, now["mails"] if now else {}, target["mails"])


def _people(site: Site, now: Mapping[str, str], target: Mapping[str, str]) -> Iterator[Change]:
    """Who is asked, and who is told no longer. Nobody can be made to confirm, and what waits cannot be called back."""
    for mail in target:
        if mail not in now:
            yield Change(
                name=f"ask {site.region} {mail}", call=_subscribed(site, mail), text="harden_reach.hb28_asked",
                values={"to": mail, "region": site.region}, lasting="harden_reach.hb28_lapses",
            )  # fmt: skip
    leaving = [mail for mail, status in now.items() if mail not in target and status == _CONFIRMED]
    arns = _subscriptions(site) if leaving else {}
    for mail in leaving:
        call = Call(
            operation=_UNSUBSCRIBE, region=site.region, parameters={"SubscriptionArn": arns.get(mail, _NOT_YET)},
            settled=_GONE,
        )  # fmt: skip
        yield Change(
            name=f"leave {site.region} {mail}", call=call, undo=(_subscribed(site, mail),), text="harden_reach.hb28_left",
            values={"to": mail, "region": site.region},
        )  # fmt: skip


def _subscriptions(site: Site) -> Mapping[str, str]:
    found = site.all_of(_LIST, "Subscriptions", TopicArn=topic_arn(site, site.region))
    return {each["Endpoint"]: each["SubscriptionArn"] for each in found if each["Protocol"] == "email"}


def _made(site: Site, topic: State) -> Call:
    parameters = {
        "Name": TOPIC, "Attributes": {"Policy": json.dumps(topic["policy"]), "DisplayName": "sakimori"},
        "Tags": [{"Key": "sakimori", "Value": _ID}],
    }  # fmt: skip
    # SNS answers for a topic that is there as if it had made it; with other attributes it says InvalidParameter.
    return Call(operation=_MAKE, region=site.region, parameters=parameters)


def _dropped(site: Site) -> Call:
    return Call(
        operation=_DROP, region=site.region, parameters={"TopicArn": topic_arn(site, site.region)}, settled=_GONE
    )  # fmt: skip


def _policy(site: Site, topic: State) -> Call:
    parameters = {
        "TopicArn": topic_arn(site, site.region), "AttributeName": "Policy",
        "AttributeValue": json.dumps(topic["policy"]),
    }  # fmt: skip
    return Call(operation=_SET, region=site.region, parameters=parameters)


def _subscribed(site: Site, mail: str) -> Call:
    parameters = {"TopicArn": topic_arn(site, site.region), "Protocol": "email", "Endpoint": mail}
    return Call(operation=_SUBSCRIBE, region=site.region, parameters=parameters)


def _lacks(site: Site) -> str:
    if site.wishes.emails:
        return ""
    topics = _read(site)["topics"].values()
    is_told = all(topic and topic["mails"] for topic in topics)
    return "" if is_told else "harden_reach.lacks_emails"


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    regions = [region for region, topic in state["topics"].items() if topic is None or not _is_asked(site, topic)]
    found = [Caution(text="harden_reach.hb28_confirm", values={"regions": regions})] if regions else []
    return [*found, *looked(lambda: _keys(site, state))]


def _faults(_site: Site, state: State) -> Sequence[Caution]:
    waiting = sorted({mail for topic in state["topics"].values() for mail in _waiting(topic)})
    return [Caution(text="harden_reach.hb28_waiting", values={"to": waiting})] if waiting else []


def _is_asked(site: Site, topic: State) -> bool:
    return {each.casefold() for each in site.wishes.emails} <= {each.casefold() for each in topic["mails"]}


def _waiting(topic: State | None) -> list[str]:
    return [mail for mail, status in topic["mails"].items() if status == _ASKED] if topic else []


def _keys(site: Site, state: State) -> Sequence[Caution]:
    """A topic that somebody encrypted: its key must let the services in, which its policy says and not the topic's."""
    found: list[Caution] = []
    for region in (region for region, topic in state["topics"].items() if topic is not None):
        here = site.at(region)
        key = ((here.call(_GET, _GONE, TopicArn=topic_arn(here, region)) or {}).get("Attributes") or {}).get(
            "KmsMasterKeyId"
        )
        if key:
            found.append(Caution(text="harden_reach.hb28_key", values={"region": region, "key": key}))
    return found


def _loses(_site: Site, before: State, now: State) -> str:
    """Others who hear a topic that would go."""
    gone = [topic for region, topic in now["topics"].items() if topic and before["topics"][region] is None]
    return TOPIC if any(topic["others"] for topic in gone) else ""


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    found: list[Resource] = []
    for region, topic in target["topics"].items():
        name = f"{TOPIC}-{region}"
        arguments = {
            "name": TOPIC, "display_name": "sakimori", "policy": json.dumps(topic["policy"], indent=1),
            "tags": {"sakimori": _ID},
        }  # fmt: skip
        found.append(Resource(type="aws_sns_topic", name=name, arguments=arguments, region=region))
        for number, mail in enumerate(topic["mails"], 1):
            arguments = {"topic_arn": Expression(f"aws_sns_topic.{name}.arn"), "protocol": "email", "endpoint": mail}
            found.append(
                Resource(type="aws_sns_topic_subscription", name=f"{name}-{number}", arguments=arguments, region=region)
            )
    return found


STEP: Final = Step(
    id=_ID,
    order=270,
    texts="harden_reach.hb28",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    reads=(_GET, _LIST),
    # Tags at creation need a permission of their own.
    writes=(_MAKE, _DROP, _SET, _SUBSCRIBE, _UNSUBSCRIBE),
    permissions=("sns:TagResource",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    lacks=_lacks,
    cautions=_cautions,
    faults=_faults,
    loses=_loses,
    residue=(f"aws_sns_subscription *:{TOPIC}/email/*",),
    terraform=_terraform,
)
