"""Fields of flow logs: each with its name, its column, and what a number of it may be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, col, log_table
from sakimori.lake.table import Table, Type

EARLIEST: Final = 631_152_000
"""Seconds since 1970: 1990. What says to be older has no time."""
LATEST: Final = 7_258_118_399
"""The last second before 2200."""
START: Final = "start"
REST: Final = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `name` is AWS's own, with `_` for `-` (so do the Parquet files write it); `column` is ours.

    A number outside `least` to `most` is none of this field; `bits` is how wide its numbers are kept until they are
    written. A field without a sentence has one of the columns that every table has.
    """

    name: str
    column: str
    type: Type
    sentence: str = ""
    least: int = 0
    most: int = 0
    bits: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of flow log: its table, and its fields by their names."""

    table: Table
    fields: Mapping[str, Field]


ACCOUNT: Final = Field(name="account_id", column="account_id", type=TEXT)
REGION: Final = Field(name="region", column="region", type=TEXT)


def text(name: str, sentence: str) -> Field:
    """A field of text."""
    return Field(name=name, column=name, type=TEXT, sentence=sentence)


def number(name: str, sentence: str, *, bits: int = 64) -> Field:
    """A field of whole numbers from 0 to what so many bits hold, of 64 bits one for the sign."""
    most = 2**63 - 1 if bits == 64 else 2**bits - 1  # noqa: PLR2004 - the width of the lake's integers
    return Field(name=name, column=name, type=INTEGER, sentence=sentence, most=most, bits=bits)


def moment(name: str, sentence: str) -> Field:
    """A field of seconds since 1970, in a column `<name>_time`."""
    return Field(
        name=name, column=f"{name}_time", type=TIMESTAMP, sentence=sentence, least=EARLIEST, most=LATEST
    )  # fmt: skip


def form(name: str, sentence: str, *, key: str, distinct: Iterable[str], fields: Iterable[Field]) -> Form:
    """The form of a flow log and its table: the columns are the fields in their order, and what else was there."""
    by_name = {field.name: field for field in fields}
    columns = [col(field.column, field.type, field.sentence) for field in by_name.values() if field.sentence]
    rest = col(REST, TEXT, "JSON of the fields that this program does not know; NULL where there are none.")
    return Form(
        table=log_table(name, sentence, time="start_time", key=key, distinct=distinct, columns=(*columns, rest)),
        fields=by_name,
    )
