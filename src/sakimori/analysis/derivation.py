"""The form of tables that are worked out of collected ones, within the same snapshot."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sakimori.lake.facts import Facts
from sakimori.lake.rows import Row
from sakimori.lake.table import Table

Made: TypeAlias = Mapping[str, Sequence[Row]]
"""By table, its rows of one account."""


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """Tables that are made together; `needs` are the collected tables that each of them is made of.

    `make` takes the facts, an account and the names of the tables that are wanted. One that it does not give was not made:
    what of its needs was not read is then what is missing of it.
    """

    needs: Mapping[Table, tuple[str, ...]]
    make: Callable[[Facts, str, Collection[str]], Made]
