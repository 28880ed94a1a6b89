"""Well written lines as columns of a table."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sakimori.ingest.json_records import json_text
from sakimori.ingest.lines.fields import Field, owner_of
from sakimori.ingest.lines.format import LineFormat, appended_name
from sakimori.ingest.place import partition_of
from sakimori.lake.engines.arrow import arrow_type, compute
from sakimori.lake.table import Table, Type

if TYPE_CHECKING:
    import pyarrow as pa


def columns_of(
    table: Table, line_format: LineFormat, count: int, lines: Sequence[bytes], of_file: Mapping[str, Sequence[Any]]
) -> "pa.Table":
    """The rows of lines that all have `count` fields; `of_file` are columns by what the lines' files say."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

    types = {column.name: column.type for column in table.columns}
    fields = line_format.fields[:count]
    read = _read(lines, fields, range(len(fields), count), types, has_quotes=line_format.has_quotes)
    found: dict[str, Any] = {name: pa.array(values, type=pa.string()) for name, values in of_file.items()}
    for field in fields:
        found |= _columns_of_field(read.column(field.name).combine_chunks(), field, types)
    found |= _owners(found, [name for name in line_format.owners if name in found])
    found["rest"] = _rest(read, [appended_name(index) for index in range(len(fields), count)])
    arrays = [
        found.get(column.name, pa.nulls(len(lines), arrow_type(column.type))).cast(arrow_type(column.type))
        for column in table.columns
    ]
    return pa.table(arrays, names=[column.name for column in table.columns])


def _read(
    lines: Sequence[bytes], fields: Sequence[Field], appended: range, types: Mapping[str, Type], *, has_quotes: bool
) -> "pa.Table":
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    names = [field.name for field in fields] + [appended_name(index) for index in appended]
    numbers = {
        field.name: arrow_type(types[field.into[0]])
        for field in fields
        if len(field.into) == 1 and not field.to and types[field.into[0]] in {Type.INTEGER, Type.DOUBLE}
    }
    text = b"\n".join(lines)
    return csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=names, block_size=len(text) + 1, use_threads=False),
        parse_options=csv.ParseOptions(
            delimiter=" ", quote_char='"' if has_quotes else False, double_quote=False, escape_char=False
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()) | numbers,
            null_values=["-"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _columns_of_field(array: Any, field: Field, types: Mapping[str, Type]) -> dict[str, Any]:
    if not field.into:
        return {}
    if field.parts:
        return dict(zip(field.into, _parts(array, field), strict=True))
    name = field.into[0]
    if field.to:
        return {name: made_of(array, field.to, types[name])}
    return {name: compute().utf8_rtrim(array, "Z") if types[name] is Type.TIMESTAMP else array}


def _parts(array: Any, field: Field) -> list[Any]:
    import pyarrow as pa  # noqa: PLC0415

    pc = compute()
    divided = pc.extract_regex(array, f"^(?:{field.parts})$")
    parts = [pc.struct_field(divided, [index]) for index in range(len(field.into))]
    return [pc.if_else(pc.equal(part, "-"), pa.scalar(None, pa.string()), part) for part in parts]


def _owners(found: Mapping[str, Any], owners: Sequence[str]) -> dict[str, Any]:
    """Whose each row is: by its own ARNs, or else by its file."""
    pc = compute()
    accounts, regions = [found["account_id"]], [found["region"]]
    for name in reversed(owners):
        accounts.insert(0, made_of(found[name], lambda each: owner_of(each)[0], Type.TEXT))
        regions.insert(0, made_of(found[name], lambda each: owner_of(each)[1], Type.TEXT))
    region = pc.coalesce(*regions)
    return {"account_id": pc.coalesce(*accounts), "region": region, "partition": partitions_of(region)}


def _rest(read: "pa.Table", names: Sequence[str]) -> Any:
    """The fields that follow all known ones as JSON; NULL where none has a value."""
    import pyarrow as pa  # noqa: PLC0415

    if not names:
        return pa.nulls(read.num_rows, pa.string())
    rows = list(zip(*(read.column(name).to_pylist() for name in names), strict=True))
    # What AWS appends is the same on all lines of a file more often than not.
    texts: dict[tuple[Any, ...], str | None] = {}
    for row in set(rows):
        members = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        texts[row] = json_text(members) if members else None
    return pa.array([texts[row] for row in rows], type=pa.string())


def partitions_of(regions: Any) -> Any:
    """The partition of each Region."""
    return made_of(regions, partition_of, Type.TEXT)


def made_of(array: Any, to: Callable[[str], object], type_: Type) -> Any:
    """What `to` makes of each text, asked once for each different one; NULL of NULL."""
    import pyarrow as pa  # noqa: PLC0415

    encoded = array.dictionary_encode()
    made = pa.array([to(each) for each in encoded.dictionary.to_pylist()], type=arrow_type(type_))
    return made.take(encoded.indices)
