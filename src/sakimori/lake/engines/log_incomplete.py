"""Rows that lack what every row of their log has: whoever wrote them was not AWS, or somebody took it out."""
# pyright: basic
# pyarrow has no types; `Rows` is its value.

from datetime import date
from typing import Any, Final

from sakimori.lake.engines.arrow import compute
from sakimori.lake.engines.log_marks import Rows
from sakimori.lake.table import Table

_LONGEST: Final = 4
"""Letters of a value that may be nothing."""


def is_before(table: Table, day: date) -> bool:
    """Whether there was no such log yet on that day."""
    return table.began_on is not None and day < table.began_on


def columns_looked_at(table: Table) -> tuple[str, ...]:
    """The columns by which a row is known to be incomplete."""
    return (*table.essential, *table.exempt[:1]) if table.exempt else table.essential


def incomplete_count(table: Table, rows: Rows) -> int:
    """How many rows have nothing in a column in which every row has something."""
    lacking: Any = None
    for name in table.essential:
        column = rows.column(name)
        if not _may_lack(column):
            continue
        text = _text(column)
        # An empty text, structure or null says as little as no value.
        empty = compute().is_in(text, value_set=_nothings())
        found = compute().or_(compute().is_null(text), compute().fill_null(empty, fill_value=False))
        lacking = found if lacking is None else compute().or_(lacking, found)
    if lacking is None:
        return 0
    if table.exempt:
        column, value = table.exempt
        is_exempt = compute().fill_null(compute().equal(_text(rows.column(column)), value), fill_value=False)
        lacking = compute().and_not(lacking, is_exempt)
    return int(compute().sum(lacking).as_py() or 0)


def _may_lack(column: Any) -> bool:
    """Whether anything is missing in it: of nearly every batch nothing is, and that is seen quickly."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only writers need it

    if column.null_count:
        return True
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    values = [chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks]
    return any(len(each) and (compute().min(compute().binary_length(each)).as_py() or 0) <= _LONGEST for each in values)


def _text(column: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return column.cast(pa.string())


def _nothings() -> Any:
    import pyarrow as pa  # noqa: PLC0415

    return pa.array(["", "{}", "[]", "null", '""'])
