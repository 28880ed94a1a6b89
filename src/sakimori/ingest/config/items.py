"""Items of AWS Config out of its files, one by one: a snapshot of a large account is one line of hundreds of megabytes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import msgspec

from sakimori.ingest.json_records import Record, decoded, records_of
from sakimori.ingest.json_tokens import object_end
from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Document, Reason, Refused

OPENING: Final = re.compile(rb'"configurationItems"\s*:\s*\[')
_OPENED_WITHIN: Final = 4_096
_ITEM: Final = re.compile(rb'\{\s*"(?:relatedEvents|configurationItem[A-Z]\w*|awsAccountId)"')
"""How an item begins, for going on after a torn one."""
_BORDERS: Final = (b'},{"relatedEvents"', b'},{"configurationItemVersion"', b'},{"configurationItemCaptureTime"')
_BETWEEN: Final = b", \t\r\n"
_PASSES: Final = 32
"""How often a document may be gone through in search of the next whole item before the rest of it is refused."""

_items: Final = msgspec.json.Decoder(list[msgspec.Raw])


def items_of(document: Document) -> Iterator[Record | Refused]:
    """Every configuration item: of history and snapshot files, of their pieces, and of notifications of a change."""
    data = document.data
    opening = OPENING.search(data, 0, _OPENED_WITHIN)
    if document.head or opening or data.startswith(b","):
        at = 0 if document.head or not opening else opening.end()
        for found in _listed(data, at):
            offset = document.offset + found.offset
            yield found._replace(offset=offset) if isinstance(found, Record) else replace(found, offset=offset)
        return
    for found in records_of(document):
        if isinstance(found, Refused):
            yield found
        else:
            yield from _notified(found)


def cut(data: bytes) -> int:
    """The index after the last whole item, 0 for none; of a file of lines, after its last line."""
    opening = OPENING.search(data, 0, _OPENED_WITHIN)
    if not opening and not data.startswith(b","):
        return data.rfind(b"\n") + 1
    at = opening.end() if opening else 0
    border = max(data.rfind(each) for each in _BORDERS)
    if border > at:
        try:
            _items.decode(b"[" + data[at : border + 1].lstrip(_BETWEEN) + b"]")
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
        else:
            return border + 1
    last = 0
    while (begin := data.find(b"{", at)) >= 0 and (end := object_end(data, begin, len(data))):
        last = at = end
    return last


def head(data: bytes) -> bytes:
    """What tells a later piece that it is one of a list of items."""
    opening = OPENING.search(data, 0, _OPENED_WITHIN)
    return data[: opening.end()] if opening else b""


def _listed(data: bytes, at: int) -> Iterator[Record | Refused]:
    budget = _PASSES * (len(data) + 1)
    while True:
        begin = data.find(b"{", at)
        between = data[at : begin if begin >= 0 else len(data)].strip(_BETWEEN)
        if between and not between.startswith(b"]"):
            yield Refused(offset=at, reason=Reason.NOT_JSON, size=len(between))
        if begin < 0 or between.startswith(b"]"):
            return
        end = object_end(data, begin, len(data))
        budget -= (end or min(len(data), begin + MAX_RECORD_BYTES)) - begin
        found = _item(data, begin, end)
        yield found
        if isinstance(found, Record):
            at = end
            continue
        again = _ITEM.search(data, begin + 1)
        if not again or budget < 0:
            return
        at = again.start()


def _item(data: bytes, begin: int, end: int) -> Record | Refused:
    if not end:
        is_large = len(data) - begin > MAX_RECORD_BYTES
        reason = Reason.TOO_LARGE if is_large else Reason.NOT_JSON
        return Refused(offset=begin, reason=reason, size=len(data) - begin)
    try:
        return Record(begin, decoded(data[begin:end]))
    except RecursionError:
        return Refused(offset=begin, reason=Reason.TOO_DEEP, size=end - begin)
    except UnicodeDecodeError:
        return Refused(offset=begin, reason=Reason.NOT_UTF8, size=end - begin)
    except ValueError:
        return Refused(offset=begin, reason=Reason.NOT_JSON, size=end - begin)


def _notified(record: Record) -> Iterator[Record | Refused]:
    """The item of a notification (in EventBridge's `detail` too), those of a list spread over lines, or the record itself."""
    detail: Any = record.members.get("detail")
    members: dict[str, Any] = detail if isinstance(detail, dict) else record.members
    item, items = members.get("configurationItem"), members.get("configurationItems")
    if isinstance(item, dict):
        yield Record(record.offset, item, record.logged_at)
    elif isinstance(items, list):
        yield from (Record(record.offset, each, record.logged_at) for each in items if isinstance(each, dict))
    else:
        yield Record(record.offset, members, record.logged_at)
