"""The built-in rules with their examples, read once for all tests of this process: reading them takes seconds."""

from functools import cache

from sakimori.analysis.catalogue import catalogue
from sakimori.rules.rulebook import Rulebook, load_rulebook


@cache
def held_rulebook() -> Rulebook:
    """What `load_rulebook` makes of the built-in files alone; nobody changes a rulebook."""
    return load_rulebook(catalogue())
