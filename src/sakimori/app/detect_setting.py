"""What is known beside the logs: from options and from `[detect]` in config.toml."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sakimori.analysis.facts.address_lists import read_address_list
from sakimori.analysis.facts.address_table import read_address_table
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.facts.networks import Networks
from sakimori.app.settings import read_settings


def surroundings_of(
    home: Path, own_accounts: Iterable[str] = (), lists: Iterable[Path] = (), tables: Iterable[Path] = ()
) -> Surroundings:
    """Options first, then the configuration; accounts of the configuration are one's own. UsageError for a bad file."""
    settings = read_settings(home / "config.toml")
    entry = settings.detect
    list_paths = [*lists, *(home / each for each in entry.address_lists)]
    table_paths = [*tables, *(home / each for each in entry.networks)]
    return Surroundings(
        own_accounts=settings.own_accounts.union(own_accounts),
        own_organizations=frozenset(entry.own_organizations),
        networks=Networks(
            lists=tuple(read_address_list(path) for path in list_paths),
            tables=tuple(read_address_table(path) for path in table_paths),
            mark=_mark(table_paths),
        ),
    )


def _mark(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        state = path.stat()
        digest.update(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
