"""What the page shows of a framework: how it stands in one line, its conditions, and a table of its requirements."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.model.assessment import Assessment
from sakimori.model.framework import FrameworkResult, RequirementResult, RequirementStatus
from sakimori.model.verdict import Text
from sakimori.outputs.report import framework_words
from sakimori.outputs.report.html_markup import both_of
from sakimori.texts.language import Language

MAX_REQUIREMENTS: Final = 1000
"""Rows of one framework that the page shows."""
_MAX_RULES: Final = 20
SIGNS: Final = {
    RequirementStatus.FAIL: "✖", RequirementStatus.UNKNOWN: "?", RequirementStatus.TO_ATTEST: "✎",
    RequirementStatus.ATTESTED: "✓", RequirementStatus.PASS: "✔", RequirementStatus.NOTHING: "–",
    RequirementStatus.NOT_ASSESSABLE: "–", RequirementStatus.RETIRED: "–",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleLink:
    """A rule under a requirement; `anchor` is "" where the page says nothing of it."""

    id: str
    anchor: str
    open: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One row; the notes are whole lines."""

    id: str
    title: Text
    place: Text
    status: RequirementStatus
    rules: tuple[RuleLink, ...]
    attested: tuple[Text, ...]
    remarks: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """`hidden` is how many requirements the page leaves out."""

    name: Text
    held: Text
    source: Text
    counts: tuple[tuple[RequirementStatus, int], ...]
    conditions: tuple[Text, ...]
    rows: tuple[RequirementRow, ...]
    hidden: int


def framework_views(assessment: Assessment, anchors: Mapping[str, str]) -> Iterator[FrameworkView]:
    """The frameworks that were asked for, in their order."""
    return (_view(framework, anchors) for framework in assessment.frameworks)


def _view(framework: FrameworkResult, anchors: Mapping[str, str]) -> FrameworkView:
    shown = framework.requirements[:MAX_REQUIREMENTS]
    counts = ((status, framework.count(status)) for status in RequirementStatus)
    return FrameworkView(
        name=both_of(lambda language: framework_words.framework_name(framework, language)),
        held=both_of(lambda language: framework_words.held_line(framework, language)),
        source=both_of(lambda language: framework_words.source_line(framework, language)),
        counts=tuple((status, count) for status, count in counts if count),
        conditions=tuple(
            both_of(lambda language, each=condition: framework_words.condition_line(each, language))
            for condition in framework.conditions
        ),
        rows=tuple(_row(requirement, anchors) for requirement in shown),
        hidden=len(framework.requirements) - len(shown),
    )


def _row(requirement: RequirementResult, anchors: Mapping[str, str]) -> RequirementRow:
    def paired(lines: Mapping[Language, tuple[str, ...]]) -> tuple[Text, ...]:
        return tuple(Text(en, ja) for en, ja in zip(lines["en"], lines["ja"], strict=True))

    return RequirementRow(
        id=requirement.id,
        title=requirement.title,
        place=both_of(lambda language: framework_words.place(requirement, language)),
        status=requirement.status,
        rules=tuple(
            RuleLink(rule.id, anchors.get(rule.id, ""), rule.failed - rule.muted, rule.unknown)
            for rule in requirement.rules[:_MAX_RULES]
        ),
        attested=paired({each: framework_words.attestations(requirement, each) for each in ("en", "ja")}),
        remarks=paired({each: framework_words.remarks(requirement, each) for each in ("en", "ja")}),
    )
