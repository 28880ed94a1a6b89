"""A posture rule as it stands in its file, checked and ready to judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity, Status, Story
from sakimori.rules.checked import CheckedQuery

Scalar = str | int | float | bool
Parameter = Scalar | tuple[Scalar, ...]

PROFILES: tuple[str, ...] = ("seed", "fsbp", "cis-5.0")
"""Threshold profiles: the sources of the must-do list, AWS Foundational Security Best Practices, CIS 5.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a file: where, and the sentence that names the cure."""

    file: str
    line: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """In an example: a unit, or one parent of it, that could not be read."""

    table: str
    region: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Rows given, verdicts expected.

    A table with an empty list was read and is empty; a table left out was not read.
    `expect` maps a resource (or `*` for an unread subject table) to a status; a resource
    that is not applicable is not in it.
    """

    name: str
    line: int
    given: Mapping[str, tuple[Mapping[str, object], ...]]
    expect: Mapping[str, Status]
    unread: tuple[Unread, ...] = ()
    thresholds: str = "seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One judgment on one kind of resource.

    `parameters` holds, by name, the value of every threshold profile. `tables` are the
    tables that the query reads, the subject (`judges`) first.
    """

    id: str
    path: Path
    title: Text
    why: Text
    fail: Text
    fix: Text
    severity: Severity
    confidence: Confidence
    judges: str
    query: str
    query_line: int
    tables: tuple[str, ...]
    settles_without: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict[str, Mapping[str, Parameter]])
    action: str = ""
    remedy: Remedy = field(default_factory=Remedy)
    story: Story | None = None
    references: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    is_own: bool = True
    """Shipped with the program (false: a user's)."""
    is_on_request: bool = False
    """Judges what only a verb of its own reads (`Table.is_on_request`)."""

    def parameters_of(self, profile: str) -> dict[str, Parameter]:
        """The thresholds of one profile by name."""
        return {name: values[profile] for name, values in self.parameters.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A rule with its checked query, or the faults that keep it from being one."""

    path: Path
    rule: Rule | None = None
    query: CheckedQuery | None = None
    faults: tuple[Fault, ...] = ()
