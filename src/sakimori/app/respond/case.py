"""A case: what is known of one incident, told by the lines of its log and by nothing else.

The log (`case.jsonl`) is a hash chain; whoever has the directory of the case has all of it, on this machine or another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final


class Told(StrEnum):
    """The kinds of lines."""

    OPENED = "opened"
    SUSPECT = "suspect"
    """Who is suspected, as far as it is known by now."""
    STEP = "step"
    APPROVED = "approved"
    RUN = "run"
    """A run of the journal that changes an account begins."""
    CLOSURE = "closure"
    """The credentials that the suspect's led to."""
    MADE = "made"
    """List A: what the closure made or changed."""
    CONTAINED = "contained"
    NOT_CONTAINED = "not_contained"
    """A look found something that may still act, or could not say."""
    TAKEN_BACK = "taken_back"
    """What a step changed was undone, not lifted by a recovery."""
    VERIFIED = "verified"
    NOTIFIED = "notified"
    ANSWER = "answer"
    """A person's answer: the cause, a service that uses the key, a key that was rotated."""
    REPLACEMENT = "replacement"
    """Where a replacement of a key stands."""
    NOTE = "note"
    CLOSED = "closed"


TWO_PERSON: Final = "two_person"
IDENTITY_CENTER: Final = "identity-center"
"""The question whose answer tells who is denied in permission sets."""
CLOSING: Final = "R90"
UNREADABLE: Final = "unreadable-events"
BY_HAND: Final = "by-hand"
PEOPLE: Final = "people-of-role"
"""The question whose answer tells who used a role of IAM Identity Center, and from where, as the last look found it."""
KNOWN_PEOPLE: Final = "known-people"
"""The question whose answer tells for which of them, at which addresses, somebody vouched."""
WAYS_IN: Final = "ways-in"
"""The question whose answer tells by which ways, told until then, a thief gets no more sessions."""
_DECIDING: Final = ("R02", "R10", "R11", "R12", "R14", "R13", "R16", "R17")


class StepState(StrEnum):
    """Where a step stands."""

    OPEN = "open"
    WAITING = "waiting"
    """For an approval."""
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """The credential or principal with which it begins. Unknown parts are ""; `kind` is key, user, role, root or account."""

    kind: str
    key_id: str = ""
    user: str = ""
    """An ARN."""
    role: str = ""
    """An ARN."""
    account: str = ""

    @property
    def name(self) -> str:
        """As a person calls it; of a key the last four characters."""
        if self.key_id:
            return f"{self.key_id[:4]}…{self.key_id[-4:]}"
        return (self.user or self.role or self.account).rpartition("/")[2] or self.kind

    def begins(self, other: "Suspect") -> bool:
        """Whether a case that was begun with this one, which may know more by now, is about the other."""
        if self.key_id or other.key_id:
            return self.key_id == other.key_id
        accounts = {self.account, other.account} - {""}
        return self.kind == other.kind and self.name == other.name and len(accounts) < 2  # noqa: PLR2004 - not two

    @property
    def root(self) -> str:
        """The ARN of the root user where that is suspected, else ""."""
        return f"arn:aws:iam::{self.account}:root" if self.kind == "root" and self.account else ""

    @property
    def user_name(self) -> str:
        """The user's name without its path."""
        return self.user.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """What was last said of a step: `detail` is an id of the catalogue with `values`."""

    state: StepState
    at: datetime
    by: str = ""
    detail: str = ""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    evidence: tuple[str, ...] = ()
    """All pieces that were ever kept for the step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run of the journal of an account, made for a step."""

    account: str
    run: str
    step: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Somebody agreed to steps; `is_own` where whoever opened the case agreed alone.

    `plans` are the ids of those that were shown and agreed to; () where it was agreed to the steps whatever they find.
    """

    steps: tuple[str, ...]
    by: str
    at: datetime
    is_own: bool = False
    plans: tuple[str, ...] = ()
    login: str = ""
    """Of the machine on which it was said, "" where that is not known."""
    caller: str = ""
    """The ARN in AWS with which they worked, "" where they did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as its log tells it. Times are UTC."""

    id: str
    opened_at: datetime
    opened_by: str
    trigger: str = ""
    """What it began with: a mail, a finding, a key."""
    occurred_at: datetime | None = None
    """When it began to be noticeable: the mail was sent, the finding seen; TTD and TTN count from the first misuse."""
    deadline_at: datetime | None = None
    subject: str = ""
    """The subject of AWS's mail: an answer to a report of abuse keeps it."""
    aws_case: str = ""
    playbook: str = "leaked-key"
    approval: str = "single"
    accounts: tuple[str, ...] = ()
    suspect: Suspect = Suspect(kind="unknown")
    steps: Mapping[str, StepLine] = field(default_factory=dict[str, StepLine])
    approvals: tuple[Approved, ...] = ()
    runs: tuple[RunLine, ...] = ()
    closure: Mapping[str, Any] = field(default_factory=dict[str, Any])
    made: tuple[Mapping[str, Any], ...] = ()
    contained_at: datetime | None = None
    verified: tuple[Mapping[str, Any], ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    replacements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    notes: tuple[tuple[datetime, str, str], ...] = ()
    """When, by whom, what."""
    notified_at: datetime | None = None
    closed_at: datetime | None = None

    def is_done(self, step: str) -> bool:
        """Whether the step is done."""
        return step in self.steps and self.steps[step].state is StepState.DONE

    def is_open(self, step: str) -> bool:
        """Whether the step is neither done nor left out with a reason."""
        return step not in self.steps or self.steps[step].state not in {StepState.DONE, StepState.SKIPPED}

    @property
    def open_ends(self) -> tuple[str, ...]:
        """The steps because of which it is not contained: not done, or not done whole. () where it is contained."""
        if self.contained_at:
            return ()
        bad = {StepState.FAILED, StepState.WAITING}
        return tuple(each for each in _DECIDING if each in self.steps and self.steps[each].state in bad)

    def approvers_of(self, step: str) -> tuple[str, ...]:
        """Who agreed to anything of the step, each once."""
        return tuple(dict.fromkeys(each.by for each in self.approvals if step in each.steps))

    def approvals_of(self, step: str) -> tuple[Approved, ...]:
        """Whatever was agreed to of the step: some for any plan, others for one that they were shown."""
        return tuple(each for each in self.approvals if step in each.steps)

    def agreed_to(self, step: str, plans: Collection[str] = ()) -> tuple[Approved, ...]:
        """The approvals of these plans of the step, or of the step whatever it finds (without plans: of these alone)."""
        return tuple(
            each
            for each in self.approvals
            if step in each.steps and (not each.plans or (plans and set(plans) <= set(each.plans)))
        )

    @property
    def needed(self) -> int:
        """How many people must agree to a change."""
        return 2 if self.approval == TWO_PERSON else 1


def moment_of(told: object) -> datetime | None:
    """The moment that a line tells; None where it tells none that can be read."""
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) and told else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
