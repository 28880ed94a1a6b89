"""Events turned into Arrow columns: taken apart while they are in the processor's cache, for half the cost, and made into arrays later."""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import astuple

from sakimori.ingest.cloudtrail.event import FEW, FIELDS, Event
from sakimori.ingest.cloudtrail.identity import Identity, address_of, identity_of
from sakimori.ingest.cloudtrail.moments import micros_of
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.arrow import arrow_type
from sakimori.lake.instants import MICROS_A_DAY
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from msgspec import Raw
    from numpy.typing import NDArray

_CHUNK: Final = 256
"""Events that are taken apart at a time: so many stay in the processor's cache (twice as fast as all at once)."""
_AT_ONCE: Final = 4_000
"""Events that are made into arrays at a time: that takes a quarter of a millisecond however few they are."""

_COLUMN_OF: Final = {
    "eventVersion": "event_version", "eventSource": "event_source", "eventName": "event_name", "awsRegion": "aws_region",
    "userAgent": "user_agent", "errorCode": "error_code", "readOnly": "read_only", "eventType": "event_type",
    "managementEvent": "management_event", "recipientAccountId": "recipient_account_id",
    "eventCategory": "event_category", "apiVersion": "api_version", "vpcEndpointId": "vpc_endpoint_id",
    "vpcEndpointAccountId": "vpc_endpoint_account_id", "sessionCredentialFromConsole": "session_credential_from_console",
    "errorMessage": "error_message", "requestID": "request_id", "eventID": "event_id", "sharedEventID": "shared_event_id",
    "requestParameters": "request_parameters", "responseElements": "response_elements",
    "additionalEventData": "additional_event_data", "resources": "resources", "tlsDetails": "tls_details",
    "serviceEventDetails": "service_event_details", "rest": "rest",
}  # fmt: skip
_NUMBERS: Final = ("time", "few", "origin", "identity", "nulls")
_FLAT: Final = ("requestID", "eventID", "sharedEventID", "errorMessage")
_STRUCTURED: Final = (
    "requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails", "serviceEventDetails", "rest",
)  # fmt: skip
_PLAIN: Final = ("eventTime", "sourceIPAddress", *_FLAT)
_WITHIN: Final = ("userIdentity", *_STRUCTURED)
_MANY: Final = (*FIELDS[len(FEW) :], "rest")
_few_of: Final = itemgetter(slice(len(FEW)))
_many_of: Final = itemgetter(slice(len(FEW), None))
_ENCODED: Final = ("errorMessage", "tlsDetails")
"""Flat at first, but with few different values."""


class _Numbered(dict[Any, int]):
    """Each different value's place among them, in the order in which they came."""

    def __missing__(self, value: object) -> int:
        self[value] = place = len(self)
        return place


class _Documents:
    """JSON texts of one field, joined as they come: of the events that held them nothing stays."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._lengths: list[int] = []

    def extend(self, values: "Sequence[Raw]") -> None:
        """Take the texts of a few hundred events."""
        self._pieces.append(b"".join(values))
        self._lengths += map(len, values)

    def array(self, field: str, nulls: "dict[str, NDArray[np.bool_]]") -> Any:
        """All texts as a column, NULL where the text is null: there `nulls` says so.

        They are UTF-8: whoever read the document has seen to that.
        """
        import numpy as np  # noqa: PLC0415 - heavy, and only ingesting needs it
        import pyarrow as pa  # noqa: PLC0415

        count = len(self._lengths)
        data = b"".join(self._pieces)
        if not data:
            return pa.nulls(count, pa.string())
        lengths = np.array(self._lengths, dtype=np.int32)
        offsets = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(lengths, out=offsets[1:])
        is_null = lengths == 4  # noqa: PLR2004 - the length of null
        if is_null.any():
            is_null[is_null] = np.frombuffer(data, dtype=np.uint8)[offsets[:-1][is_null]] == ord("n")
            if is_null.any():
                nulls[field] = is_null
        is_valid = (lengths > 0) & ~is_null
        validity = None if is_valid.all() else pa.py_buffer(np.packbits(is_valid, bitorder="little").tobytes())
        return pa.Array.from_buffers(pa.string(), count, [validity, pa.py_buffer(offsets), pa.py_buffer(data)])


class _Waiting:
    """Events on their way into Arrow's arrays, field by field."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.texts: dict[str, list[Any]] = {name: [] for name in _PLAIN}
        self.documents = {name: _Documents() for name in _WITHIN}
        self._columns = [self.texts[name] if name in self.texts else self.documents[name] for name in _MANY]

    def add(self, events: Sequence[Event], few: _Numbered) -> None:
        """Take these events; of their first fields the place among the different ones."""
        rows = list(map(astuple, events))
        self.places += map(few.__getitem__, map(_few_of, rows))
        for column, values in zip(self._columns, zip(*map(_many_of, rows), strict=True), strict=True):
            column.extend(values)


