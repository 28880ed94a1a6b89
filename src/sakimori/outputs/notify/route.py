"""Routes: who is told of what, when, and through what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Any, Final

from sakimori.model.words import Severity
from sakimori.outputs.notify.hours import Hours
from sakimori.texts.language import Language


class Timing(StrEnum):
    """When a route tells of a case."""

    NOW = "now"
    HOURS = "hours"
    """At once in working hours, else in the morning of the next working day."""
    DAILY = "daily"
    """In the digest of the day."""
    WEEKLY = "weekly"
    NEVER = "never"


CHAT: Final[Mapping[Severity, Timing]] = {
    Severity.CRITICAL: Timing.NOW,
    Severity.HIGH: Timing.NOW,
    Severity.MEDIUM: Timing.HOURS,
    Severity.LOW: Timing.DAILY,
    Severity.INFORMATIONAL: Timing.DAILY,
}
MAIL: Final[Mapping[Severity, Timing]] = {
    Severity.CRITICAL: Timing.NOW,
    Severity.HIGH: Timing.NOW,
    Severity.MEDIUM: Timing.DAILY,
    Severity.LOW: Timing.WEEKLY,
    Severity.INFORMATIONAL: Timing.WEEKLY,
}
NEVER_HELD: Final = frozenset({Severity.CRITICAL, Severity.HIGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is told when nobody has taken a case of at least this severity so long after it was told."""

    after: timedelta
    to: str
    severity: Severity = Severity.CRITICAL

    @property
    def name(self) -> str:
        """What tells it from the others of its route."""
        return f"{self.to}@{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to people. `settings` are those of its kind of channel; secrets stand in them as references alone."""

    name: str
    kind: str
    language: Language
    hours: Hours
    timing: Mapping[Severity, Timing] = field(default_factory=lambda: dict(CHAT))
    accounts: frozenset[str] = frozenset()
    """Ids; empty for all."""
    kinds: frozenset[str] = frozenset()
    """Kinds of case (`attack`, `posture`); empty for all."""
    digest_at: time = time(9, 0)
    fallback: str = ""
    """The route that is told what this one cannot take."""
    escalations: tuple[Escalation, ...] = ()
    heartbeat: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def takes(self, account: str, kind: str) -> bool:
        """Whether cases of this account and kind are told here."""
        return (not self.accounts or not account or account in self.accounts) and (not self.kinds or kind in self.kinds)
