"""Rows of flow logs on their way to a part: kept as columns, told their account and Region, sorted by time."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from sakimori.ingest.place import UNKNOWN, Place, account_or_unknown, partition_of, region_or_unknown
from sakimori.ingest.source import Document, Refused
from sakimori.ingest.vpc_flow.arrays import Chunk, one_word, renamed
from sakimori.ingest.vpc_flow.fields import ACCOUNT, REGION, START, Form
from sakimori.ingest.vpc_flow.layout import Layouts
from sakimori.ingest.vpc_flow.lines import read_lines
from sakimori.ingest.vpc_flow.parquet import read_parquet
from sakimori.ingest.wrapping import PARQUET
from sakimori.lake.engines.arrow import arrow_type as column_type
from sakimori.lake.engines.arrow import compute
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_PARTITION: Final = "partition"
_RADIX: Final = 1 << 16
_TWO_RADICES: Final = 1 << 32
_MICROSECONDS: Final = 1_000_000


class FlowBatch:
    """The batch of a flow log.

    A row is of the account and Region that it says; where it says none (AWS writes `unknown` for interfaces of its
    services), of those of the file's place.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self._layouts = Layouts(form)
        self._chunks: list[Chunk] = []
        self._asked = 0
        self.row_count = 0

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the rows of one document."""
        refused: list[Refused] = []
        if document.data.startswith(PARQUET):
            read = read_parquet(document, self._form)
        else:
            read = read_lines(document, self._layouts)
        for found in read:
            if isinstance(found, Refused):
                refused.append(found)
                continue
            self._chunks.append(_placed(found, document.place))
            self.row_count += len(found[START])
        return tuple(refused)

    def span(self) -> tuple[int, int] | None:
        """First and last time, in microseconds since 1970, of the rows added since this was last asked."""
        new, self._asked = self._chunks[self._asked :], len(self._chunks)
        bounds = [compute().min_max(chunk[START]).as_py() for chunk in new]
        if not bounds:
            return None
        return _MICROSECONDS * min(each["min"] for each in bounds), _MICROSECONDS * max(each["max"] for each in bounds)

    def finish(self) -> "Iterator[pa.Table]":
        """All rows in one table, sorted by account, Region and time."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

        chunks, count = self._chunks, self.row_count
        self._chunks, self.row_count, self._asked = [], 0, 0
        columns = {name: _joined(chunks, name) for name in dict.fromkeys(chain(*chunks))}
        # Columns that nothing is in, most of them, are never gathered in the order of the others.
        order = _order(columns) if count else None
        if order is not None:
            columns = {
                name: array if _is_one_word(array) else array.take(pa.array(order)) for name, array in columns.items()
            }
        by_column = {field.column: name for name, field in self._form.fields.items()}
        arrays = [
            _written(columns.get(by_column.get(column.name, column.name)), column.type, count)
            for column in self._form.table.columns
        ]
        yield pa.table(arrays, names=[column.name for column in self._form.table.columns])


def _placed(chunk: Chunk, place: Place) -> Chunk:
    """The chunk with the account, Region and partition of each row."""
    count = len(chunk[START])
    account, region = account_or_unknown(place.account), region_or_unknown(place.region)
    accounts = _told(chunk.get(ACCOUNT.name), count, account, account_or_unknown)
    regions = _told(chunk.get(REGION.name), count, region, region_or_unknown)
    partitions = renamed(regions, [partition_of(name) for name in regions.dictionary.to_pylist()])
    return {**chunk, ACCOUNT.name: accounts, REGION.name: regions, _PARTITION: partitions}


def _told(array: Any, count: int, otherwise: str, known: Callable[[object], str]) -> Any:
    """The values that are known ones, and in place of all others `otherwise`."""
    if array is None:
        return one_word(otherwise, count)
    values = [known(value) for value in array.dictionary.to_pylist()]
    return renamed(array, [otherwise if value == UNKNOWN else value for value in values], otherwise)


def _joined(chunks: list[Chunk], name: str) -> Any:
    """One array of all chunks' arrays; NULL where a chunk has not the field."""
    import pyarrow as pa  # noqa: PLC0415

    type_ = next(chunk[name].type for chunk in chunks if name in chunk)
    arrays = [chunk[name] if name in chunk else pa.nulls(len(chunk[START]), type_) for chunk in chunks]
    return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)


def _is_one_word(array: Any) -> bool:
    """Every row says the same, as the account and Region of most files do."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.types.is_dictionary(array.type) and len(array.dictionary) == 1 and not array.null_count


def _order(columns: Mapping[str, Any]) -> "NDArray[np.intp] | None":
    """The order by account, Region and time; None where the rows come in it."""
    import numpy as np  # noqa: PLC0415 - heavy, and only ingesting needs it

    accounts, _ = _ranks(columns[ACCOUNT.name])
    regions, region_count = _ranks(columns[REGION.name])
    seconds = columns[START].to_numpy()
    place = np.broadcast_to(accounts * region_count + regions, seconds.shape)
    seconds = seconds - seconds.min()
    span = int(seconds.max()) + 1
    if (int(place.max()) + 1) * span > _TWO_RADICES:
        return np.lexsort((seconds, place))
    key = place * span + seconds
    if bool(np.all(key[1:] >= key[:-1])):
        return None
    # numpy sorts numbers of 16 bits digit by digit, six times as fast as wide ones.
    order = np.argsort((key % _RADIX).astype(np.uint16), kind="stable")
    if int(key.max()) >= _RADIX:
        order = order[np.argsort((key // _RADIX).astype(np.uint16)[order], kind="stable")]
    return order


def _ranks(array: Any) -> "tuple[NDArray[np.int64] | np.int64, int]":
    """Each value's place among the different ones in alphabetical order, and how many there are."""
    import numpy as np  # noqa: PLC0415

    names = array.dictionary.to_pylist()
    if len(names) == 1:
        return np.int64(0), 1
    rank = np.empty(len(names), dtype=np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank[array.indices.to_numpy()], len(names)


def _written(array: Any, type_: Type, count: int) -> Any:
    """The array in a type of the lake."""
    import pyarrow as pa  # noqa: PLC0415

    if array is None or array.null_count == count:
        return pa.nulls(count, column_type(type_))
    if type_ is Type.TIMESTAMP:
        return compute().multiply(array, _MICROSECONDS).view(column_type(type_))
    return array if type_ is Type.TEXT else array.cast(column_type(type_))