class Gathered:
    """The columns of one account and Region, growing document by document."""

    def __init__(self) -> None:
        self._waiting = _Waiting()
        self._few = _Numbered()
        self._origins = _Numbered()
        self._identities = _Numbered()
        self._null_fields = _Numbered({"": 0})
        self._chunks: dict[str, list[Any]] = {name: [] for name in (*_NUMBERS, *_FLAT, *_STRUCTURED)}
        self.row_count = 0

    def add(self, events: Sequence[Event]) -> None:
        """Take some events; each has a usual time."""
        for start in range(0, len(events), _CHUNK):
            self._waiting.add(events[start : start + _CHUNK], self._few)
        self.row_count += len(events)
        if len(self._waiting.places) >= _AT_ONCE:
            self._turn_waiting()

    def _turn_waiting(self) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        count = len(waiting.places)
        if not count:
            return
        times = waiting.texts["eventTime"]
        micros = {text: micros_of(text) or 0 for text in set(times)}
        self._chunks["time"].append(_numbers(map(micros.__getitem__, times), count, "int64"))
        self._chunks["few"].append(_numbers(waiting.places, count, "int32"))
        self._chunks["origin"].append(self._origins_of(waiting.texts["sourceIPAddress"]))
        for field in _FLAT:
            self._chunks[field].append(_texts(waiting.texts[field]))
        nulls: dict[str, NDArray[np.bool_]] = {}
        for field in _STRUCTURED:
            self._chunks[field].append(waiting.documents[field].array(field, nulls))
        self._chunks["identity"].append(self._identity(waiting.documents["userIdentity"].array("userIdentity", nulls)))
        self._chunks["nulls"].append(self._nulls(nulls, count))

    def _origins_of(self, values: Sequence[str | None]) -> "NDArray[np.int32]":
        """Each event's place among the different origins."""
        return _numbers(map(self._origins.__getitem__, values), len(values), "int32")

    def _identity(self, whole: Any) -> "NDArray[np.int32]":
        """Each event's place among the different userIdentities."""
        encoded = whole.dictionary_encode(null_encoding="encode")
        different = encoded.dictionary.cast("binary").to_pylist()
        places = _numbers(map(self._identities.__getitem__, different), len(different), "int32")
        return places[encoded.indices.to_numpy()]

    def _nulls(self, nulls: "dict[str, NDArray[np.bool_]]", count: int) -> "NDArray[np.int32]":
        """Each event's place among the different sets of fields that are null."""
        import numpy as np  # noqa: PLC0415 - heavy, and only ingesting needs it

        code = np.zeros(count, dtype=np.int32)
        for bit, mask in enumerate(nulls.values()):
            code |= mask.astype(np.int32) << bit
        if not code.any():
            return code
        different, inverse = np.unique(code, return_inverse=True)
        spelled = [" ".join(name for bit, name in enumerate(nulls) if number >> bit & 1) for number in different]
        return _numbers(map(self._null_fields.__getitem__, spelled), len(spelled), "int32")[inverse]

    def tables(self, place: tuple[str, str, str]) -> "Iterator[pa.Table]":
        """A table for each day, sorted by time, after which nothing is left here; `place` is account, partition and Region of all."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        self._turn_waiting()
        if not self.row_count:
            return
        # Column by column, what it is joined of let go: all at once, a batch would stand in memory twice.
        numbers = {name: np.concatenate(self._chunks.pop(name)) for name in _NUMBERS}
        order = _order_by(numbers["time"])
        if order is not None:
            numbers = {name: values[order] for name, values in numbers.items()}
        texts = {name: _joined(self._chunks.pop(name), order) for name in (*_FLAT, *_STRUCTURED)}
        borders = np.flatnonzero(np.diff(numbers["time"] // MICROS_A_DAY)) + 1
        names = [column.name for column in TABLE.columns]
        for start, end in zip((0, *borders), (*borders, self.row_count), strict=True):
            columns = self._columns(
                {name: values[start:end] for name, values in numbers.items()},
                {name: column.slice(start, end - start) for name, column in texts.items()},
                place,
            )
            yield pa.table([columns[name] for name in names], names=names)

    def _columns(
        self, numbers: "dict[str, NDArray[Any]]", texts: dict[str, Any], place: tuple[str, str, str]
    ) -> dict[str, Any]:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        everywhere = pa.array(np.zeros(len(numbers["time"]), dtype=np.int32))
        columns: dict[str, Any] = {
            name: _pointed(everywhere, [value])
            for name, value in zip(("account_id", "partition", "region"), place, strict=True)
        }
        columns["event_time"] = pa.array(numbers["time"]).view(pa.timestamp("us"))
        columns |= {
            _COLUMN_OF[name]: column.dictionary_encode() if name in _ENCODED else column
            for name, column in texts.items()
        }
        few, few_places = _narrowed(list(self._few), numbers["few"])
        columns |= {
            _COLUMN_OF[field]: _pointed(few_places, values, _COLUMN_OF[field])
            for field, values in zip(FEW, zip(*few, strict=True), strict=True)
        }
        origins, origin_places = _narrowed(list(self._origins), numbers["origin"])
        columns["source_ip_address"] = _pointed(origin_places, origins)
        columns["source_ip"] = _pointed(origin_places, [address_of(origin) if origin else None for origin in origins])
        raws, places = _narrowed(list(self._identities), numbers["identity"])
        columns["user_identity"] = _different(raws).take(places)
        identities = [identity_of(raw) if raw else Identity() for raw in raws]
        members = zip(Identity._fields, zip(*identities, strict=True), strict=True)
        columns |= {name: _pointed(places, values, name) for name, values in members}
        columns["null_fields"] = _pointed(pa.array(numbers["nulls"]), [text or None for text in self._null_fields])
        return columns


def _order_by(times: "NDArray[np.int64]") -> "NDArray[np.int64] | None":
    """The places of the rows in the order of their times; None where they are in it."""
    import numpy as np  # noqa: PLC0415

    if np.all(np.diff(times) >= 0):
        return None
    return np.argsort(times, kind="stable")


def _joined(chunks: list[Any], order: "NDArray[np.int64] | None") -> Any:
    """One array of all these, its rows in that order. Empties the list, so that they and the result never last together."""
    import pyarrow as pa  # noqa: PLC0415

    whole: Any = pa.chunked_array(chunks, pa.string()).combine_chunks()
    chunks.clear()
    return whole if order is None or whole.null_count == len(whole) else whole.take(pa.array(order))


def _numbers(values: Iterable[int], count: int, kind: str) -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415

    return np.fromiter(values, kind, count)


def _narrowed(values: list[Any], places: "NDArray[np.int32]") -> "tuple[list[Any], pa.Array[Any]]":
    """Only those values that some row points to: a part's dictionary holds nothing of another part."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    is_used = np.zeros(len(values), dtype=bool)
    is_used[places] = True
    used = np.flatnonzero(is_used)
    moved = np.zeros(len(values), dtype=np.int32)
    moved[used] = np.arange(len(used), dtype=np.int32)
    return [values[place] for place in used], pa.array(moved[places])


