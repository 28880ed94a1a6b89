"""What was planted in a month: one form for the truth.json of `sakimori simulate month` and of held_out/write.py."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One attack: its events by step, in the order of the steps."""

    name: str
    start: datetime
    end: datetime
    principals: tuple[str, ...]
    steps: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    @property
    def event_ids(self) -> frozenset[str]:
        """The events of all steps."""
        return frozenset().union(*self.steps.values())


def read_truth(path: Path) -> tuple[Scenario, ...]:
    """The scenarios by their start; none for a quiet month."""
    told = json.loads(path.read_text(encoding="utf-8"))
    found = map(_simulated, told["attacks"]) if "attacks" in told else (_held_out(*each) for each in told.items())
    return tuple(sorted(found, key=lambda scenario: scenario.start))


def _simulated(attack: Mapping[str, Any]) -> Scenario:
    return Scenario(
        name=attack["name"],
        start=_moment(attack["begin"]),
        end=_moment(attack["end"]),
        principals=tuple(attack["principals"]),
        steps=_grouped((step["name"], each) for step in attack["steps"] for each in step["event_ids"]),
    )


def _held_out(name: str, attack: Mapping[str, Any]) -> Scenario:
    return Scenario(
        name=name.replace("_", "-"),
        start=_moment(attack["start"]),
        end=_moment(attack["end"]),
        principals=tuple(attack["principals"]),
        steps=_grouped((each["step"], each["event_id"]) for each in attack["steps"]),
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, event_id in pairs:
        found[name].add(event_id)
    return {name: frozenset(events) for name, events in found.items()}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
