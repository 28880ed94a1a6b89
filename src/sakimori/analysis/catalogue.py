"""All tables of an inventory: those that are collected, those that are worked out of them, and those of a search on request."""

from functools import cache

from sakimori.analysis.derived import derived_tables
from sakimori.collect.catalogue import collected
from sakimori.collect.secret_places.tables import SEARCH_TABLES
from sakimori.lake.table import Catalogue


@cache
def catalogue() -> Catalogue:
    """Every table that a rule may judge, by name."""
    return Catalogue.of(*inventory().values(), *SEARCH_TABLES)


@cache
def inventory() -> Catalogue:
    """Those of them that an ordinary collection reads."""
    return Catalogue.of(*collected().values(), *derived_tables().values())
