"""Events turned into Arrow columns, a document at a time: while it is in the processor's cache, that costs half as much."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import astuple

from sakimori.ingest.cloudtrail.event import FEW, FIELDS, Event
from sakimori.ingest.cloudtrail.identity import Identity, address_of, identity_of
from sakimori.ingest.cloudtrail.moments import micros_of
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.rows import arrow_type
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from msgspec import Raw
    from numpy.typing import NDArray

_CHUNK: Final = 256
"""Events that are turned at a time: so many stay in the processor's cache (twice as fast as all at once)."""
_DAY: Final = 86_400_000_000

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
_FLAT: Final = ("requestID", "eventID", "sharedEventID", "errorMessage")
_STRUCTURED: Final = (
    "requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails", "serviceEventDetails", "rest",
)  # fmt: skip
_MANY: Final = (*FIELDS[len(FEW) :], "rest")
_ENCODED: Final = ("errorMessage", "tlsDetails")
"""Flat at first, but with few different values."""


class Gathered:
    """The columns of one account and Region, growing document by document."""

    def __init__(self) -> None:
        self._few: dict[tuple[Any, ...], int] = {}
        self._origins: dict[str | None, int] = {}
        self._identities: dict[bytes | None, int] = {}
        self._null_fields: dict[str, int] = {"": 0}
        self._chunks: dict[str, list[Any]] = {name: [] for name in ("time", "few", "origin", "identity", "nulls", *_FLAT, *_STRUCTURED)}  # fmt: skip
        self.row_count = 0
        self.span: tuple[int, int] | None = None
        """First and last time of the document that was added last, in microseconds."""

    def add(self, events: Sequence[Event]) -> None:
        """Take the events of one document; each has a usual time."""
        fields = self._turned(events)
        micros = {text: micros_of(text) or 0 for text in set(fields["eventTime"])}
        self.span = min(micros.values()), max(micros.values())
        self._chunks["time"].append(_numbers([micros[text] for text in fields["eventTime"]], "int64"))
        known = self._origins
        self._chunks["origin"].append(
            _numbers([known.setdefault(origin, len(known)) for origin in fields["sourceIPAddress"]], "int32")
        )
        for field in _FLAT:
            self._chunks[field].append(_texts(fields[field]))
        nulls: dict[str, NDArray[np.bool_]] = {}
        for field in _STRUCTURED:
            self._chunks[field].append(_structured(field, fields[field], nulls))
        self._chunks["identity"].append(self._identity(_structured("userIdentity", fields["userIdentity"], nulls)))
        self._chunks["nulls"].append(self._nulls(nulls, len(events)))
        self.row_count += len(events)

    def _turned(self, events: Sequence[Event]) -> dict[str, list[Any]]:
        """All fields but the first as columns; of the first ones each event's place among the different ones."""
        known, few = self._few, len(FEW)
        places: list[int] = []
        many: list[list[Any]] = [[] for _ in _MANY]
        for start in range(0, len(events), _CHUNK):
            rows = list(map(astuple, events[start : start + _CHUNK]))
            places += [known.setdefault(row[:few], len(known)) for row in rows]
            for column, values in zip(many, zip(*[row[few:] for row in rows], strict=True), strict=True):
                column.extend(values)
        self._chunks["few"].append(_numbers(places, "int32"))
        return dict(zip(_MANY, many, strict=True))

    def _identity(self, whole: Any) -> "NDArray[np.int32]":
        """Each event's place among the different userIdentities."""
        encoded = whole.dictionary_encode(null_encoding="encode")
        known = self._identities
        places = [known.setdefault(text, len(known)) for text in encoded.dictionary.cast("binary").to_pylist()]
        return _numbers(places, "int32")[encoded.indices.to_numpy()]

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
        known = self._null_fields
        return _numbers([known.setdefault(text, len(known)) for text in spelled], "int32")[inverse]

    def tables(self, place: tuple[str, str, str]) -> "Iterator[pa.Table]":
        """A table for each day, sorted by time; `place` is account, partition and Region of all."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        if not self.row_count:
            return
        numbers = {name: np.concatenate(self._chunks[name]) for name in ("time", "few", "origin", "identity", "nulls")}
        texts: dict[str, Any] = {name: pa.chunked_array(self._chunks[name], pa.string()).combine_chunks() for name in (*_FLAT, *_STRUCTURED)}  # fmt: skip
        for chunks in self._chunks.values():
            chunks.clear()
        order = np.argsort(numbers["time"], kind="stable")
        if not np.array_equal(order, np.arange(len(order))):
            numbers = {name: values[order] for name, values in numbers.items()}
            rows = pa.array(order)
            texts = {name: column if column.null_count == len(column) else column.take(rows) for name, column in texts.items()}  # fmt: skip
        borders = np.flatnonzero(np.diff(numbers["time"] // _DAY)) + 1
        names = [column.name for column in TABLE.columns]
        for start, end in zip((0, *borders), (*borders, len(order)), strict=True):
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

        everywhere = np.zeros(len(numbers["time"]), dtype=np.int32)
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
        columns["user_identity"] = _pointed(places, [raw and raw.decode() for raw in raws])
        identities = [identity_of(raw) if raw else Identity() for raw in raws]
        members = zip(Identity._fields, zip(*identities, strict=True), strict=True)
        columns |= {name: _pointed(places, values, name) for name, values in members}
        columns["null_fields"] = _pointed(numbers["nulls"], [text or None for text in self._null_fields])
        return columns


def _numbers(values: Sequence[Any], kind: str) -> "NDArray[Any]":
    import numpy as np  # noqa: PLC0415

    return np.array(values, dtype=kind)


def _narrowed(values: list[Any], places: "NDArray[np.int32]") -> "tuple[list[Any], NDArray[np.int32]]":
    """Only those values that some row points to: a part's dictionary holds nothing of another part."""
    import numpy as np  # noqa: PLC0415

    is_used = np.zeros(len(values), dtype=bool)
    is_used[places] = True
    used = np.flatnonzero(is_used)
    moved = np.zeros(len(values), dtype=np.int32)
    moved[used] = np.arange(len(used), dtype=np.int32)
    return [values[place] for place in used], moved[places]


