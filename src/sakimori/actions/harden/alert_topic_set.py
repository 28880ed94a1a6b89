"""HB28: a topic tells people by mail, and the services that raise alarms may publish to it.

Only the topic of our own name is taken: a topic of another name may be meant for other people, whatever its policy says.
It is not encrypted with a KMS key: with AWS's own key for SNS neither EventBridge nor CloudWatch could publish, and one's
own costs a dollar a month; the messages hold no secret. A mail asks each person, who must click the link in it. AWS drops
what nobody confirms after 48 hours; then the next plan asks again. Who has clicked, and who hears the topic besides, is
no part of the state: it changes while a plan is being read, and nothing is done about it.
Sources: botocore's model of sns; What's New of 2023-05-10 (48 hours); SNS developer guide, "Managing Amazon SNS
encryption keys and costs" (a service that publishes needs kms:GenerateDataKey* and kms:Decrypt).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sakimori.actions.alerts.alert_topic import NO_TOPIC, TOPIC, alert_regions, topic_arn
from sakimori.actions.alerts.alert_topic_policy import PUBLISHERS, admitted, admitting, born_with, let_in_by_key
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
_MAIL: Final = "email"
_OF_AWS: Final = "alias/aws/"
"""How the names of AWS's own keys begin. KMS makes such a key when it is asked for one, so it is not asked."""
_KEY: Final = "kms:DescribeKey"
_KEY_POLICY: Final = "kms:GetKeyPolicy"


def _read(site: Site) -> State:
    return {"topics": {region: _topic(site.at(region)) for region in alert_regions(site)}}


def _topic(site: Site) -> State | None:
    """The topic of one Region. `policy` is None where it lets all services in: then nothing is done about it."""
    attributes = _attributes(site)
    if not attributes:
        return None
    policy = json.loads(attributes["Policy"])
    publishers = admitted(site, policy)
    is_whole = publishers == list(PUBLISHERS)
    mails = sorted(each["Endpoint"] for each in _subscriptions(site) if each["Protocol"] == _MAIL)
    return {"policy": None if is_whole else policy, "publishers": publishers, "mails": mails}


def _attributes(site: Site) -> Mapping[str, Any]:
    return (site.call(_GET, NO_TOPIC, TopicArn=topic_arn(site, site.region)) or {}).get("Attributes") or {}


def _subscriptions(site: Site) -> list[Mapping[str, Any]]:
    found = site.all_of(_LIST, "Subscriptions", TopicArn=topic_arn(site, site.region))
    return [each for each in found if each["SubscriptionArn"] != "Deleted"]


def _is_confirmed(subscription: Mapping[str, Any]) -> bool:
    return str(subscription["SubscriptionArn"]).startswith("arn:")


def _wanted(site: Site, state: State) -> State:
    if not site.wishes.emails:
        return state
    return {"topics": {region: _served(site, topic) for region, topic in state["topics"].items()}}


def _served(site: Site, topic: State | None) -> State:
    known: Sequence[str] = topic["mails"] if topic else ()
    there = {each.casefold() for each in known}
    mails = sorted({*known, *(each for each in site.wishes.emails if each.casefold() not in there)})
    return {"policy": None, "publishers": list(PUBLISHERS), "mails": mails}


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
        there, back = _policy(site, _said(site, target, now)), _policy(site, _said(site, now, target))
        yield Change(
            name=f"policy {site.region}", call=there, undo=(back,), text="harden_reach.hb28_policy",
            values={**values, "services": target["publishers"]},
        )  # fmt: skip
    yield from _people(site, now["mails"] if now else (), target["mails"])


def _said(site: Site, topic: State, other: State | None = None) -> Mapping[str, Any]:
    """The policy of a topic; of one that lets all in, what the other form says with our statements."""
    return topic["policy"] or admitting(site, (other and other["policy"]) or born_with(site))


