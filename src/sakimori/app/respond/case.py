"""A case: what is known of one incident, told by the lines of its log and by nothing else.

The log (`case.jsonl`) is a hash chain; whoever has the directory of the case has all of it, on this machine or another.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sakimori.model.errors import ActionError
from sakimori.state.hash_chain import ChainLine


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


_CONTAINING: Final = frozenset({"R10", "R11", "R12", "R14", "R15"})


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

    def approvers_of(self, step: str) -> tuple[str, ...]:
        """Who agreed to anything of the step, each once."""
        return tuple(dict.fromkeys(each.by for each in self.approvals if step in each.steps))

    def agreed_to(self, step: str, plans: Collection[str]) -> tuple[str, ...]:
        """Who agreed to these plans of the step, or to the step whatever it finds, each once."""
        found = (
            each for each in self.approvals if step in each.steps and (not each.plans or set(plans) <= set(each.plans))
        )
        return tuple(dict.fromkeys(each.by for each in found))


def case_of(identifier: str, lines: Iterable[ChainLine]) -> Case | None:
    """The case that these lines tell; None where none opens it, ActionError for a line that no version wrote."""
    case: Case | None = None
    for line in lines:
        try:
            case = grown(identifier, case, line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # The hashes fit, the words do not: somebody wrote the chain anew, or a version that says it otherwise.
            raise ActionError("respond.line_unreadable", case=identifier, line=line.number) from error
    return case


def grown(identifier: str, case: Case | None, line: ChainLine) -> Case | None:
    """The case with one more line; a kind of a later version is passed over."""
    if line.kind == Told.OPENED and case is None:
        return _opened(identifier, line)
    return case if case is None else _with(case, line)


def _opened(identifier: str, line: ChainLine) -> Case:
    body = line.body
    return Case(
        id=identifier,
        opened_at=line.at,
        opened_by=str(body.get("by", "")),
        trigger=str(body.get("trigger", "")),
        occurred_at=moment_of(body.get("occurred_at")),
        deadline_at=moment_of(body.get("deadline_at")),
        subject=str(body.get("subject", "")),
        aws_case=str(body.get("aws_case", "")),
        playbook=str(body.get("playbook", "leaked-key")),
        approval=str(body.get("approval", "single")),
    )


def _with(case: Case, line: ChainLine) -> Case:
    body, at = line.body, line.at
    match line.kind:
        case Told.SUSPECT:
            known = {key: str(body[key]) for key in Suspect.__dataclass_fields__ if body.get(key)}
            accounts = tuple(dict.fromkeys((*case.accounts, *map(str, body.get("accounts", ())))))
            return replace(case, suspect=replace(case.suspect, **known), accounts=accounts)
        case Told.STEP:
            before = case.steps.get(str(body["step"]))
            pieces = (*(before.evidence if before else ()), *map(str, body.get("evidence") or ()))
            told = StepLine(
                evidence=tuple(dict.fromkeys(pieces)),
                state=StepState(body["state"]), at=at, by=str(body.get("by", "")), detail=str(body.get("detail", "")),
                values=dict(body.get("values") or {}),
            )  # fmt: skip
            return replace(case, steps={**case.steps, str(body["step"]): told})
        case Told.APPROVED:
            one = Approved(
                steps=tuple(body["steps"]),
                by=str(body["by"]),
                at=at,
                is_own=bool(body.get("is_own")),
                plans=tuple(map(str, body.get("plans") or ())),
            )
            return replace(case, approvals=(*case.approvals, one))
        case Told.RUN:
            run = RunLine(account=str(body["account"]), run=str(body["run"]), step=str(body["step"]), at=at)
            return replace(case, runs=(*case.runs, run))
        case Told.NOTE:
            return replace(case, notes=(*case.notes, (at, str(body.get("by", "")), str(body.get("text", "")))))
        case _:
            return _with_facts(case, line)


def _with_facts(case: Case, line: ChainLine) -> Case:  # noqa: PLR0911 - one line a kind
    body, at = line.body, line.at
    match line.kind:
        case Told.CLOSURE:
            return replace(case, closure=body)
        case Told.MADE:
            return replace(case, made=tuple(dict(each) for each in body.get("made", ())))
        case Told.CONTAINED:
            # What was contained first counts; a loop that found more says so in its step.
            return case if case.contained_at else replace(case, contained_at=at)
        case Told.TAKEN_BACK:
            # Whoever was stopped by it may act again: until it is contained anew, it is not.
            return replace(case, contained_at=None) if body["step"] in _CONTAINING else case
        case Told.VERIFIED:
            return replace(case, verified=(*case.verified, {**body, "at": at.isoformat()}))
        case Told.NOTIFIED:
            return replace(case, notified_at=case.notified_at or at)
        case Told.ANSWER:
            return replace(case, answers={**case.answers, str(body["question"]): body["answer"]})
        case Told.REPLACEMENT:
            return replace(case, replacements={**case.replacements, str(body["key_id"]): body})
        case Told.CLOSED:
            return replace(case, closed_at=at)
        case _:
            return case


def moment_of(told: object) -> datetime | None:
    """The moment that a line tells; None where it tells none that can be read."""
    try:
        return datetime.fromisoformat(told) if isinstance(told, str) and told else None
    except ValueError:
        return None
