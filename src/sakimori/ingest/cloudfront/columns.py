"""Lines of CloudFront's standard logs as columns of a table: the common case, all lines of one layout at once."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.cloudfront.fields import column_name, decoded
from sakimori.ingest.json_records import json_text
from sakimori.ingest.lines.columns import made_of, partitions_of
from sakimori.ingest.lines.fields import CLOCK, DAY
from sakimori.lake.engines.arrow import arrow_type, compute
from sakimori.lake.rows import typed
from sakimori.lake.table import Column, Table, Type

if TYPE_CHECKING:
    import pyarrow as pa

BEGINS: Final = re.compile(rf"({DAY}\t{CLOCK})\t".encode())
"""How a line of such a layout begins."""
_NUMBERS: Final = {Type.INTEGER: "^-?[0-9]{1,18}$", Type.DOUBLE: r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"}


def is_common(names: Sequence[str]) -> bool:
    """The layout begins with date and time, has no other time, and no column twice."""
    columns = [column_name(name) for name in names]
    is_dated = columns[:2] == ["date", "time"] and not {"timestamp", "timestamp_ms"} & set(columns)
    return is_dated and len(set(columns)) == len(columns)


def columns_of(
    table: Table, names: Sequence[str], lines: Sequence[bytes], of_file: Mapping[str, Sequence[Any]]
) -> "pa.Table":
    """The rows of lines that begin as they should and have a value for each name; `of_file` is told by their files' names."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

    own = {column.name: column for column in table.own_columns}
    read = _read(names, lines)
    found: dict[str, Any] = {name: pa.array(values, type=pa.string()) for name, values in of_file.items()}
    found["partition"] = partitions_of(found["region"])
    found[table.time] = compute().binary_join_element_wise(read[0], read[1], "T")
    left: dict[str, Any] = {}
    for name, array in list(zip(names, read, strict=True))[2:]:
        column = own.get(column_name(name))
        if column and column.type is Type.TEXT:
            found[column.name] = _decoded(array, is_agent=column.name == "cs_user_agent")
        elif column and column.type in _NUMBERS:
            found[column.name] = _numbers(column, array)
            left[name] = compute().if_else(found[column.name].is_valid(), None, array)
        else:
            left[name] = array
    found["rest"] = _rest(left, len(lines))
    arrays = [
        found.get(column.name, pa.nulls(len(lines), pa.string())).cast(arrow_type(column.type))
        for column in table.columns
    ]
    return pa.table(arrays, names=[column.name for column in table.columns])


def _read(names: Sequence[str], lines: Sequence[bytes]) -> list[Any]:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    text = b"\n".join(lines)
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=list(names), block_size=len(text) + 1, use_threads=False),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, double_quote=False, escape_char=False),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=["-", ""], strings_can_be_null=True
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def _numbers(column: Column, array: Any) -> Any:
    """The values that are numbers, NULL where one is none; what is not spelled as AWS does is read one by one."""
    is_plain = compute().all(compute().match_substring_regex(array, _NUMBERS[column.type])).as_py()
    # NULL: there are no values at all.
    return array if is_plain in {True, None} else made_of(array, lambda text: typed(column, text), column.type)


def _decoded(array: Any, *, is_agent: bool) -> Any:
    if not compute().any(compute().match_substring(array, "%")).as_py():
        return array
    return made_of(array, lambda text: decoded(text, is_agent=is_agent), Type.TEXT)


def _rest(left: Mapping[str, Any], count: int) -> Any:
    """The values without a column as JSON; NULL in rows that have none."""
    import pyarrow as pa  # noqa: PLC0415

    some = {name: array.to_pylist() for name, array in left.items() if array.null_count < count}
    if not some:
        return pa.nulls(count, pa.string())
    rows = ({name: values[row] for name, values in some.items() if values[row] is not None} for row in range(count))
    return pa.array([json_text(members) if members else None for members in rows], type=pa.string())
