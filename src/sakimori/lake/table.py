"""Declared tables: what is known, column by column, whoever produces it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sakimori.model.words import Scope


class Type(StrEnum):
    """Column types, named as in portable SQL. TIMESTAMP is UTC; TEXT may hold JSON."""

    TEXT = "VARCHAR"
    BOOLEAN = "BOOLEAN"
    INTEGER = "BIGINT"
    DOUBLE = "DOUBLE"
    TIMESTAMP = "TIMESTAMP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; NULL in it means *not known*, never *none*.

    `sensitive` columns are reduced before they reach a file: names, hashes, hit counts.
    """

    name: str
    type: Type
    sentence: str
    sensitive: bool = False


_KEYS: Final = (
    Column(name="account_id", type=Type.TEXT, sentence="The twelve digits of the account."),
    Column(name="partition", type=Type.TEXT, sentence="aws, aws-cn or aws-us-gov."),
    Column(name="region", type=Type.TEXT, sentence="The Region of the row, or `global`."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sameness:
    """By which columns rows of one identity are the same event, and not two stories under one name.

    Of `always`, NULL is a value like others; `where_said` count where both rows have a value, JSON by what it means.
    `amended` is a column of JSON and the name of a member in it by which an event says that it amends an earlier delivery.
    """

    always: tuple[str, ...]
    where_said: tuple[str, ...]
    amended: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table. Every table begins with account_id, partition and region.

    `key` names the column that identifies a row's resource (an ARN where AWS gives one).
    A child table names in `parent` the column that holds the key of the parent's row: a
    gap of one parent leaves only that parent's rows unknown. `resource_type` is the
    CloudFormation type of the row. `producer` is the room that makes the rows.

    A table of a log names in `time` the column by which its rows are sorted and cut into days
    (every row has it), and in `identity` the columns that tell one event from another within an
    account: the same event from two files is one row. Without an identity only files are told apart. With `sameness`, what
    comes under a known identity and says otherwise stays beside it; without, the identity alone decides.
    `distinct` names columns whose values hardly repeat: no dictionary is tried for them. `essential` names columns without a
    value in which a row is incomplete, unless it is of the `exempt` kind (a column, and its value). Rows before `began_on` are
    as incomplete: there was no such log yet.
    """

    name: str
    sentence: str
    key: str
    scope: Scope
    own_columns: tuple[Column, ...]
    parent: str = ""
    resource_type: str = ""
    producer: str = "collect"
    time: str = ""
    identity: tuple[str, ...] = ()
    sameness: Sameness | None = None
    distinct: frozenset[str] = frozenset()
    essential: tuple[str, ...] = ()
    exempt: tuple[str, str] | None = None
    began_on: date | None = None

    @property
    def is_on_request(self) -> bool:
        """Made only by a verb of its own (`secrets scan --account`), never by an ordinary collection."""
        return self.producer == "secrets"

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns in order, the three common ones first."""
        return _KEYS + self.own_columns

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalogue(Mapping[str, Table]):
    """All tables by name, in alphabetical order. Built once and passed."""

    tables: Mapping[str, Table]

    @classmethod
    def of(cls, *tables: Table) -> "Catalogue":
        """A catalogue of these tables; ValueError where two share a name."""
        by_name = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
        if len(by_name) != len(tables):
            names = [table.name for table in tables]
            raise ValueError(sorted({name for name in names if names.count(name) > 1}))
        return cls(by_name)

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)
