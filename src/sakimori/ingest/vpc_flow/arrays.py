"""Columns of flow logs while they are read: texts as dictionaries, numbers in the width of their field."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sakimori.ingest.vpc_flow.fields import Field
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import pyarrow as pa

Chunk = Mapping[str, "pa.Array[Any]"]
"""Rows as columns, by the names of the fields. Moments are seconds, and every row has a start; what else the log held
is under `rest`. A field that is not in the log is left out."""


def read_type(field: Field) -> Any:
    """The type in which a field is read from text."""
    import pyarrow as pa  # noqa: PLC0415

    if field.type is Type.TEXT:
        return pa.dictionary(pa.int32(), pa.string())
    return {8: pa.uint8(), 16: pa.uint16(), 64: pa.uint64()}[field.bits]


def kept_type(field: Field) -> Any:
    """The type in which a field is kept until it is written."""
    import pyarrow as pa  # noqa: PLC0415

    read = read_type(field)
    return pa.int64() if read == pa.uint64() else read


def one_word(word: str, count: int) -> Any:
    """A column of one word."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), [word])


def renamed(array: Any, words: Sequence[str | None], otherwise: str | None = None) -> Any:
    """The column with other words in its dictionary (None is NULL), each once, and with `otherwise` where it was NULL."""
    import pyarrow as pa  # noqa: PLC0415

    indices = array.indices
    if otherwise is not None and array.null_count:
        indices, words = indices.fill_null(len(words)), [*words, otherwise]
    codes = {word: code for code, word in enumerate(dict.fromkeys(word for word in words if word is not None))}
    if len(codes) < len(words):
        indices = pa.array([None if word is None else codes[word] for word in words], pa.int32()).take(indices)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(codes), pa.string()))


def rest_of(columns: "Mapping[str, pa.Array[Any]]") -> Any:
    """Fields that nobody knows as JSON, one text a row; NULL where a row has none of them. Equal rows share one text."""
    import pyarrow as pa  # noqa: PLC0415

    dictionaries = [array.dictionary.to_pylist() for array in columns.values()]
    texts: dict[str, int] = {}
    seen: dict[tuple[int | None, ...], int | None] = {}
    indices: list[int | None] = []
    for row in zip(*(array.indices.to_pylist() for array in columns.values()), strict=True):
        if row not in seen:
            told = {
                name: words[index]
                for name, words, index in zip(columns, dictionaries, row, strict=True)
                if index is not None
            }
            written = json.dumps(told, ensure_ascii=False)
            seen[row] = texts.setdefault(written, len(texts)) if told else None
        indices.append(seen[row])
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(texts), pa.string()))
