"""One CloudTrail event as msgspec reads it: known fields with their types, everything structured as the text it was.

A field that is absent is None (or no bytes); a field of another type, null included, makes the strict reading fail,
so that the careful one (`loose_event`) keeps it as it was.
"""

import json
import secrets
from typing import Any, Final, cast

import msgspec
from msgspec import Raw, Struct

_ABSENT: Final = Raw(b"")
_UNGUESSABLE: Final = secrets.token_hex(24)
"""The name under which nobody can write our own field into a log."""


class Event(Struct, forbid_unknown_fields=True, gc=False):
    """The fields of CloudTrail's record, in its own names (record contents, event version 1.11).

    Fields that are texts default to None without admitting null: an explicit null is not the same as absence. The first
    ones (`FEW`) have few different values together, and are looked at together.
    """

    eventVersion: str = None  # type: ignore[assignment] # noqa: N815
    eventSource: str = None  # type: ignore[assignment] # noqa: N815
    eventName: str = None  # type: ignore[assignment] # noqa: N815
    awsRegion: str = None  # type: ignore[assignment] # noqa: N815
    userAgent: str = None  # type: ignore[assignment] # noqa: N815
    errorCode: str = None  # type: ignore[assignment] # noqa: N815
    readOnly: bool = None  # type: ignore[assignment] # noqa: N815
    eventType: str = None  # type: ignore[assignment] # noqa: N815
    managementEvent: bool = None  # type: ignore[assignment] # noqa: N815
    recipientAccountId: str = None  # type: ignore[assignment] # noqa: N815
    eventCategory: str = None  # type: ignore[assignment] # noqa: N815
    apiVersion: str = None  # type: ignore[assignment] # noqa: N815
    vpcEndpointId: str = None  # type: ignore[assignment] # noqa: N815
    vpcEndpointAccountId: str = None  # type: ignore[assignment] # noqa: N815
    sessionCredentialFromConsole: str = None  # type: ignore[assignment] # noqa: N815
    eventTime: str = None  # type: ignore[assignment] # noqa: N815
    sourceIPAddress: str = None  # type: ignore[assignment] # noqa: N815
    errorMessage: str = None  # type: ignore[assignment] # noqa: N815
    requestID: str = None  # type: ignore[assignment] # noqa: N815
    eventID: str = None  # type: ignore[assignment] # noqa: N815
    sharedEventID: str = None  # type: ignore[assignment] # noqa: N815
    userIdentity: Raw = _ABSENT  # noqa: N815
    requestParameters: Raw = _ABSENT  # noqa: N815
    responseElements: Raw = _ABSENT  # noqa: N815
    additionalEventData: Raw = _ABSENT  # noqa: N815
    resources: Raw = _ABSENT
    tlsDetails: Raw = _ABSENT  # noqa: N815
    serviceEventDetails: Raw = _ABSENT  # noqa: N815
    rest: Raw = msgspec.field(default=_ABSENT, name=_UNGUESSABLE)


class Records(Struct, forbid_unknown_fields=True, gc=False):
    """The document that a trail delivers."""

    Records: list[Event]


FIELDS: Final = tuple(field for field in Event.__struct_fields__ if field != "rest")
FEW: Final = FIELDS[: FIELDS.index("eventTime")]
TEXTS: Final = FIELDS[: FIELDS.index("userIdentity")]
STRUCTURED: Final = FIELDS[FIELDS.index("userIdentity") :]
_BOOLEANS: Final = frozenset({"readOnly", "managementEvent"})

_strict: Final = msgspec.json.Decoder(Event)
_document: Final = msgspec.json.Decoder(Records)
_list: Final = msgspec.json.Decoder(list[Event])
_loose: Final = msgspec.json.Decoder(dict[str, Raw])
_text: Final = msgspec.json.Decoder(str)
_boolean: Final = msgspec.json.Decoder(bool)


def strict_events(data: bytes) -> list[Event]:
    """The events of a document, or of an array. msgspec.DecodeError or RecursionError for anything unusual in any of them."""
    return _list.decode(data) if data.startswith(b"[") else _document.decode(data).Records


def strict_event(data: bytes) -> Event:
    """One event with nothing unusual in it. msgspec.DecodeError or RecursionError otherwise."""
    return _strict.decode(data)


def loose_event(data: bytes) -> Event:
    """One event whatever its fields hold: what is of no known field, or not of its type, goes to `rest` as it was.

    msgspec.DecodeError or RecursionError where the text is no JSON object.
    """
    known: dict[str, Any] = {}
    rest: dict[str, Raw] = {}
    for name, raw in _members(data).items():
        if name in STRUCTURED:
            known[name] = raw.copy()
            continue
        try:
            known[name] = (_boolean if name in _BOOLEANS else _text).decode(raw) if name in TEXTS else None
        except msgspec.DecodeError:
            rest[name] = raw
        if name not in TEXTS:
            rest[name] = raw
    found = Event(**{name: value for name, value in known.items() if value is not None})
    if rest:
        found.rest = Raw(msgspec.json.encode(rest))
    return found


def _members(data: bytes) -> dict[str, Raw]:
    """The fields as they stand. Half a surrogate pair, which Python's own json alone admits, is spelled anew."""
    try:
        return _loose.decode(data)
    except msgspec.DecodeError:
        try:
            found = json.loads(data, parse_constant=_no_number)
        except ValueError as error:
            raise msgspec.DecodeError(str(error)) from error
        if not isinstance(found, dict):
            raise msgspec.DecodeError from None
        return {str(name): Raw(json.dumps(value).encode()) for name, value in cast("dict[str, Any]", found).items()}


def _no_number(name: str) -> object:
    """NaN and Infinity, which Python's own json reads and no JSON has."""
    raise ValueError(name)


def with_rest(event: Event, name: str, value: object) -> None:
    """Keep one more field in the event's rest."""
    rest: dict[str, Any] = dict(_loose.decode(event.rest)) if event.rest else {}
    rest[name] = value
    event.rest = Raw(msgspec.json.encode(rest))
