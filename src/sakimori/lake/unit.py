"""Units of reading: table × account × Region, with what they miss."""

from dataclasses import dataclass, field
from datetime import datetime

from sakimori.model.gap import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One table of one account in one Region (or `global`), as it was read at `as_of` (UTC).

    A gap without a parent leaves the whole unit unread; a gap with one leaves the rows of
    that parent unread and nothing else.
    """

    table: str
    account: str
    region: str
    as_of: datetime
    row_count: int = 0
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def is_read(self) -> bool:
        """Whether the listing itself was read to its end."""
        return all(gap.parent for gap in self.gaps)
