"""What was noticed in logs: by our rules, or by a service of AWS whose finding was imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sakimori.model.identity import identity
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity

MAX_EVENT_IDS = 100
"""Identifiers that one detection keeps of its events; `count` counts all."""
MAX_RESOURCES = 50
MAX_ORIGINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One thing that somebody did, as one rule saw it: all its events until an hour passes without one.

    `rule` is the name of the rule, or the type of an imported finding. `tactics` and `techniques` are those of MITRE
    ATT&CK (`defense-evasion`, `T1562.008`), the most telling first. `principal` is who stands behind the session (the
    ARN of a user, role or root user, the name of a service), "" where the log knows none. `origins` are addresses or
    names of services, `resources` ARNs or names; both in the order of their first event, and bounded.
    `first_at` and `last_at` are UTC. `evidence` holds the fields that the message quotes. `producer` is `sakimori`, or
    the service that found it (`guardduty`, `securityhub`, `inspector`, `macie`, `access-analyzer`) with its own `native_id`.
    """

    rule: str
    title: Text
    severity: Severity
    confidence: Confidence
    tactics: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    first_at: datetime
    last_at: datetime
    count: int
    principal: str = ""
    origins: tuple[str, ...] = ()
    partition: str = "aws"
    account: str
    region: str
    resources: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    message: Text
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])
    source: str = ""
    """The table of the log, "" for an imported finding."""
    producer: str = "sakimori"
    native_id: str = ""
    subject: str = ""
    """What else tells one detection from another of the same rule and principal (the values of a correlation's group)."""
    updated_at: datetime | None = None
    """When the service that found it last changed what it says (UTC); None for ours."""
    is_closed: bool = False
    """The service that found it holds it for settled: archived, resolved or suppressed."""

    @property
    def id(self) -> str:
        """The identity: the same rule, place, principal, subject and first moment give the same id."""
        parts = (self.producer, self.native_id) if self.native_id else (self.rule, self.account, self.region, self.principal, self.subject, self.first_at.isoformat())  # fmt: skip
        return identity(*parts)
