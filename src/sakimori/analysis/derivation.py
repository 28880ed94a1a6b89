"""The form of a table that is worked out of collected ones, within the same snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row
from sakimori.lake.table import Table
from sakimori.model.gap import Gap

Made: TypeAlias = Mapping[str, tuple[Sequence[Row], Sequence[Gap]]]
"""By table: its rows of one account, and what is missing from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Tables of one row per thing of an account that are made together, of the collected tables `needs`.

    `make` takes the facts and an account. A table that it does not give was not made: what of `needs` was not read is then
    what is missing of it.
    """

    tables: tuple[Table, ...]
    needs: tuple[str, ...]
    make: Callable[[Facts, str], Made]
