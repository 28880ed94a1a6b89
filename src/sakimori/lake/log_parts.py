"""What the lake holds of logs: parts, the objects that were taken, and what was refused of them."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


PASSING_SUFFIX: Final = ".arrow"
"""How the name of a part ends that is in Arrow's own form, for a lake that goes away again."""
UNKNOWN: Final = "unknown"
"""The account or Region of what does not say its own."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Partition:
    """Account × Region × day (UTC) of one table: what a part lies in, and what is pruned, compacted and retired by."""

    table: str
    account: str
    region: str
    day: date

    @property
    def directory(self) -> Path:
        """Where its parts lie below the lake: Hive-style, so that Athena and Spark find their way."""
        return Path(self.table) / f"account={self.account}" / f"region={self.region}" / f"day={self.day.isoformat()}"


def part_path(partition: Partition, name: str) -> Path:
    """The file of the part of that name, below the lake's directory."""
    return partition.directory / (name if name.endswith(PASSING_SUFFIX) else f"{name}.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """One part: Parquet, or in a lake that goes away again Arrow's own form. `first_at` and `last_at` are microseconds since 1970 (UTC), both held; `form` tells its columns."""

    name: str
    partition: Partition
    row_count: int
    byte_count: int
    first_at: int
    last_at: int
    form: str

    @property
    def path(self) -> Path:
        """The part's file below the lake's directory."""
        return part_path(self.partition, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPart:
    """A part that is written and synced in a scratch directory, and not yet in the lake.

    `marks` are the sorted 64-bit marks of its rows' identities, None where the table has none. `contested` are
    identities under which rows of it say otherwise than others that the lake holds or that lie beside them.
    `incomplete_count`: rows without what every row of the table has. `is_early`: of a day on which there was no such log.
    """

    part: LogPart
    written: Path
    marks: "NDArray[np.uint64] | None"
    contested: tuple[str, ...] = ()
    incomplete_count: int = 0
    is_early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogObject:
    """One file or stored object that was read.

    `version` tells one content under a location from the next (S3's ETag, or size and time of a file); `digest` is the
    SHA-256 of its bytes as they lay there, `content_digest` that of the unpacked bytes ("" where nobody asked).
    `state`: `whole`; `partial` where something was refused; `duplicate` where another object had the same bytes.
    `delay_seconds`: from its last event to its delivery, None where the delivery's time is not known.
    """

    source: str
    location: str
    version: str
    digest: str
    state: str
    row_count: int
    byte_count: int
    parser: int
    account: str
    region: str
    first_at: int | None
    last_at: int | None
    delay_seconds: float | None = None
    content_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPiece:
    """A piece of an object that is in quarantine; `position` is its offset in the unpacked bytes."""

    source: str
    location: str
    version: str
    position: int
    reason: str
    detail: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that one commit brings into the lake: all of it, or nothing."""

    table: str
    parts: tuple[PreparedPart, ...]
    objects: tuple[LogObject, ...]
    refused: tuple[RefusedPiece, ...] = ()
    repeated_count: int = 0
    """Events that the objects held twice: one of each is in the parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """An identity under which the lake holds several stories, as `identity` tells it in a line."""

    partition: Partition
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a commit brought: rows that are new, events that the lake had already, and identities that are contested now."""

    row_count: int
    repeated_count: int
    contested: tuple[Contested, ...] = ()
    incomplete_count: int = 0
    """Of the new rows, those without what every row of the table has."""
    parts: tuple[LogPart, ...] = field(default=())
