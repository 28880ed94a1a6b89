"""The rules and frameworks as every verb opens them: read once, then kept."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sakimori.analysis.catalogue import catalogue
from sakimori.app.home import cache_directory
from sakimori.model.assessment import RuleSummary
from sakimori.rules.frameworks import Frameworks
from sakimori.rules.kept import KeptRules
from sakimori.rules.rule import Rule
from sakimori.rules.rulebook import Rulebook, load_rulebook


@dataclass(frozen=True)
class OpenRules:
    """The built-in rules and a user's own (without their examples), and what is kept of them."""

    book: Rulebook
    kept: KeptRules
    rules_dir: Path | None

    @cached_property
    def frameworks(self) -> Frameworks:
        """All frameworks, read when first asked for."""
        found = self.kept.frameworks(self.book, self.rules_dir)
        self.kept.save()
        return found


def open_rules(rules_dir: Path | None = None) -> OpenRules:
    """Open the rules; what had to be read anew is kept for the next run."""
    kept = KeptRules(cache_directory(), catalogue())
    book = load_rulebook(catalogue(), rules_dir, kept)
    kept.save()
    return OpenRules(book, kept, rules_dir)


def summary_of(rule: Rule, frameworks: tuple[tuple[str, str], ...]) -> RuleSummary:
    """What outputs say of a rule, with nothing counted."""
    return RuleSummary(
        id=rule.id,
        title=rule.title,
        why=rule.why,
        fix=rule.fix,
        severity=rule.severity,
        confidence=rule.confidence,
        references=rule.references,
        remedy=rule.remedy,
        story=rule.story,
        frameworks=frameworks,
    )
