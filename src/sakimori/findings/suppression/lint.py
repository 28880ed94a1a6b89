"""The law on suppressions: what one must satisfy before it may keep findings quiet (SUP001 to SUP014).

A check is a function of the suppression and of what is known of its past. This is their form; the table of all is `checks`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from sakimori.findings.suppression.history import Past
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.model.words import Severity

SHOWN: Final = 10
"""Ids of findings that a fault names."""


class Level(StrEnum):
    """How much a fault weighs. An error refuses the suppression; a warning is told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the checks may look at.

    `matches` are the findings of the last 90 days that the suppression holds for, `reach_days` how many of these days
    the store has. `origins` are the findings that it says it was made from, `missing` those that the store does not know.
    `others` are the other suppressions that hold now. `people` are the members of the team, None where nobody listed them.
    `severities` are those of rules, where they are known.
    """

    today: date
    matches: tuple[Past, ...] = ()
    reach_days: int = 0
    origins: tuple[Past, ...] = ()
    missing: tuple[str, ...] = ()
    others: tuple[Suppression, ...] = ()
    people: tuple[str, ...] | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict[str, Severity])


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a suppression: what, and what would satisfy the law."""

    check: str
    level: Level
    text: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


Told = Iterator[tuple[str, Mapping[str, object]] | tuple[str, Mapping[str, object], Level]]
"""What a check yields: an id of the texts, its values, and its level where that is not the usual one."""


@dataclass(frozen=True, slots=True)
class Check:
    """One law: its id, its usual level, and the function that looks. `sentence` is an id of the texts."""

    id: str
    level: Level
    look: Callable[[Suppression, Evidence], Told]
    for_disabled: bool = True
    """Whether it concerns a rule that is turned off, too."""

    @property
    def sentence(self) -> str:
        """What the law demands, as an id of the texts."""
        return f"suppress.law_{self.id.lower()}"

    def faults(self, suppression: Suppression, evidence: Evidence) -> Iterator[Fault]:
        """What it finds wrong."""
        if suppression.action is Action.DISABLE and not self.for_disabled:
            return
        for text, values, *level in self.look(suppression, evidence):
            yield Fault(self.id, level[0] if level else self.level, f"suppress.{text}", values)


def is_refused(faults: Iterable[Fault]) -> bool:
    """Whether one of them is an error."""
    return any(fault.level is Level.ERROR for fault in faults)


def some_ids(pasts: Iterable[Past]) -> list[str]:
    """The first of the findings, by the beginning of their ids."""
    return [each.id[:12] for each in list(pasts)[:SHOWN]]
