"""All tables that a person can ask: what is collected of accounts, what is ingested of logs, and what a search for secrets found."""

from functools import cache

from sakimori.analysis.catalogue import catalogue
from sakimori.ingest.catalogue import log_tables, sources
from sakimori.lake.table import Catalogue


@cache
def known_tables() -> Catalogue:
    """Every table by name."""
    return Catalogue.of(*catalogue().values(), *log_tables().values())


def kinds_of(table: str) -> tuple[str, ...]:
    """The kinds of `sakimori ingest` that fill a table; none for one that is collected."""
    return tuple(source.name for source in sources().values() if source.table.name == table)