def _people(site: Site, now: Sequence[str], target: Sequence[str]) -> Iterator[Change]:
    """Who is asked, and who is told no longer. Nobody can be made to confirm, and what waits cannot be called back."""
    for mail in target:
        if mail not in now:
            yield Change(
                name=f"ask {site.region} {mail}", call=_subscribed(site, mail), text="harden_reach.hb28_asked",
                values={"to": mail, "region": site.region}, lasting="harden_reach.hb28_lapses",
            )  # fmt: skip
    leaving = {mail for mail in now if mail not in target}
    for each in _subscriptions(site) if leaving else ():
        mail = each["Endpoint"]
        if each["Protocol"] != _MAIL or mail not in leaving or not _is_confirmed(each):
            continue
        call = Call(
            operation=_UNSUBSCRIBE, region=site.region, parameters={"SubscriptionArn": each["SubscriptionArn"]},
            settled=NO_TOPIC,
        )  # fmt: skip
        yield Change(
            name=f"leave {site.region} {mail}", call=call, undo=(_subscribed(site, mail),), text="harden_reach.hb28_left",
            values={"to": mail, "region": site.region},
        )  # fmt: skip


def _made(site: Site, topic: State) -> Call:
    parameters = {
        "Name": TOPIC, "Attributes": {"Policy": json.dumps(_said(site, topic)), "DisplayName": "sakimori"},
        "Tags": [{"Key": "sakimori", "Value": _ID}],
    }  # fmt: skip
    # SNS answers for a topic that is there as if it had made it; with other attributes it says InvalidParameter.
    return Call(operation=_MAKE, region=site.region, parameters=parameters)


def _dropped(site: Site) -> Call:
    return Call(
        operation=_DROP, region=site.region, parameters={"TopicArn": topic_arn(site, site.region)}, settled=NO_TOPIC
    )  # fmt: skip


def _policy(site: Site, policy: Mapping[str, Any]) -> Call:
    parameters = {
        "TopicArn": topic_arn(site, site.region), "AttributeName": "Policy",
        "AttributeValue": json.dumps(policy),
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
    return [Caution(text="harden_reach.hb28_confirm", values={"regions": regions})] if regions else []


def _faults(site: Site, state: State) -> Sequence[Caution]:
    there = [site.at(region) for region, topic in state["topics"].items() if topic is not None]
    return looked(lambda: _waiting(there), *(partial(_key_shuts, each) for each in there))


def _is_asked(site: Site, topic: State) -> bool:
    return {each.casefold() for each in site.wishes.emails} <= {each.casefold() for each in topic["mails"]}


def _waiting(sites: Sequence[Site]) -> Sequence[Caution]:
    mails = [each for site in sites for each in _subscriptions(site) if each["Protocol"] == _MAIL]
    waiting = sorted({each["Endpoint"] for each in mails if not _is_confirmed(each)})
    return [Caution(text="harden_reach.hb28_waiting", values={"to": waiting})] if waiting else []


def _key_shuts(site: Site) -> Sequence[Caution]:
    """The topic is encrypted with a key that keeps services out: the key's policy says that, and not the topic's."""
    key = _attributes(site).get("KmsMasterKeyId")
    if not key:
        return []
    let_in = () if _OF_AWS in key else let_in_by_key(_key_policy(site, key))
    services = [each for each in PUBLISHERS if each not in let_in]
    values = {"region": site.region, "key": key, "services": services}
    return [Caution(text="harden_reach.hb28_key", values=values)] if services else []


def _key_policy(site: Site, key: str) -> str:
    told = (site.call(_KEY, KeyId=key) or {}).get("KeyMetadata") or {}
    return str((site.call(_KEY_POLICY, KeyId=told["KeyId"], PolicyName="default") or {}).get("Policy", ""))


def _loses(site: Site, before: State, now: State) -> str:
    """Others who hear a topic that would go."""
    gone = [site.at(region) for region, topic in now["topics"].items() if topic and before["topics"][region] is None]
    return TOPIC if any(each["Protocol"] != _MAIL for here in gone for each in _subscriptions(here)) else ""


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    found: list[Resource] = []
    for region, topic in target["topics"].items():
        name = f"{TOPIC}-{region}"
        arguments = {
            "name": TOPIC, "display_name": "sakimori", "tags": {"sakimori": _ID},
            "policy": json.dumps(_said(site.at(region), topic), indent=1),
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
    reads=(_GET, _LIST, _KEY, _KEY_POLICY),
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
