"""All tables of an inventory: those that are collected, and those that are worked out of them."""

from functools import cache

from sakimori.analysis.derived import derived_tables
from sakimori.collect.catalogue import collected
from sakimori.lake.table import Catalogue


@cache
def catalogue() -> Catalogue:
    """Every table that a rule may judge, by name."""
    return Catalogue.of(*collected().values(), *derived_tables().values())
