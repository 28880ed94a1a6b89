"""The completion report: a stored snapshot against the four blocks, and what the journals of its accounts say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.actions.catalogue import every_step
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.harden import RunLine, runs
from sakimori.app.next_step import BLOCKS
from sakimori.model.assessment import Assessment
from sakimori.outputs.report.completion_page import DoneRun
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

FRAMEWORKS: Final = (BLOCKS, "seed-must-fix-2023", "aws-key-reply")


def completion(
    request: AssessRequest, language: Language, *, clock: Callable[[], datetime]
) -> tuple[Assessment, tuple[DoneRun, ...]]:
    """The assessment that the report shows, and the runs that changed its accounts. Of the request home, snapshot, mutes and store count."""
    asked = replace(request, frameworks=FRAMEWORKS, with_all_rules=True)
    found = assess(asked, (), clock=clock).assessment
    accounts = {each.account.id for each in found.accounts}
    return found, _runs(request.home, accounts, language)


def _runs(home: Path, accounts: set[str], language: Language) -> tuple[DoneRun, ...]:
    return tuple(
        _done(each, language)
        for each in runs(home)
        if each.account in accounts and each.begun_at and (each.standing or each.is_undone)
    )


def _done(run: RunLine, language: Language) -> DoneRun:
    assert run.begun_at is not None  # noqa: S101 - looked at by who calls
    steps = tuple((each, _title(each, language)) for each in run.standing)
    return DoneRun(
        run=run.run, at=run.begun_at, by=run.by, second=run.second, steps=steps, is_undone=run.is_undone
    )  # fmt: skip


def _title(step: str, language: Language) -> str:
    known = every_step().get(step)
    return say(f"{known.texts}_title", language) if known else ""
