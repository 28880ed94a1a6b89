"""The rules as every verb opens them: read once, then kept."""

from pathlib import Path

from sakimori.app.home import cache_directory
from sakimori.collect.catalogue import catalogue
from sakimori.rules.kept import KeptRules
from sakimori.rules.rulebook import Rulebook, load_rulebook


def open_rules(rules_dir: Path | None = None) -> tuple[Rulebook, KeptRules]:
    """The built-in rules and a user's own, with what is kept of them; rules come without their examples."""
    kept = KeptRules(cache_directory(), catalogue())
    book = load_rulebook(catalogue(), rules_dir, kept)
    kept.save()
    return book, kept
