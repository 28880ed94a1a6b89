"""What a judge is given: the facts of a snapshot, with what is missing from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sakimori.lake.unit import Unit
from sakimori.model.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A snapshot opened for reading.

    `parts` are the Parquet files of each table; `units` are all units that were tried,
    keyed by table, account and region. A unit that is not there was never tried.
    """

    snapshot: str
    as_of: datetime
    accounts: tuple[Account, ...]
    parts: Mapping[str, tuple[Path, ...]] = field(default_factory=dict[str, tuple[Path, ...]])
    units: Mapping[tuple[str, str, str], Unit] = field(default_factory=dict[tuple[str, str, str], Unit])

    @staticmethod
    def index(units: Iterable[Unit]) -> dict[tuple[str, str, str], Unit]:
        """Units by table, account and region."""
        return {(unit.table, unit.account, unit.region): unit for unit in units}
