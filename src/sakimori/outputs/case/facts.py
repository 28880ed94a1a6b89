"""What is known of a case, each claim with the evidence that it rests on. Whoever writes about the case writes from this alone.

Times are UTC. None is *not known*: nothing is said of it. An empty tuple within a claim is *looked for, and none found*.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Generic, TypeVar

from sakimori.model.verdict import Text

T = TypeVar("T")
NOTHING_SAID: Final = Text(en="", ja="")


@dataclass(frozen=True, slots=True)
class Claim(Generic[T]):
    """A value, and the ids of the evidence that shows it (`E-003`). Without any, it is said to nobody outside."""

    value: T
    evidence: tuple[str, ...] = ()


class DataEvents(StrEnum):
    """How far CloudTrail's data events (S3 objects, Lambda invocations …) cover the window."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class DigestResult(StrEnum):
    """What came of checking the signatures under the trail's files."""

    VERIFIED = "verified"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_RUN = "not_run"


class ItemState(StrEnum):
    """What was done about something that the thief made or changed."""

    OPEN = "open"
    STOPPED = "stopped"
    DELETED = "deleted"
    RESTORED = "restored"
    BY_HAND = "by_hand"
    """By a person, as that person says: no step is for it."""
    KEPT = "kept"
    """A person decided that it is legitimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What of CloudTrail was looked through. `digest_files` are the files that were checked, of how many there are."""

    since: datetime
    until: datetime
    regions: int
    regions_enabled: int
    events: int
    data_events: DataEvents = DataEvents.NONE
    data_reads: int | None = None
    """Successful reads of data by these credentials; None where nothing could tell."""
    digest: DigestResult = DigestResult.NOT_RUN
    digest_files: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something of list A: made (or changed) by the thief's credentials. `kind` is a type name of CloudFormation."""

    kind: str
    id: str
    account: str
    region: str
    at: datetime
    change: str
    is_created: bool = True
    by: str = ""
    state: ItemState = ItemState.OPEN
    state_at: datetime | None = None
    hourly: Decimal | None = None
    """Estimated USD an hour."""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherItem:
    """Something of list B: of the same days, and not shown to be the thief's."""

    kind: str
    id: str
    account: str
    region: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedRole:
    """A role that the thief assumed, whose sessions were revoked."""

    arn: str
    at: datetime
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotation:
    """One access key of the account, and when it was replaced (None: not yet)."""

    key_id: str
    user: str
    rotated_at: datetime | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The second look for what is left."""

    at: datetime
    regions: int
    regions_enabled: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RogueCost:
    """What one kind of use cost, in USD; an estimate until the cost and usage report has it."""

    account: str
    region: str
    usage: str
    resource: str
    amount: Decimal
    is_estimate: bool = True
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevention:
    """Services that are shown to be set up, by their names in the framework `aws-key-reply` (`budgets`, `guardduty` …)."""

    cost_services: Claim[tuple[str, ...]] = Claim(())
    security_services: Claim[tuple[str, ...]] = Claim(())


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """How the key got out: an id of `rulebook/incident/causes.yaml`, "" while it is not known.

    `fix` is what was done about it, "" in a language in which nobody said it. `note` stays in the house, and out of replies.
    """

    cause: str = ""
    fix: Text = NOTHING_SAID
    note: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneStep:
    """One step of the rail that was done; `run` is that of the journal, "" where nothing was changed."""

    id: str
    title: Text
    at: datetime
    by: str
    approved_by: tuple[str, ...] = ()
    run: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline. `source` is what tells it (CloudTrail, the case's log, a mail)."""

    at: datetime
    what: Text
    source: str
    account: str = ""
    region: str = ""
    actor: str = ""
    tags: tuple[str, ...] = ()
    raw: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """Something that was looked for and not found, and how far was looked."""

    question: Text
    coverage: Text
    is_complete: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedSession:
    """A session of a role, by its name; `is_person` where a person of Identity Center was denied instead of the role's sessions."""

    at: datetime
    name: str
    is_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The whole case. `user` is the user's name ("" where the key is the root user's or unknown).

    `subject` is that of AWS's mail; `is_abuse` where it reports abuse, which has a deadline and keeps its subject.
    """

    case: str
    accounts: tuple[str, ...]
    aws_case: str = ""
    subject: str = ""
    is_abuse: bool = False
    deadline: datetime | None = None
    began: datetime | None = None
    """The first misuse, or the exposure."""
    detected: datetime | None = None
    opened: datetime | None = None
    notified: datetime | None = None
    contained: datetime | None = None
    recovered: datetime | None = None
    key_id: str = ""
    user: str = ""
    deactivated: Claim[datetime] | None = None
    deleted: Claim[datetime] | None = None
    denied: Claim[datetime] | None = None
    session: Claim[StoppedSession] | None = None
    """How the temporary credentials with which it began were stopped; None where they are no session of a role, or not stopped."""
    roles: tuple[RevokedRole, ...] = ()
    roles_assumed: Claim[int] | None = None
    """How many roles the thief's credentials assumed; None where that could not be followed."""
    keys: Claim[tuple[KeyRotation, ...]] | None = None
    keys_by: datetime | None = None
    """Until when the rest will be rotated."""
    review: Claim[Review] | None = None
    iam_items: Claim[tuple[Item, ...]] | None = None
    resources: Claim[tuple[Item, ...]] | None = None
    others: tuple[OtherItem, ...] = ()
    second_sweep: Claim[Sweep] | None = None
    prevention: Prevention = Prevention()
    cause: RootCause = RootCause()
    residual: tuple[Claim[Text], ...] = ()
    costs: tuple[RogueCost, ...] = ()
    steps: tuple[DoneStep, ...] = ()
    moments: tuple[Moment, ...] = ()
    negatives: tuple[Negative, ...] = ()
    open_questions: tuple[Text, ...] = ()

    @property
    def is_temporary(self) -> bool:
        """Whether it began with temporary credentials, which can be neither made inactive nor deleted."""
        return self.key_id.startswith("ASIA")

    @property
    def to_detect(self) -> timedelta | None:
        """TTD: from the beginning until somebody noticed."""
        return _between(self.began, self.detected)

    @property
    def to_notify(self) -> timedelta | None:
        """TTN: from then until those who must know were told."""
        return _between(self.detected, self.notified)

    @property
    def to_contain(self) -> timedelta | None:
        """TTC: from then until nothing of the thief's could act any more."""
        return _between(self.detected, self.contained)

    @property
    def to_recover(self) -> timedelta | None:
        """TTR: from then until work went on as before."""
        return _between(self.detected, self.recovered)

    @property
    def rotated(self) -> int:
        """How many of the account's keys were rotated, and are shown to be."""
        keys = self.keys.value if self.keys else ()
        return sum(each.rotated_at is not None and bool(each.evidence) for each in keys)

    @property
    def cost(self) -> Decimal:
        """The sum of the rogue costs, in USD."""
        return sum((each.amount for each in self.costs), Decimal(0))

    @property
    def items(self) -> tuple[Item, ...]:
        """List A whole."""
        return (*(self.iam_items.value if self.iam_items else ()), *(self.resources.value if self.resources else ()))


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start is not None and end is not None else None
