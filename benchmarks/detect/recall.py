"""Which scenarios were noticed: by what, how soon, and how much of them.

A detection is about a scenario if one of the events that it names belongs to it. It names a hundred at most: where it has
more, it is also about the scenario if its principal is one of the scenario's and their times overlap. One that names all of its
events and none of the scenario's is not, however near it is.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from judged import Event
from truths import Scenario

from sakimori.model.detection import Detection
from sakimori.model.words import Severity

ALERT: Final = Severity.MEDIUM.rank
_ROLE_OR_SESSION: Final = re.compile(r"arn:[^:]*:(?:sts|iam)::(\d*):(?:assumed-role/([^/]+)|role/(?:.*/)?([^/]+)$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What was noticed of one scenario. `minutes` are from its first event to what the first alert needs to have seen."""

    scenario: Scenario
    alerts: int
    gravest: Severity | None
    minutes: float | None
    first_rule: str
    steps: int
    events: int

    @property
    def is_found(self) -> bool:
        """Whether there was any alert."""
        return self.alerts > 0


def noticed(
    scenario: Scenario, detections: Iterable[Detection], events: Mapping[str, Event], plain: Collection[str]
) -> Noticed:
    """What these detections make of it. `plain` are the rules that look at one event at a time."""
    names = names_of(scenario, events)
    near = [each for each in detections if is_about(each, scenario, names)]
    touched = frozenset[str]().union(*(each.event_ids for each in near)) & scenario.event_ids
    alerts = [each for each in near if each.severity.rank >= ALERT]
    first = min(((_known_at(each, scenario, events, plain), each.rule) for each in alerts), default=None)
    return Noticed(
        scenario=scenario,
        alerts=len(alerts),
        gravest=max((each.severity for each in alerts), key=lambda severity: severity.rank, default=None),
        minutes=(first[0] - scenario.start).total_seconds() / 60 if first else None,
        first_rule=first[1] if first else "",
        steps=sum(1 for step in scenario.steps.values() if step & touched),
        events=len(touched),
    )


def is_about(detection: Detection, scenario: Scenario, names: Collection[str]) -> bool:
    """See the head of this file."""
    if not scenario.event_ids.isdisjoint(detection.event_ids):
        return True
    return detection.count > len(detection.event_ids) and is_near(detection, scenario, names)


def is_near(detection: Detection, scenario: Scenario, names: Collection[str]) -> bool:
    """Whether one of the scenario's principals did it while the scenario lasted."""
    is_then = detection.first_at <= scenario.end and detection.last_at >= scenario.start
    return is_then and name_of(detection.principal) in names


def names_of(scenario: Scenario, events: Mapping[str, Event]) -> frozenset[str]:
    """Who acts in a scenario: users, roles whatever the session; services are everybody's."""
    told = {*scenario.principals, *(events[each].principal for each in scenario.event_ids if each in events)}
    return frozenset(name_of(each) for each in told if each and not each.endswith(".amazonaws.com"))


def name_of(principal: str) -> str:
    """The role of a session, the role of a role with a path; others are themselves."""
    found = _ROLE_OR_SESSION.match(principal)
    return f"{found[1]}:{found[2] or found[3]}" if found else principal


def _known_at(
    detection: Detection, scenario: Scenario, events: Mapping[str, Event], plain: Collection[str]
) -> datetime:
    """When the first alert can have been known: at its first event of the scenario; of several events together, at their last."""
    named = sorted(
        _utc(events[each].at) for each in detection.event_ids if each in scenario.event_ids and each in events
    )
    if detection.rule in plain and named:
        return named[0]
    if named and detection.count <= len(detection.event_ids):
        return named[-1]
    return max(detection.last_at, scenario.start)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