def _texts(values: Sequence[str | None]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    if values.count(None) == len(values):
        return pa.nulls(len(values), pa.string())
    try:
        return pa.array(values, type=pa.string())
    except UnicodeEncodeError:
        # Half a surrogate pair can be written in JSON, but not in UTF-8.
        return pa.array([value and value.encode("utf-8", "replace").decode() for value in values], type=pa.string())


def _pointed(places: "NDArray[np.int32]", values: Sequence[Any], column: str = "") -> Any:
    """A column of few values, each row pointing to one; flat where its type is not text."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    declared = TABLE.column(column) if column else None
    kind = declared.type if declared else Type.TEXT
    if kind is not Type.TEXT:
        return pa.array(values, type=arrow_type(kind)).take(pa.array(places))
    spelled = _texts(values)
    if spelled.null_count == len(values):
        return pa.nulls(len(places), pa.string())
    encoded = spelled.dictionary_encode()
    inner = encoded.indices
    if not inner.null_count:
        return pa.DictionaryArray.from_arrays(pa.array(inner.to_numpy()[places]), encoded.dictionary)
    missing = np.asarray(inner.is_null())
    filled = inner.fill_null(0).to_numpy()
    return pa.DictionaryArray.from_arrays(pa.array(filled[places], mask=missing[places]), encoded.dictionary)


def _structured(field: str, values: "Sequence[Raw]", nulls: "dict[str, NDArray[np.bool_]]") -> Any:
    """JSON texts as they stand in the log; where the text is null, the column is NULL and `nulls` says so.

    The bytes are copied once, all together. They are UTF-8: whoever read the document has seen to that.
    """
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    lengths = np.array(list(map(len, values)), dtype=np.int32)
    if not lengths.any():
        return pa.nulls(len(values), pa.string())
    data = b"".join(values)
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    is_null = lengths == 4  # noqa: PLR2004 - the length of null
    if is_null.any():
        is_null[is_null] = np.frombuffer(data, dtype=np.uint8)[offsets[:-1][is_null]] == ord("n")
        if is_null.any():
            nulls[field] = is_null
    is_valid = (lengths > 0) & ~is_null
    validity = None if is_valid.all() else pa.py_buffer(np.packbits(is_valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.string(), len(values), [validity, pa.py_buffer(offsets), pa.py_buffer(data)])
