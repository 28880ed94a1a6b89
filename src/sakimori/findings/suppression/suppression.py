"""A suppression: a decision to keep findings quiet, with its reason, its owner and its end."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sakimori.findings.suppression.criteria import RULE, Criteria, Operator
from sakimori.findings.suppression.subject import Subject
from sakimori.model.verdict import Mute

DEFAULT_DAYS: Final = 90
LONGEST_DAYS: Final = 365
NO_END: Final = date.max
"""Of what somebody made in AWS, where nothing ends by itself."""
GRAVE_DAYS: Final = 14
"""How long signs of an attack, and what is critical, may be quiet, and only by two people."""
NOTICE: Final = timedelta(days=14)
"""How long before its end a suppression is told to end soon."""


class Action(StrEnum):
    """What becomes of a finding that a suppression holds for. None of them deletes it, and lists with --all show it."""

    ARCHIVE = "archive"
    """It is told to nobody and belongs to no case."""
    DIGEST = "digest"
    """It is told in the daily digest alone."""
    MUTE = "mute"
    """It never causes a message, but stays in its case and is counted in what the case says."""
    DISABLE = "disable"
    """The rule is off: all that it finds is archived."""

    @property
    def is_in_case(self) -> bool:
        """Whether the finding is counted in its case."""
        return self is Action.MUTE

    @property
    def is_in_digest(self) -> bool:
        """Whether the daily digest tells of the finding."""
        return self is Action.DIGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One suppression. No `accounts` or `regions` means all of them; it holds through the day `expires_on`.

    `created_from` are the ids of the findings that it was made from. `approved_by` is a second person. `evidence` says
    why a rule may be off. `ended_at` is set where a person ended it before its day.
    """

    id: str
    source: str
    action: Action = Action.ARCHIVE
    criteria: Criteria
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    reason: str
    owner: str
    ticket: str = ""
    evidence: str = ""
    created_from: tuple[str, ...] = ()
    created_by: str = ""
    created_at: datetime
    approved_by: str = ""
    expires_on: date
    ended_at: datetime | None = None
    ended_by: str = ""

    def is_active(self, on: date) -> bool:
        """Whether it holds on that day: made by then, not ended, its day not passed."""
        is_ended = self.ended_at is not None and self.ended_at.date() <= on
        return self.created_at.date() <= on <= self.expires_on and not is_ended

    def ends_soon(self, on: date) -> bool:
        """Whether it still holds, and ends within the time of notice."""
        return self.is_active(on) and self.expires_on - on <= NOTICE

    def holds(self, subject: Subject) -> bool:
        """Whether the finding is one of those that it keeps quiet."""
        return (
            subject.source == self.source
            and (not self.accounts or subject.account in self.accounts)
            and (not self.regions or subject.region in self.regions)
            and self.criteria.holds(subject)
        )

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules or types that it names exactly; none where it is open which."""
        return self.criteria.equal_to(RULE)

    @property
    def rule_patterns(self) -> tuple[str, ...]:
        """The patterns that a rule must match."""
        return next((each.values for each in self.criteria.of_field(RULE) if each.operator is Operator.MATCHES), ())

    @property
    def mute(self) -> Mute:
        """What a verdict that it holds for carries."""
        return Mute(reason=self.reason, owner=self.owner, until=self.expires_on)

    @property
    def has_second_person(self) -> bool:
        """Whether somebody other than its maker and its owner stands behind it."""
        approver = _person(self.approved_by)
        return bool(approver) and approver not in {_person(self.created_by), _person(self.owner)}

    @property
    def is_for_critical(self) -> bool:
        """Whether it may keep quiet what is critical, now or by the time it comes."""
        return self.has_second_person and self.days <= GRAVE_DAYS

    @property
    def days(self) -> int:
        """How many days it holds from the day it was made."""
        return (self.expires_on - self.created_at.date()).days


def _person(name: str) -> str:
    return " ".join(name.casefold().split())


def identifier_of(suppression: Suppression) -> str:
    """The id of a suppression that was given none: the same decision until the same day has the same id."""
    decided = [
        suppression.source, suppression.action.value, suppression.criteria.plain(), sorted(suppression.accounts),
        sorted(suppression.regions), suppression.expires_on.isoformat(),
    ]  # fmt: skip
    told = json.dumps(decided, sort_keys=True).encode("utf-8", "surrogatepass")
    return f"quiet-{hashlib.sha256(told).hexdigest()[:10]}"
