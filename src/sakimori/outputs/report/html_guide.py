"""What the page tells of a rule beside its findings: the story, how to mend it, what that may cost, who asks for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sakimori.model.assessment import RuleSummary
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.html_markup import lines
from sakimori.outputs.report.remedy_text import rule_cli
from sakimori.texts.sentences import say_both

_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")
_RELATED: Final = 50
_ANCHOR: Final = 120


@dataclass(frozen=True, slots=True)
class Guide:
    """`cli` and `terraform` are lines of code, "" where there are none."""

    story: tuple[Text, Text] | None
    """Its name and what happens in it."""
    remedy: Remedy
    cli: str
    terraform: str
    related: tuple[str, ...]
    references: tuple[str, ...]


def guide_of(summary: RuleSummary) -> Guide | None:
    """None where the rule tells nothing of these."""
    remedy, story = summary.remedy, summary.story
    guide = Guide(
        story=(say_both(f"story.title_{story}"), say_both(f"story.text_{story}")) if story else None, remedy=remedy, cli=lines(rule_cli(remedy.cli)) if remedy.cli else "",
        terraform=lines(remedy.terraform), related=related(summary.frameworks)[:_RELATED],
        references=tuple(link for link in summary.references if link.startswith("https://")),
    )  # fmt: skip
    told = (guide.story, remedy.console, guide.cli, guide.terraform, remedy.breaks, remedy.undo, guide.related)
    return guide if any(told) or guide.references else None


def anchors(rules: Iterable[str]) -> dict[str, str]:
    """A name within the page for each rule, no two alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for rule in rules:
        stem = name = "rule-" + _ODD.sub("-", rule)[:_ANCHOR]
        number = 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        found[rule] = name
    return found
