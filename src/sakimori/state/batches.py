"""Many things a batch at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

_Item = TypeVar("_Item")

BATCH: Final = 5_000
"""Ids in one statement: SQLite takes 32,766 variables (SQLITE_MAX_VARIABLE_NUMBER since 3.32), PostgreSQL 65,535."""


def batches(items: Iterable[_Item], size: int = BATCH) -> Iterator[list[_Item]]:
    """The items in their order, so many at a time; none is taken before it is needed."""
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch
