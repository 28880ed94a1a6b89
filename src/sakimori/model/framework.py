"""What a framework asks, and how an assessment answers each of its requirements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sakimori.model.verdict import Text


class RequirementStatus(StrEnum):
    """How a requirement stands; the worst first."""

    FAIL = "fail"
    """A rule fails on a resource, and nobody muted it."""
    UNKNOWN = "unknown"
    """No rule fails, and something that a rule needs could not be read."""
    TO_ATTEST = "to_attest"
    """No API shows it, and nobody vouches for it (any more)."""
    ATTESTED = "attested"
    """No API shows it; somebody vouches for it until a day that has not passed."""
    PASS = "pass"  # noqa: S105 - no password
    NOTHING = "nothing"
    """Its rules found no resource of the kind."""
    NOT_ASSESSABLE = "not_assessable"
    """Neither an API nor a person's word is asked for; the reason is told."""
    RETIRED = "retired"
    """The source has withdrawn it; successors are told."""


class Served(StrEnum):
    """By what a requirement is answered."""

    RULES = "rules"
    RULES_AND_ATTESTATION = "rules_and_attestation"
    ATTESTATION = "attestation"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRule:
    """One rule under a requirement with what it said; `muted` is a part of `failed`."""

    id: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    muted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Who vouches for an answer, and until when (inclusive). `evidence_sha256` is "" where no file was given."""

    question: str
    signer: str
    signed_at: datetime
    valid_until: date
    note: str = ""
    evidence_name: str = ""
    evidence_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """One requirement, answered. `question` is the id of its attestation, "" if it has none."""

    id: str
    title: Text
    status: RequirementStatus
    served_by: Served
    section: Text | None = None
    level: int | None = None
    rules: tuple[RequirementRule, ...] = ()
    question: str = ""
    question_text: Text | None = None
    attested: tuple[Attested, ...] = ()
    """One for each account that is vouched for."""
    accounts_to_attest: tuple[str, ...] = ()
    reason: Text | None = None
    """Why it cannot be assessed, or what became of it."""
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionResult:
    """`at_least` of these requirements must hold (pass or attested). `is_met` is None where unknown ones could decide."""

    title: Text
    at_least: int
    requirements: tuple[str, ...]
    held: int
    is_met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameworkResult:
    """A framework answered by one assessment, requirements in the order of the source."""

    id: str
    title: Text
    version: str
    published_on: date
    source: str
    requirements: tuple[RequirementResult, ...]
    conditions: tuple[ConditionResult, ...] = ()

    @property
    def sections(self) -> tuple[tuple[Text, tuple[RequirementResult, ...]], ...]:
        """The requirements section by section, as the source has them; what has no section stands under the title."""
        found: dict[Text, list[RequirementResult]] = {}
        for each in self.requirements:
            found.setdefault(each.section or self.title, []).append(each)
        return tuple((title, tuple(those)) for title, those in found.items())

    def count(self, status: RequirementStatus) -> int:
        """How many requirements stand so."""
        return sum(requirement.status is status for requirement in self.requirements)