def _texts(values: Sequence[str | None]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    if values.count(None) == len(values):
        return pa.nulls(len(values), pa.string())
    try:
        return pa.array(values, type=pa.string())
    except UnicodeEncodeError:
        # Half a surrogate pair can be written in JSON, but not in UTF-8.
        return pa.array([value and value.encode("utf-8", "replace").decode() for value in values], type=pa.string())


def _different(texts: Sequence[bytes | None]) -> Any:
    """Texts that are all different, in UTF-8, as a dictionary with one row for each."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    places = pa.array(np.arange(len(texts), dtype=np.int32), mask=np.array([text is None for text in texts]))
    return pa.DictionaryArray.from_arrays(places, pa.array([text or b"" for text in texts], type=pa.string()))


def _pointed(places: "pa.Array[Any]", values: Sequence[Any], column: str = "") -> Any:
    """A column of few values, each row pointing to one; flat where its type is not text."""
    import pyarrow as pa  # noqa: PLC0415

    declared = TABLE.column(column) if column else None
    kind = declared.type if declared else Type.TEXT
    if kind is not Type.TEXT:
        return pa.array(values, type=arrow_type(kind)).take(places)
    spelled = _texts(values)
    if spelled.null_count == len(values):
        return pa.nulls(len(places), pa.string())
    return spelled.dictionary_encode().take(places)
