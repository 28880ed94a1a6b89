"""A detection as it stands in its file, compiled and ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sakimori.analysis.log_forms.form import LogForm
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.condition import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Events and whether the rule finds something in them; each has native names, or columns, as the rule's fields do.

    `events` are as written: one with a `repeat` stands for as many. `listed` are the addresses of a list that is named
    so, `countries` says whose an address is.
    """

    name: str
    line: int
    events: tuple[Mapping[str, object], ...]
    match: bool
    own_accounts: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    countries: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """The event counts only if its `dimension` is new for its `of` within `days`, once `learning_days` were seen of it.

    New is what was first seen less than a day before: who looks around first is not known by it.
    """

    dimension: str
    of: str
    days: int = 90
    learning_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The events count only where those of one `per` within `seconds` have at least these measures, all of them."""

    per: str
    seconds: int
    at_least: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every detection rule says of itself.

    `name` is what people type (`--rules`), unique in a rulebook; `uuid` is Sigma's id, "" where the file has none.
    `is_alone` is false for a rule that only others build on: it finds nothing by itself. `aliases` are its former names.
    """

    name: str
    uuid: str
    path: Path
    line: int
    title: Text
    description: Text
    falsepositives: tuple[Text, ...]
    message: Text
    severity: Severity
    confidence: Confidence
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    references: tuple[str, ...]
    author: str
    respond: str
    is_own: bool
    is_alone: bool = True
    aliases: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRule:
    """A Sigma rule over one log or more.

    `conditions` has one condition a log form (their fields have other columns). `quoted` are the fields that the
    message and `fields` name, `resources` those that name what was acted upon, `subject` those that split detections.
    """

    head: Head
    conditions: tuple[tuple[LogForm, Condition], ...]
    quoted: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    first_seen: FirstSeen | None = None
    shape: Shape | None = None

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.head.name


class Gathering(StrEnum):
    """What a correlation asks of the hits in its window."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Of the rules in a window: under and, or, not. A leaf is the name of a rule."""

    kind: str
    parts: "tuple[Together | str, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Hits of other rules, counted or in their order, within `seconds`, each group by itself.

    `group_by` holds each part of a group: its name and, by rule, the field that says it. `order` and `number` compare the count or
    the value of `field` (`fields` where a value_count counts combinations); `together` is the condition of a temporal one.
    """

    head: Head
    gathering: Gathering
    rules: tuple[str, ...]
    seconds: int
    group_by: tuple[tuple[str, Mapping[str, str]], ...] = ()
    order: str = "gte"
    number: float = 1
    fields: tuple[str, ...] = ()
    percentile: int = 50
    together: "Together | None" = None
    is_generating: bool = False
    quoted: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The correlation's name."""
        return self.head.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Detections:
    """All detections of a run by name."""

    rules: Mapping[str, DetectionRule] = field(default_factory=dict[str, DetectionRule])
    correlations: Mapping[str, Correlation] = field(default_factory=dict[str, Correlation])

    @property
    def renamed(self) -> dict[str, str]:
        """Former names of its rules, and their present ones."""
        each_of = (*self.rules.values(), *self.correlations.values())
        return {former: each.name for each in each_of for former in each.head.aliases}
