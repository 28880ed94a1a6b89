"""What a rule tells of itself, as plain text and as Markdown: why, how to mend it, and what that may cost."""

from collections.abc import Iterator
from typing import Final

from sakimori.model.assessment import RuleSummary
from sakimori.outputs.report.framework_words import related
from sakimori.outputs.report.markdown_text import block, escaped
from sakimori.outputs.report.remedy_text import rule_cli
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_CODE: Final = {"cli": "sh", "terraform": "hcl"}
"""The sections that are code, with the names that Markdown has for their languages."""
_LINE: Final = 1000


def sections(rule: RuleSummary, language: Language) -> Iterator[tuple[str, str]]:
    """Name (`story.<name>`) and text of each section that the rule has something to say in."""
    remedy = rule.remedy
    cli = rule_cli(remedy.cli) if remedy.cli else ""
    told = {
        "why": rule.why.in_(language),
        "story": say(f"story.text_{rule.story}", language) if rule.story else "",
        "fix": rule.fix.in_(language),
        "console": remedy.console.in_(language) if remedy.console else "",
        "cli": cli,
        "terraform": remedy.terraform,
        "breaks": remedy.breaks.in_(language) if remedy.breaks else "",
        "undo": remedy.undo.in_(language) if remedy.undo else "",
        "requirements": "\n".join(related(rule.frameworks)),
        "references": "\n".join(link for link in rule.references if link.startswith("https://")),
    }
    return ((name, text.strip("\n")) for name, text in told.items() if text.strip())


def help_text(rule: RuleSummary, language: Language) -> str:
    """All sections, each under its heading."""
    return "\n\n".join(
        "\n".join((say(f"story.{name}", language), *(clean(line, _LINE) for line in text.split("\n"))))
        for name, text in sections(rule, language)
    )


def help_markdown(rule: RuleSummary, language: Language) -> str:
    """All sections, each under its heading; code in blocks, everything else escaped."""
    parts: list[str] = []
    for name, text in sections(rule, language):
        parts.append(f"### {escaped(say(f'story.{name}', language))}\n")
        if name in _CODE:
            parts.append(block(text, _CODE[name]))
        else:
            parts.append("  \n".join(escaped(line) for line in text.split("\n") if line.strip()) + "\n")
    return "\n".join(parts)
