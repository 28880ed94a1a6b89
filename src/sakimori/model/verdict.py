"""A rule's verdict on one resource."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sakimori.model.identity import identity
from sakimori.model.words import Confidence, Severity, Status


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    en: str
    ja: str

    def in_(self, language: str) -> str:
        """The sentence in `ja` or `en`."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Why a finding is kept quiet, by whom it was decided, and until when (inclusive)."""

    reason: str
    owner: str = ""
    until: date | None = None
    is_by_tag: bool = False
    """It rests on a tag of the resource, which only a run that read the tags knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says of one resource.

    `rule` is the rule's id, `parameters` the thresholds it was judged by. `evidence` holds
    the columns of the rule's query other than its keys: booleans, numbers, texts, times,
    None where unknown. `reason` says why a verdict is unknown: a word of GapKind, or ""
    where a value that the rule needs is not known. `first_seen` and `last_seen` are set
    for findings (fail) once a run has recorded them.
    """

    rule: str
    status: Status
    severity: Severity
    confidence: Confidence
    partition: str
    account: str
    region: str
    resource: str
    resource_type: str
    message: Text
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])
    reason: str = ""
    mute: Mute | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None

    @property
    def id(self) -> str:
        """The identity of the finding: the same rule, thresholds and resource give the same id."""
        parameters = json.dumps(dict(self.parameters), sort_keys=True, default=str)
        return identity(self.rule, parameters, self.partition, self.account, self.region, self.resource)
