"""Events that something else wrapped: LookupEvents, EventBridge, CloudWatch Logs, documents inside documents."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import Raw

from sakimori.ingest.cloudtrail.event import Event
from sakimori.ingest.source import Reason, Refused

_LISTS: Final = ("Records", "Events", "events", "logEvents")
_TEXTS: Final = ("CloudTrailEvent", "message", "eventJson", "@message")
_OBJECTS: Final = ("detail",)

_object: Final = msgspec.json.Decoder(dict[str, Raw])
_list: Final = msgspec.json.Decoder(list[Raw])
_text: Final = msgspec.json.Decoder(str)

Reading = Callable[[bytes, int], Iterator[Event | Refused]]


def inner_events(record: bytes, offset: int, read: Reading) -> Iterator[Event | Refused]:
    """The events inside an object that is none itself; refused as no record where it holds none.

    Offsets are those of the wrapping: inside an escaped text there are no others.
    """
    members = _object.decode(record)
    for raw in _wrapped(members):
        try:
            yield from read(raw, offset)
        except RecursionError:
            yield Refused(offset=offset, reason=Reason.TOO_DEEP, size=len(raw))
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield Refused(offset=offset, reason=Reason.NOT_JSON, size=len(raw))
    if not any(name in members for name in (*_LISTS, *_TEXTS, *_OBJECTS)):
        yield Refused(offset=offset, reason=Reason.NOT_A_RECORD, size=len(record))


def _wrapped(members: dict[str, Any]) -> Iterator[bytes]:
    for name in _LISTS:
        if name in members:
            yield from (bytes(each) for each in _list.decode(members[name]))
    for name in _TEXTS:
        if name in members:
            yield _text.decode(members[name]).encode("utf-8", "replace")
    for name in _OBJECTS:
        if name in members:
            yield bytes(members[name])
