"""The form of a collected table: calls and columns as data.

One table is one file under `collect/<service>/` that holds `TABLE = table(...)`. From
the declaration come the reading, the Parquet columns, the reference page and the
least-privilege IAM policy.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import Scope

TEXT: Final = Type.TEXT
BOOLEAN: Final = Type.BOOLEAN
INTEGER: Final = Type.INTEGER
DOUBLE: Final = Type.DOUBLE
TIMESTAMP: Final = Type.TIMESTAMP

Record = dict[str, Any]
"""One item of a listing, with the result of each detail call under that call's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """What an expansion yields in place of rows that it could not make: a gap under `parent`, never "there are none".

    `words` say what was not understood, in a few words of our own.
    """

    parent: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What an expansion yields for a call that it made itself and AWS refused: a gap under `parent`."""

    parent: str
    refusal: Refusal


class _Unset:
    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()
"""No value was declared for absence: a member that AWS leaves out is NULL, not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Where a row is read; what a derivation may use besides the record."""

    account_id: str
    partition: str
    region: str


Expand = Callable[[Record, Context], Iterable[Record | Malformed | Refused]]
"""Turns a record into the rows of a child table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One API operation and what to take from its answers.

    `path` is a JMESPath into each page. `with_` maps parameters of this call to paths into
    the item it is made for. `absent` lists the error codes that mean *there is none*;
    `code:words` narrows a code to messages that contain the words. `name` is the key under
    which a detail's result stands in the record. `when` is a path into the item: a falsy
    value means that the call has no meaning for it and its result is absent. `batch` is
    the parameter that takes the items themselves, `batch_size` at a time.
    """

    operation: str
    path: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    with_: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    name: str = ""
    when: str = ""
    batch: str = ""
    batch_size: int = 100
    keep: Mapping[str, str] = field(default_factory=dict)
    """In a chain: paths into the previous item whose values are kept in each new item (dict items only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Listing by a function, for what a path cannot say; `operations` are the calls it may make."""

    function: Callable[[Door, str], Iterable[Record]]
    """Takes the door and the unit's Region, gives the items, raises Refusal."""
    operations: tuple[str, ...]
    shares_answers: bool = False
    """What it asks is asked once for all tables of the service, a refusal too; so answers stay in memory until all are read."""


ACCOUNT_ID: Final = "$account_id"
"""A parameter with this value is given the account's own id."""

ITSELF: Final = Reader(function=lambda _door, _region: [{}], operations=())
"""The listing of a table that has one row per account (or per account and Region): settings, each read by a detail call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How one column comes from the record: a path, or a function over record and context.

    `when_absent` is the value where the path leads nowhere, or its detail call said *none*.
    A detail that could not be read makes every column under it NULL: for a path that is
    its first part; for a function `needs` names the details it looks at.
    """

    path: str = ""
    derive: Callable[[Record, Context], object] | None = None
    needs: tuple[str, ...] = ()
    when_absent: object = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One table with the way it is read.

    `rows` is one call, or a chain in which each later call is made for each item (or batch
    of items) of the one before. `each` are details of one item. `expand` turns a record
    into several (a child table's rows) and `expand_needs` are the details it looks at: a
    record that lacks one yields no row but a gap under `parent_key`, a path to the key of
    the parent. What an expansion cannot understand it yields as Malformed.
    """

    table: Table
    rows: tuple[Call, ...] | Reader
    each: tuple[Call, ...]
    sources: Mapping[str, Source]
    expand: Expand | None = None
    expand_needs: tuple[str, ...] = ()
    parent_key: Source | None = None
    row_region: Source | None = None

    @property
    def service(self) -> str:
        """boto3's name of the service that lists the rows: tables of one service share its calls."""
        return self.operations[0].partition(":")[0] if self.operations else ""

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation that reading this table may call, in order, each once."""
        listing = self.rows.operations if isinstance(self.rows, Reader) else tuple(c.operation for c in self.rows)
        return tuple(dict.fromkeys((*listing, *(call.operation for call in self.each))))


Derive = Callable[[Record, Context], object]


def call(operation: str, path: str, /, *, absent: Iterable[str] = (), name: str = "", when: str = "",
         with_: Mapping[str, str] | None = None, keep: Mapping[str, str] | None = None,
         batch: str = "", batch_size: int = 100, **parameters: object) -> Call:  # fmt: skip
    """A Call; further keywords are the operation's own parameters, as the service model spells them.

    The name of a detail defaults to the last plain word of `path`, or else the operation's.
    """
    last = path.rpartition(".")[2]
    return Call(
        operation=operation, path=path, parameters=parameters, with_=with_ or {}, absent=tuple(absent),
        name=name or (last if last.isidentifier() else operation.partition(":")[2]), when=when,
        batch=batch, batch_size=batch_size, keep=keep or {},
    )  # fmt: skip


def col(name: str, kind: Type, sentence: str, source: str | Derive, *, needs: Iterable[str] = (),
        when_absent: object = UNSET, sensitive: bool = False) -> tuple[Column, Source]:  # fmt: skip
    """A column and where it comes from: a JMESPath into the record, or a function of record and context."""
    column = Column(name=name, type=kind, sentence=sentence, sensitive=sensitive)
    if callable(source):
        return column, Source(derive=source, needs=tuple(needs), when_absent=when_absent)
    return column, Source(path=source, when_absent=when_absent)


def table(name: str, sentence: str, /, *, key: str, scope: Scope, rows: Call | Iterable[Call] | Reader,
          columns: Iterable[tuple[Column, Source]], each: Iterable[Call] = (), parent: str = "",
          parent_key: str | Derive | None = None, expand: Expand | None = None,
          expand_needs: Iterable[str] = (), row_region: str | Derive | None = None,
          resource_type: str = "") -> Declaration:  # fmt: skip
    """A declared table. `parent` names the column with the parent's key, `parent_key` gives it from the parent's record.

    `row_region` gives the row's own Region where the scope is RESOURCE_REGION.
    """
    pairs = tuple(columns)
    listing = rows if isinstance(rows, Reader) else (rows,) if isinstance(rows, Call) else tuple(rows)
    return Declaration(
        table=Table(name=name, sentence=sentence, key=key, scope=scope, parent=parent,
                    own_columns=tuple(column for column, _ in pairs), resource_type=resource_type),
        rows=listing, each=tuple(each), sources={column.name: source for column, source in pairs},
        expand=expand, expand_needs=tuple(expand_needs),
        parent_key=_source(parent_key), row_region=_source(row_region),
    )  # fmt: skip


def _source(value: str | Derive | None) -> Source | None:
    if value is None:
        return None
    return Source(derive=value) if callable(value) else Source(path=value)
