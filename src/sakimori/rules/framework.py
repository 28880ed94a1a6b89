"""A framework as it stands in its file: what a source requires, and by which rules or whose word it is answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sakimori.model.framework import Served
from sakimori.model.verdict import Text
from sakimori.rules.rule import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleUse:
    """A rule with all of its thresholds as this requirement pins them."""

    rule: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])

    @property
    def key(self) -> str:
        """The rule and its thresholds as one text."""
        return f"{self.rule} {json.dumps(dict(self.parameters), sort_keys=True, default=str)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement. With rules, a question, both, or neither: then `reason` says why, or it is retired."""

    id: str
    title: Text
    section: Text | None = None
    level: int | None = None
    uses: tuple[RuleUse, ...] = ()
    question: str = ""
    reason: Text | None = None
    is_retired: bool = False
    is_uncovered: bool = False
    """An API would show it, and there is no rule for it yet."""
    successors: tuple[str, ...] = ()

    @property
    def served_by(self) -> Served:
        """By what it is answered."""
        if self.uses:
            return Served.RULES_AND_ATTESTATION if self.question else Served.RULES
        return Served.ATTESTATION if self.question else Served.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`at_least` so many of these requirements must hold."""

    title: Text
    at_least: int
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """Requirements in the order of the source. `thresholds` is the profile where a requirement pins nothing."""

    id: str
    title: Text
    version: str
    published_on: date
    source: str
    thresholds: str
    requirements: tuple[Requirement, ...]
    conditions: tuple[Condition, ...] = ()

    def count(self, served_by: Served) -> int:
        """How many requirements are answered so."""
        return sum(requirement.served_by is served_by for requirement in self.requirements)

    @property
    def coverage(self) -> float | None:
        """Of the requirements that an API can show (a part of), the share that has rules; None where there are none."""
        covered = self.count(Served.RULES) + self.count(Served.RULES_AND_ATTESTATION)
        uncovered = sum(requirement.is_uncovered for requirement in self.requirements)
        return covered / (covered + uncovered) if covered + uncovered else None

    def uses(self) -> tuple[RuleUse, ...]:
        """Every rule with its thresholds, each once, in order."""
        found: dict[str, RuleUse] = {}
        for requirement in self.requirements:
            for use in requirement.uses:
                found.setdefault(use.key, use)
        return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person vouches for, because no API shows it.

    `how` says how to look; `verified_by` are rules that see a part of it; the answer holds `valid_days`.
    """

    id: str
    text: Text
    how: Text
    valid_days: int
    verified_by: tuple[str, ...] = ()
