"""What is known of a query once it has been checked; all that judging needs, without the parser."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

AS_OF: Final = "as_of"
"""The one value that is bound when a query runs: the snapshot's time."""


UNREAD: Final = "__unread"
"""The judge's table of unread units: table_name, account_id, region, parent ('' for the whole unit)."""

VARIED: Final = "__varied"
"""The row of thresholds beside a query that is asked with several of them at once."""


class Reach(Enum):
    """How a table's rows are tied to one subject, the narrowest first."""

    PARENT = 1
    REGION = 2
    ACCOUNT = 3


@dataclass(frozen=True, slots=True)
class Read:
    """One table that the query reads besides its subject, and its reach there."""

    table: str
    reach: Reach
    is_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuery:
    """A query that passed every check. `sql` is its text with all names resolved."""

    sql: str
    subject: str
    """The table whose rows are judged."""
    reads: tuple[Read, ...]
    has_applies: bool

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables that are read, the subject first, each once."""
        return tuple(dict.fromkeys((self.subject, *(read.table for read in self.reads))))


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL that runs, and the names of its evidence columns in order."""

    sql: str
    evidence: Sequence[str]
