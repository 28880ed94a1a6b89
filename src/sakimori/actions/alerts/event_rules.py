"""Rules of EventBridge that write to the alert topic what happened: their normal form, and the calls between two forms.

A pattern stays the text that it was: it comes back word for word, and one in other words is not changed.
A rule of another name that takes the same events, and calls something that hears, serves: ours is not put beside it.
Source: botocore's model of events; EventBridge user guide, "Input transformation" (a template of texts is one quoted text
a line; what an event lacks stays empty) and "Using resource-based policies" (a topic is called without a role).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.alerts.alert_topic import NO_TOPIC, TOPIC, topic_arn
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.actions.terraform import Resource
from sakimori.collect.cloudtrail.watched import Event
from sakimori.collect.events.pattern import parse
from sakimori.collect.sns.publisher import is_topic, topic_is_own
from sakimori.model.action import Call, Change
from sakimori.texts.sentences import text

_LIST: Final = "events:ListRules"
_TARGETS: Final = "events:ListTargetsByRule"
_HEARERS: Final = "sns:ListSubscriptionsByTopic"
_PUT: Final = "events:PutRule"
_DELETE: Final = "events:DeleteRule"
_CALL_TARGETS: Final = "events:PutTargets"
_DROP_TARGETS: Final = "events:RemoveTargets"
READS: Final = (_LIST, _TARGETS, _HEARERS)
WRITES: Final = (_PUT, _DELETE, _CALL_TARGETS, _DROP_TARGETS)
_TARGET: Final = TOPIC
"""The id of the target within the rule."""
_ENABLED: Final = "ENABLED"
_DISABLED: Final = "DISABLED"
_GONE: Final = ("ResourceNotFoundException",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """One rule of ours. `told` is the id of the sentence that opens the mail, `facts` of the one with what is in the event.

    `paths` are the places in the event that `<name>` in `facts` stands for. `samples` are events by dotted path that a
    rule of somebody else must take, all of them, to serve in its place.
    """

    name: str
    pattern: Mapping[str, Any]
    told: str
    facts: str
    paths: Mapping[str, str]
    samples: tuple[Event, ...]

    def wanted(self, site: Site, region: str, known: State | None) -> State:
        """The rule as it should be there; what else hangs on it stays."""
        is_enabled = known is not None and known["state"].startswith(_ENABLED)
        is_same = known is not None and json.loads(known["pattern"]) == self.pattern
        return {
            "pattern": known["pattern"] if known and is_same else json.dumps(self.pattern),
            "state": known["state"] if known and is_enabled else _ENABLED,
            "description": text(self.told).en[:512],
            "target": {
                "Arn": topic_arn(site, region),
                "InputTransformer": {"InputPathsMap": dict(self.paths), "InputTemplate": self._template()},
            },
            "others": list(known["others"]) if known else [],
        }  # fmt: skip

    def _template(self) -> str:
        lines = [text(each).in_(language) for language in ("ja", "en") for each in (self.told, self.facts)]
        return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def read_rules(site: Site, region: str, rules: Sequence[EventRule]) -> State:
    """Ours by name, and for each the rules of others that serve in its place, in one Region's default bus."""
    here = site.at(region)
    there = {str(each["Name"]): each for each in here.all_of(_LIST, "Rules")}
    ours = {rule.name: _normal(here, there[rule.name]) if rule.name in there else None for rule in rules}
    own = {rule.name for rule in rules}
    others = [each for name, each in there.items() if name not in own and _takes_events(each)]
    return {"ours": ours, "served": {rule.name: _serving(here, rule, others) for rule in rules}}


def _takes_events(rule: Mapping[str, Any]) -> bool:
    return bool(rule.get("EventPattern")) and rule.get("State") != _DISABLED


def _normal(site: Site, rule: Mapping[str, Any]) -> State:
    targets = {str(each["Id"]): each for each in site.all_of(_TARGETS, "Targets", Rule=rule["Name"])}
    target = targets.pop(_TARGET, None)
    return {
        "pattern": str(rule.get("EventPattern") or "{}"), "state": str(rule.get("State", _ENABLED)),
        "description": str(rule.get("Description") or ""),
        "target": {name: value for name, value in target.items() if name != "Id"} if target else None,
        "others": sorted(targets),
    }  # fmt: skip


