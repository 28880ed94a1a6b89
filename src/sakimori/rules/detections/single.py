"""Rules over events one at a time, as they come: what a single event tells is told at once.

What needs other events (correlations, first seen, shapes, risk) is judged over the lake.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.reading import parsed_json
from sakimori.ingest.cloudtrail.identity import identity_of
from sakimori.ingest.place import account_or_unknown, region_or_unknown
from sakimori.ingest.rows import usual_time
from sakimori.lake.instants import micros_since_epoch
from sakimori.model.detection import Detection
from sakimori.rules.detections.hits import Piece, detection_of, evidence_of, resources_of, subject_of
from sakimori.rules.detections.rule import DetectionRule, Detections
from sakimori.rules.detections.stream import Dispatcher, EventView


class SingleEvents:
    """The rules of CloudTrail that one event can fulfil."""

    def __init__(self, detections: Detections, facts: FactAnswers) -> None:
        self._rules = {
            rule.name: rule
            for rule in detections.rules.values()
            if rule.head.is_alone and rule.first_seen is None and rule.shape is None
        }
        self._facts = facts
        conditions = [
            (rule.name, condition)
            for rule in self._rules.values()
            for form, condition in rule.conditions
            if form is FORM
        ]
        self._dispatcher: Dispatcher[str] = Dispatcher(FORM, conditions)
        self.rule_count = len({name for name, _ in conditions})

    def judge(self, event: Mapping[str, Any]) -> Iterator[Detection]:
        """What the rules find in an event with CloudTrail's own names; none in one without a time."""
        view = EventView(FORM, event, self._facts, roles_of(FORM, event))
        for name in self._dispatcher.matches(view):
            found = self._detection(self._rules[name], view, event)
            if found is not None:
                yield found

    def _detection(self, rule: DetectionRule, view: EventView, event: Mapping[str, Any]) -> Detection | None:
        at = usual_time(event.get("eventTime"))
        if at is None:
            return None

        def values(name: str) -> tuple[object, ...]:
            field = FORM.resolve(name)
            return view.values(field) if field else ()

        roles = roles_of(FORM, event)
        micros = micros_since_epoch(at)
        piece = Piece(
            first=micros,
            last=micros,
            count=1,
            event_ids=[str(event["eventID"])] if event.get("eventID") else [],
            origins=[str(roles["origin"])] if roles["origin"] else [],
            resources=resources_of(rule, FORM, values),
            evidence=evidence_of(rule.quoted, values),
            source=FORM.table.name,
        )
        account, region, principal = (str(roles[name] or "") for name in ("account", "region", "principal"))
        return detection_of(rule.head, (account, region, principal, subject_of(rule, values)), [piece])


def roles_of(form: LogForm, event: Mapping[str, Any]) -> dict[str, object]:
    """What an event means, no chain of roles followed. See `ROLES`."""
    if not form.heads:

        def first(columns: Iterable[str]) -> object:
            return next((event[column] for column in columns if event.get(column) is not None), None)

        return {
            "account": event.get("account_id"),
            "region": event.get("region"),
            "principal": first(form.principal),
            "origin": first(form.origin),
        }
    identity, origin = event.get("userIdentity"), event.get("sourceIPAddress")
    told = identity_of(json.dumps(identity).encode()) if isinstance(identity, dict) else None
    return {
        "account": account_or_unknown(event.get("recipientAccountId")),
        "region": region_or_unknown(event.get("awsRegion")),
        "principal": own_name(told.principal_root, told.user_identity_arn, None) if told else None,
        "origin": origin if isinstance(origin, str) else None,
        "status": "success" if event.get("errorCode") is None else "failure",
    }


def events_in(document: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The events of CloudTrail in a JSON document: one, a list, `Records`, LookupEvents' answer, EventBridge's envelope."""
    if isinstance(document, list) and depth == 0:
        for each in cast("list[Any]", document):
            yield from events_in(each, 1)
    if not isinstance(document, dict):
        return
    found = cast("dict[str, Any]", document)
    if "eventName" in found:
        yield found
    elif isinstance(found.get("detail"), dict):
        yield from events_in(found["detail"], depth)
    elif isinstance(found.get("CloudTrailEvent"), str):
        yield from events_in(parsed_json(found["CloudTrailEvent"]), depth)
    else:
        for key in ("Records", "Events"):
            if depth == 0 and isinstance(found.get(key), list):
                yield from events_in(found[key], 0)
