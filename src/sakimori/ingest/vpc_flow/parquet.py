"""Flow logs that AWS delivers as Parquet: the same fields as columns."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.source import Document, Reason, Refused
from sakimori.ingest.vpc_flow.arrays import Chunk, kept_type, renamed, rest_of
from sakimori.ingest.vpc_flow.fields import REST, START, Field, Form
from sakimori.ingest.vpc_flow.layout import NONE
from sakimori.lake.engines.arrow import compute
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_ROWS: Final = 1 << 18
_MAX_CELLS: Final = 1 << 28
"""Rows times columns of one file: 19 million records of the default format. AWS begins a new file long before."""
_MAX_COLUMNS: Final = 256
_DIGITS: Final = "^[0-9]{1,18}$"

_Fault = tuple[Reason, str]
"""A reason and the field of which it is told."""
_Faults = list[tuple[_Fault, Any]]
"""Faults, each with the rows that have it (booleans; NULL is none)."""


def read_parquet(document: Document, form: Form) -> Iterator[Chunk | Refused]:
    """The rows of a document, and what is no row of it: bad rows are told once for each reason and field."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

    told: dict[_Fault, None] = {}
    try:
        file = _opened(document.data)
        columns, left_out = _columns(file.schema_arrow)
        told |= dict.fromkeys((Reason.UNKNOWN_FORMAT, name) for name in left_out)
        if fault := _whole_fault(file, columns, form):
            told[fault] = None
        else:
            for batch in file.iter_batches(_ROWS, columns=list(columns.values()), use_threads=False):
                chunk, faults = _chunk({name: batch.column(columns[name]) for name in columns}, form)
                told |= dict.fromkeys(faults)
                if len(chunk[START]):
                    yield chunk
    except (pa.ArrowException, OSError, ValueError):
        # ValueError: a name in it is not UTF-8.
        told[Reason.UNREADABLE, "parquet"] = None
    for reason, detail in told:
        yield Refused(offset=document.offset, reason=reason, detail=detail, size=len(document.data))


def _opened(data: bytes) -> "pq.ParquetFile":
    """The file, its texts read as dictionaries: a short file may repeat a long text as often as it likes."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pq.read_schema(pa.BufferReader(data))
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_binary(field.type)]
    return pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts, pre_buffer=False)


def _columns(schema: "pa.Schema") -> tuple[dict[str, str], list[str]]:
    """The file's names of its columns by the names of fields, and those that hold more than one value a row."""
    import pyarrow as pa  # noqa: PLC0415

    flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    return {name.lower().replace("-", "_"): name for name in flat}, nested


def _whole_fault(file: "pq.ParquetFile", columns: Mapping[str, str], form: Form) -> _Fault | None:
    """Why nothing of the file can be taken."""
    names = file.schema_arrow.names
    if not set(columns) & set(form.fields) or len(set(names)) < len(names):
        return Reason.UNKNOWN_FORMAT, "parquet"
    if len(columns) > _MAX_COLUMNS or file.metadata.num_rows * len(columns) > _MAX_CELLS:
        return Reason.TOO_LARGE, "parquet"
    return None if START in columns else (Reason.NO_TIME, START)


def _chunk(read: "Mapping[str, pa.Array[Any]]", form: Form) -> tuple[Chunk, list[_Fault]]:
    """The good rows of a batch, and the faults of the others."""
    import pyarrow as pa  # noqa: PLC0415

    pc = compute()

    chunk: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    found: _Faults = []
    for name, array in read.items():
        field = form.fields.get(name)
        if field and field.type is not Type.TEXT:
            chunk[name], faults = _numbers(array, field)
        else:
            (chunk if field else unknown)[name], faults = _texts(array, name)
        found += faults
    found.append(((Reason.NO_TIME, START), chunk[START].is_null()))
    if unknown:
        chunk[REST] = rest_of(unknown)
    faults = [(fault, rows) for fault, rows in found if pc.any(rows).as_py()]
    good = pa.repeat(pa.scalar(value=True), len(chunk[START]))
    for _, rows in faults:
        good = pc.and_not(good, rows.fill_null(fill_value=False))
    if faults:
        chunk = {name: array.filter(good) for name, array in chunk.items()}
    return chunk, list(dict.fromkeys(fault for fault, _ in faults))


def _texts(array: Any, name: str) -> tuple[Any, _Faults]:
    """A column of texts as dictionary; what is no text is NULL and a fault."""
    import pyarrow as pa  # noqa: PLC0415

    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    words = [_word(value) for value in array.dictionary.cast(pa.binary()).to_pylist()]
    faults: _Faults = []
    for reason in (Reason.NOT_UTF8, Reason.BAD_LINE):
        if reason in words:
            faults.append(((reason, name), pa.array([word is reason for word in words]).take(array.indices)))
    return renamed(array, [None if isinstance(word, Reason) else word for word in words]), faults


def _word(value: bytes) -> str | Reason | None:
    if value in NONE:
        return None
    try:
        word = value.decode("utf-8")
    except UnicodeDecodeError:
        return Reason.NOT_UTF8
    return Reason.BAD_LINE if "\0" in word else word


def _numbers(array: Any, field: Field) -> tuple[Any, _Faults]:
    """A column of numbers in the type of its field; what is none of it is NULL and a fault."""
    import pyarrow as pa  # noqa: PLC0415

    pc = compute()

    array, faults = _integers(array, field)
    bad = pc.or_(
        pc.less(array, pa.scalar(field.least, array.type)), pc.greater(array, pa.scalar(field.most, array.type))
    )
    if pc.any(bad).as_py():
        reason = Reason.NO_TIME if field.name == START else Reason.BAD_LINE
        faults.append(((reason, field.name), bad))
        array = pc.if_else(bad, pa.scalar(None, array.type), array)
    return array.cast(kept_type(field)), faults


def _integers(array: Any, field: Field) -> tuple[Any, _Faults]:
    """A column as integers, of seconds for moments."""
    import pyarrow as pa  # noqa: PLC0415

    pc = compute()

    if pa.types.is_integer(array.type):
        # Half of the widest ones would not fit; all that do not are beyond what any field may be.
        return (array if array.type == pa.uint64() else array.cast(pa.int64())), []
    if pa.types.is_timestamp(array.type) and field.type is Type.TIMESTAMP:
        return array.cast(pa.timestamp("s"), safe=False).cast(pa.int64()), []
    texts, faults = _texts(array, field.name)
    texts = texts.cast(pa.string())
    digits = pc.match_substring_regex(texts, _DIGITS)
    faults.append(((Reason.BAD_LINE, field.name), pc.invert(digits)))
    return pc.if_else(digits, texts, pa.scalar(None, pa.string())).cast(pa.int64()), faults