def _serving(site: Site, rule: EventRule, others: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rules that together take every sample and are heard; none where one sample is left."""
    taken = [(str(each["Name"]), _taken(each, rule.samples)) for each in others]
    heard = [(name, taken) for name, taken in taken if taken and _is_heard(site, name)]
    is_whole = set().union(*(taken for _, taken in heard)) == set(range(len(rule.samples)))
    return sorted(name for name, _ in heard) if is_whole else []


def _taken(rule: Mapping[str, Any], samples: Sequence[Event]) -> set[int]:
    """The samples that it takes whatever else stands in them."""
    try:
        judge = parse(str(rule["EventPattern"]))
    except (ValueError, RecursionError):
        return set()
    return {
        number for number, sample in enumerate(samples) if all(judge(sample, guess) is True for guess in (False, True))
    }


def _is_heard(site: Site, rule: str) -> bool:
    """Whom a function, a queue or another account's topic tells cannot be seen; somebody set it up, and it is believed."""
    arns = [str(each["Arn"]) for each in site.all_of(_TARGETS, "Targets", Rule=rule)]
    return any(not is_topic(arn) or not topic_is_own(arn, site.account.id) or _has_people(site, arn) for arn in arns)


def _has_people(site: Site, topic: str) -> bool:
    if site.call(_HEARERS, NO_TOPIC, TopicArn=topic) is None:
        return False
    found = site.all_of(_HEARERS, "Subscriptions", TopicArn=topic)
    return any(str(each["SubscriptionArn"]).startswith("arn:") for each in found)


def changes(site: Site, name: str, now: State | None, target: State | None, step: str) -> Iterator[Change]:
    """What leads from one normal form of the rule of this name to another, in the Region of `site`."""
    if now == target:
        return
    values = {"name": name, "region": site.region}
    if target is None:
        assert now is not None  # noqa: S101 - they differ
        yield from _detached(site, name, now, values)
        yield Change(
            name=f"rule {site.region} {name}", call=_deleted(site, name), undo=(_put(site, name, now, step),),
            text="harden_reach.event_rule_dropped", values=values,
        )  # fmt: skip
        return
    if now is None or any(now[part] != target[part] for part in ("pattern", "state", "description")):
        back = _put(site, name, now) if now else _deleted(site, name)
        yield Change(
            name=f"rule {site.region} {name}", call=_put(site, name, target, "" if now else step), undo=(back,),
            text="harden_reach.event_rule_changed" if now else "harden_reach.event_rule_made", values=values,
        )  # fmt: skip
    known = now["target"] if now else None
    if known != target["target"]:
        there, back = (_targeted(site, name, each) for each in (target["target"], known))
        called = "harden_reach.event_rule_told" if target["target"] else "harden_reach.event_rule_untold"
        yield Change(name=f"target {site.region} {name}", call=there, undo=(back,), text=called, values=values)


def _detached(site: Site, name: str, now: State, values: Mapping[str, Any]) -> Iterator[Change]:
    """A rule goes only without targets; those that others added go with it, and cannot be put back from here."""
    ids = [*([_TARGET] if now["target"] else []), *now["others"]]
    if ids:
        call = Call(operation=_DROP_TARGETS, region=site.region, parameters={"Rule": name, "Ids": ids}, settled=_GONE)
        back = (_targeted(site, name, now["target"]),) if now["target"] else ()
        yield Change(
            name=f"target {site.region} {name}", call=call, undo=back, text="harden_reach.event_rule_untold", values=values,
            lasting="" if back else "harden_reach.event_rule_others",
        )  # fmt: skip


def _put(site: Site, name: str, rule: State, step: str = "") -> Call:
    parameters: dict[str, Any] = {
        "Name": name, "EventPattern": rule["pattern"], "State": rule["state"],
        "Description": rule["description"],
    }  # fmt: skip
    if step:
        # AWS takes tags of a rule that is made, and passes over those of one that is changed.
        parameters["Tags"] = [{"Key": "sakimori", "Value": step}]
    return Call(operation=_PUT, region=site.region, parameters=parameters)


def _deleted(site: Site, name: str) -> Call:
    return Call(operation=_DELETE, region=site.region, parameters={"Name": name}, settled=_GONE)


def _targeted(site: Site, name: str, target: Mapping[str, Any] | None) -> Call:
    if target is None:
        return Call(
            operation=_DROP_TARGETS, region=site.region, parameters={"Rule": name, "Ids": [_TARGET]}, settled=_GONE
        )  # fmt: skip
    parameters = {"Rule": name, "Targets": [{"Id": _TARGET, **target}]}
    return Call(operation=_CALL_TARGETS, region=site.region, parameters=parameters)


def loses(before: Mapping[str, State | None], now: Mapping[str, State | None]) -> str:
    """The first rule that would go with targets that somebody else added."""
    gone = (name for name, rule in now.items() if rule and rule["others"] and before.get(name) is None)
    return next(gone, "")


def terraform(region: str, rules: Iterable[tuple[str, State]], step: str) -> Iterator[Resource]:
    """The rules of one Region and their targets as code."""
    for name, rule in rules:
        resource = f"{name}-{region}"
        yield Resource(
            type="aws_cloudwatch_event_rule", name=resource, region=region,
            arguments={
                "name": name, "event_pattern": rule["pattern"], "description": rule["description"],
                "state": rule["state"], "tags": {"sakimori": step},
            },
        )  # fmt: skip
        told = (rule["target"] or {}).get("InputTransformer")
        if told is None:
            continue
        yield Resource(
            type="aws_cloudwatch_event_target", name=resource, region=region,
            arguments={"rule": name, "target_id": _TARGET, "arn": rule["target"]["Arn"]},
            blocks=[("input_transformer", {"input_paths": told["InputPathsMap"], "input_template": told["InputTemplate"]})],
        )  # fmt: skip
