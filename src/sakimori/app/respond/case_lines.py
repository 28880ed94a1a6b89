"""A case told line by line: what each line of its log adds to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sakimori.app.respond.case import (
    CLOSING,
    IDENTITY_CENTER,
    Approved,
    Case,
    RunLine,
    StepLine,
    StepState,
    Suspect,
    Told,
    moment_of,
)
from sakimori.app.respond.case_forms import check_form
from sakimori.model.errors import ActionError
from sakimori.state.hash_chain import ChainLine
from sakimori.texts.language import clean

_CONTAINING: Final = frozenset({"R10", "R11", "R12", "R14", "R15"})


def case_of(path: Path, lines: Iterable[ChainLine]) -> Case | None:
    """The case that the lines of the log at `path` tell; None where none opens it, ActionError for a line that no version wrote."""
    case: Case | None = None
    for line in lines:
        try:
            check_form(line)
            case = grown(path.parent.name, case, line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # The hashes fit, the words do not: somebody wrote the chain anew, or a version that says it otherwise.
            raise ActionError(
                "respond.line_unreadable", path=path, line=line.number, kind=clean(line.kind, 40)
            ) from error
    return case


def grown(identifier: str, case: Case | None, line: ChainLine) -> Case | None:
    """The case with one more line; a kind of a later version is passed over."""
    if line.kind == Told.OPENED and case is None:
        return _opened(identifier, line)
    adds = _ADDS.get(line.kind)
    return case if case is None or adds is None else adds(case, line.body, line.at)


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


def _suspect(case: Case, body: Mapping[str, Any], _at: datetime) -> Case:
    known = {key: str(body[key]) for key in Suspect.__dataclass_fields__ if body.get(key)}
    accounts = tuple(dict.fromkeys((*case.accounts, *map(str, body.get("accounts", ())))))
    return replace(case, suspect=replace(case.suspect, **known), accounts=accounts)


def _step(case: Case, body: Mapping[str, Any], at: datetime) -> Case:
    step = str(body["step"])
    before = case.steps.get(step)
    pieces = (*(before.evidence if before else ()), *map(str, body.get("evidence") or ()))
    told = StepLine(
        evidence=tuple(dict.fromkeys(pieces)),
        state=StepState(body["state"]), at=at, by=str(body.get("by", "")), detail=str(body.get("detail", "")),
        values=dict(body.get("values") or {}),
    )  # fmt: skip
    return replace(case, steps={**case.steps, step: told})


def _approved(case: Case, body: Mapping[str, Any], at: datetime) -> Case:
    one = Approved(
        steps=tuple(body["steps"]),
        by=str(body["by"]),
        at=at,
        is_own=bool(body.get("is_own")),
        plans=tuple(map(str, body.get("plans") or ())),
        login=str(body.get("login", "")),
        caller=str(body.get("caller", "")),
    )
    return replace(case, approvals=(*case.approvals, one))


def _run(case: Case, body: Mapping[str, Any], at: datetime) -> Case:
    run = RunLine(account=str(body["account"]), run=str(body["run"]), step=str(body["step"]), at=at)
    return replace(case, runs=(*case.runs, run))


def _note(case: Case, body: Mapping[str, Any], at: datetime) -> Case:
    return replace(case, notes=(*case.notes, (at, str(body.get("by", "")), str(body.get("text", "")))))


def _made(case: Case, body: Mapping[str, Any], _at: datetime) -> Case:
    return replace(case, made=tuple(dict(each) for each in body.get("made", ())))


def _taken_back(case: Case, body: Mapping[str, Any], _at: datetime) -> Case:
    # Whoever was stopped by it may act again: until it is contained anew, it is not. What was done beyond that is no loss.
    step, contained = str(body["step"]), case.contained_at
    if step == "R12":
        case = replace(case, answers={name: each for name, each in case.answers.items() if name != IDENTITY_CENTER})
    is_beyond = step == "R15" and contained and all(each.at > contained for each in case.runs if each.step == step)
    return replace(case, contained_at=None) if step in _CONTAINING and not is_beyond else case


def _answer(case: Case, body: Mapping[str, Any], _at: datetime) -> Case:
    return replace(case, answers={**case.answers, str(body["question"]): body["answer"]})


def _replacement(case: Case, body: Mapping[str, Any], _at: datetime) -> Case:
    return replace(case, replacements={**case.replacements, str(body["key_id"]): body})


def _closed(case: Case, body: Mapping[str, Any], at: datetime) -> Case:
    done = StepLine(state=StepState.DONE, at=at, by=str(body.get("by", "")))
    return replace(case, closed_at=at, steps={**case.steps, CLOSING: done})


_ADDS: Final[Mapping[str, Callable[[Case, Mapping[str, Any], datetime], Case]]] = {
    Told.SUSPECT: _suspect, Told.STEP: _step, Told.APPROVED: _approved, Told.RUN: _run, Told.NOTE: _note,
    Told.CLOSURE: lambda case, body, _: replace(case, closure=body),
    Told.MADE: _made,
    # What was contained first counts; a loop that found more says so in its step.
    Told.CONTAINED: lambda case, _, at: replace(case, contained_at=case.contained_at or at),
    Told.NOT_CONTAINED: lambda case, *_: replace(case, contained_at=None),
    Told.TAKEN_BACK: _taken_back,
    Told.VERIFIED: lambda case, body, at: replace(case, verified=(*case.verified, {**body, "at": at.isoformat()})),
    Told.NOTIFIED: lambda case, _, at: replace(case, notified_at=case.notified_at or at),
    Told.ANSWER: _answer, Told.REPLACEMENT: _replacement,
    Told.CLOSED: _closed,
}  # fmt: skip
