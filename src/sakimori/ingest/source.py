"""The form of a log source: how its files are recognised, cut and read, and into which table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sakimori.ingest.place import Place
from sakimori.lake.table import Column, Sameness, Table, Type
from sakimori.model.words import Scope

if TYPE_CHECKING:
    import pyarrow as pa

TEXT, BOOLEAN, INTEGER, DOUBLE, TIMESTAMP = Type.TEXT, Type.BOOLEAN, Type.INTEGER, Type.DOUBLE, Type.TIMESTAMP


class Reason(StrEnum):
    """Why a piece of a log was refused; each has its sentence `ingest.reason_<value>`."""

    TRUNCATED = "truncated"
    """The compressed file ends in the middle, or its check sum does not fit; what came before was read."""
    UNREADABLE = "unreadable"
    """The file could not be opened, or is not of the compression that it says."""
    FOREIGN_PACKING = "foreign_packing"
    """Packed twice, or in a way that AWS does not use."""
    TOO_LARGE = "too_large"
    """A record or a file beyond the limits of `ingest.wrapping`."""
    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    """JSON nested deeper than a parser follows."""
    NOT_A_RECORD = "not_a_record"
    """JSON, but no event of this source."""
    BAD_LINE = "bad_line"
    """A line that has not the fields of its format."""
    CUT_OFF = "cut_off"
    """The last line of a file, which has no end of a line and not all of its fields, or only the beginning of the last."""
    NO_TIME = "no_time"
    """No time of its own, or one outside 1990 to 2200: it could not be found by time again."""
    UNKNOWN_FORMAT = "unknown_format"
    """No header, no known field: nothing says what the columns are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A piece that could not be taken: where it begins in the unpacked file (bytes), and why.

    `detail` is short and holds nothing of the log but the name of a field. `size` is in bytes, 0 where not known.
    """

    offset: int
    reason: Reason
    detail: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An unpacked piece of one file, cut where the source says that one may cut.

    `offset` is where it begins in the unpacked file. `head` is what every later piece of the same file needs to be
    understood (the header line of a flow log): empty for the first piece, which begins with it.
    """

    location: str
    data: bytes
    place: Place = field(default_factory=Place)
    offset: int = 0
    head: bytes = b""


class Batch(Protocol):
    """Rows on their way from documents to columns. Not thread-safe."""

    @property
    def row_count(self) -> int:
        """Rows so far."""
        ...

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the rows of one document; what could not be taken comes back, and loses nothing else."""
        ...

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked; None without rows."""
        ...

    def finish(self) -> "Iterator[pa.Table]":
        """All rows, with the columns of the table in their order; texts may be dictionaries. Empties the batch.

        A table may hold rows of many days and in no order: the lake sorts and cuts. A source that yields one table
        for each account, Region and day, sorted by time, saves it that.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of log. `name` is what a person types after `sakimori ingest`.

    `recognises` is asked about a file's name and its first unpacked bytes (up to 64 KiB): with several sources that
    say yes, the first of `ingest.catalogue` wins. `cut` finds where a large file may be cut: the index after the last
    whole record of these bytes, 0 for none. `head` gives the beginning that later pieces need.
    `is_cut_off` is shown the first and the last bytes of a file (a document each), and says whether the file ends before its time.
    `beside` are sources whose files AWS puts into the same folder: those that its names tell apart are read as what they are.
    `version` is counted up when the same bytes would give other rows. `rows_a_flush` is how many rows a batch gathers
    before they become parts: some 60 MB of memory.
    """

    name: str
    table: Table
    batch: Callable[[], Batch]
    recognises: Callable[[str, bytes], bool]
    cut: Callable[[bytes], int] = lambda data: data.rfind(b"\n") + 1
    head: Callable[[bytes], bytes] = lambda data: b""  # noqa: ARG005 - most sources need none
    is_cut_off: Callable[[bytes, bytes], bool] = lambda first, last: False  # noqa: ARG005 - of lines nobody knows
    version: int = 1
    rows_a_flush: int = 60_000
    beside: tuple[str, ...] = ()


def log_table(  # noqa: PLR0913 - the words of a declaration are many and named
    name: str,
    sentence: str,
    *,
    time: str,
    columns: Iterable[Column],
    identity: tuple[str, ...] = (),
    sameness: Sameness | None = None,
    distinct: Iterable[str] = (),
    essential: tuple[str, ...] = (),
    exempt: tuple[str, str] | None = None,
    began_on: date | None = None,
    key: str = "",
) -> Table:
    """The declaration of a log's table."""
    return Table(
        name=name,
        sentence=sentence,
        key=key or (identity[0] if identity else time),
        scope=Scope.RESOURCE_REGION,
        own_columns=tuple(columns),
        producer="ingest",
        time=time,
        identity=identity,
        sameness=sameness,
        distinct=frozenset(distinct),
        essential=essential,
        exempt=exempt,
        began_on=began_on,
    )


def col(name: str, type_: Type, sentence: str) -> Column:
    """One column of a log's table."""
    return Column(name=name, type=type_, sentence=sentence)


Row = Mapping[str, object]
Rows = Iterator[Row | Refused]
"""What a parser of lines or records gives, in order: rows (values by column name; a column left out is NULL) and refusals."""
