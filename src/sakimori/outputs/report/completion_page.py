"""必須防止対策 完了報告書: one printable page on the first two days: the four blocks, what was set up, by whom, and what is open.

One language, because it is signed and handed on; it loads nothing and has no scripts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, TextIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sakimori.model.assessment import Assessment
from sakimori.model.framework import FrameworkResult, RequirementResult, RequirementStatus
from sakimori.model.version import __version__
from sakimori.outputs.report.framework_words import (
    HELD,
    OPEN,
    attestations,
    condition_line,
    failing_rules,
    framework_name,
    held_line,
    remarks,
    rule_counts,
    status_word,
    totals,
)
from sakimori.outputs.report.words import account_label, percent
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_RUNS: Final = 200
_LISTED: Final = 200
_SIGNS: Final = {
    RequirementStatus.PASS: "●", RequirementStatus.ATTESTED: "◎", RequirementStatus.FAIL: "×", RequirementStatus.UNKNOWN: "?",
    RequirementStatus.TO_ATTEST: "□",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRun:
    """One run that changed the account: who agreed to it, and what it set up, as (id, title) pairs."""

    run: str
    at: datetime
    by: str
    second: str
    steps: tuple[tuple[str, str], ...]
    is_undone: bool


@dataclass(frozen=True, slots=True)
class _Line:
    sign: str
    status: str
    word: str
    title: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    title: str
    held: int
    lines: tuple[_Line, ...]


def write_completion(
    assessment: Assessment, runs: Sequence[DoneRun], made_at: datetime, language: Language, stream: TextIO
) -> None:
    """Write the page. The first framework of the assessment is shown block by block, of the others what is open."""
    blocks, *others = assessment.frameworks
    score = assessment.score
    is_complete = all(each.status not in OPEN for each in blocks.requirements)
    stream.writelines(
        _template().generate(
            language=language,
            say=lambda name, **values: say(f"harden_report.{name}", language, **values),
            version=__version__,
            made_at=show_time(made_at, language),
            as_of=show_time(assessment.as_of, language),
            snapshot=assessment.snapshot,
            accounts=[account_label(each.account, language) for each in assessment.accounts],
            is_complete=is_complete,
            open_count=sum(each.status in OPEN for each in blocks.requirements),
            score=[(name, percent(value, language)) for name, value in (
                ("controls", score.controls), ("risk", score.risk_weighted), ("coverage", score.coverage)
            )],
            framework=framework_name(blocks, language),
            held=held_line(blocks, language),
            blocks=[_block(title.in_(language), those, assessment, language) for title, those in blocks.sections],
            others=[_other(each, assessment, language) for each in others],
            runs=[_run(each, language) for each in runs[-_RUNS:]],
            gaps=len(assessment.gaps),
        )
    )  # fmt: skip


def _block(title: str, requirements: Sequence[RequirementResult], assessment: Assessment, language: Language) -> _Block:
    lines = tuple(_line(each, assessment, language) for each in requirements)
    return _Block(title, sum(each.status in HELD for each in requirements), lines)


def _line(requirement: RequirementResult, assessment: Assessment, language: Language) -> _Line:
    rules = {rule.id: rule for rule in assessment.rules}
    counts = rule_counts(requirement, language)
    return _Line(
        sign=_SIGNS.get(requirement.status, "-"),
        status=str(requirement.status),
        word=status_word(requirement.status, language),
        title=clean(f"{requirement.id}  {requirement.title.in_(language)}"),
        notes=(
            *((counts,) if counts else ()), *failing_rules(requirement, rules, language),
            *attestations(requirement, language), *remarks(requirement, language),
        ),
    )  # fmt: skip


def _other(framework: FrameworkResult, assessment: Assessment, language: Language) -> dict[str, object]:
    still = [_line(each, assessment, language) for each in framework.requirements if each.status in OPEN]
    return {
        "name": framework_name(framework, language),
        "held": held_line(framework, language),
        "totals": totals(framework, language),
        "open": still[:_LISTED],
        "more": max(len(still) - _LISTED, 0),
        "conditions": [condition_line(each, language) for each in framework.conditions],
    }


def _run(run: DoneRun, language: Language) -> dict[str, object]:
    return {
        "run": run.run, "at": show_time(run.at, language), "by": clean(run.by), "second": clean(run.second),
        "steps": [f"{name} {title}" for name, title in run.steps], "is_undone": run.is_undone,
    }  # fmt: skip


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sakimori.outputs.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("completion.html.j2")
