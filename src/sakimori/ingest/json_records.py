"""JSON records of a document, one by one: lines, arrays, objects without a line between them, or spread over lines.

A record that cannot be read is refused by itself. Nothing here follows nesting by recursion of its own.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from sakimori.ingest.json_tokens import TOKEN
from sakimori.ingest.log_messages import EXPORTED, Message
from sakimori.ingest.rows import MAX_RECORD_BYTES, as_time
from sakimori.ingest.source import Document, Reason, Refused, Row, Rows

_EXPORTED: Final = re.compile(EXPORTED.pattern.encode())
_COLON: Final = re.compile(rb"\s*+:")
_BETWEEN: Final = b" \t\r\n,"
_BOM: Final = b"\xef\xbb\xbf"
_SPREAD: Final = (b"{", b"[", b"[{")
"""First lines of a JSON text that goes on over several lines."""
_BORDER: Final = b'}{"'
_MAX_KEYS: Final = 1_000

_value: Final = msgspec.json.Decoder()
_Found = TypeVar("_Found")
Read = Callable[[_Found], Row | Refused]


class Record(NamedTuple):
    """One JSON object: where it begins in the unpacked file, its members, and the time that an export wrote before it."""

    offset: int
    members: dict[str, Any]
    logged_at: datetime | None = None


def rows_of(document: Document, row: Read[Record], line: Read[Message] | None = None) -> Rows:
    """A row of every object of the document, in order; one nested too deep to be written again is refused.

    `line` reads lines that do not begin as JSON does; without it they are refused.
    """
    for found in _found(document, with_messages=line is not None):
        if isinstance(found, Message):
            yield line(found) if line else Refused(offset=found.offset, reason=Reason.NOT_JSON)
        else:
            yield found if isinstance(found, Refused) else guarded(row, found)


def records_of(document: Document) -> Iterator[Record | Refused]:
    """Every object of the document, in order."""
    for found in _found(document, with_messages=False):
        if not isinstance(found, Message):
            yield found


def guarded(row: Read[Record], record: Record) -> Row | Refused:
    """The record's row; refused where it is nested too deep to be written again."""
    try:
        return row(record)
    except RecursionError:
        return Refused(offset=record.offset, reason=Reason.TOO_DEEP)


def pieces(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Begin and end of each object or array that stands in no other, and of what stands between them (False)."""
    depth = start = end = 0
    for token in TOKEN.finditer(data):
        letter = data[token.start()]
        if letter in b"{[":
            start = start if depth else token.start()
            depth += 1
        elif letter in b"}]" and depth:
            depth -= 1
            if not depth:
                if data[end:start].strip(_BETWEEN):
                    yield end, start, False
                end = token.end()
                yield start, end, True
    if data[end:].strip(_BETWEEN):
        yield end, len(data), False


def decoded(text: bytes) -> Any:
    """The value of a JSON text. ValueError, UnicodeDecodeError among them, where it is none; RecursionError where it is too deep.

    Control characters inside a text and half a surrogate pair pass: a stranger who can bring them into a log must not
    be able to take his line out of it.
    """
    try:
        return _value.decode(text)
    except msgspec.DecodeError:
        return json.loads(text.decode(), strict=False)


def cut(data: bytes) -> int:
    """The index after the last line, or where records stand without a line between them, after the last that another follows."""
    if line_end := data.rfind(b"\n") + 1:
        return line_end
    border = len(data)
    while (border := data.rfind(_BORDER, 0, border)) >= 0:
        # Inside a text a quote is escaped; where it ends the text, no name begins behind it.
        if data[border + len(_BORDER) : border + len(_BORDER) + 1].isalpha():
            return border + 1
    return 0


def json_text(value: object) -> str:
    """The value as JSON in one line; RecursionError where it is nested too deep."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value)


def top_keys(head: bytes) -> frozenset[str]:
    """Names of the members of the first object in the beginning of a file, which need not be whole; none where it is no JSON."""
    text = head.removeprefix(_BOM).lstrip(_BETWEEN)
    exported = _EXPORTED.match(text)
    text = (text[exported.end() :] if exported else text).lstrip(b"[ \t\r\n")
    found: set[str] = set()
    depth = 0
    if not text.startswith(b"{"):
        return frozenset()
    for token in TOKEN.finditer(text):
        letter = text[token.start()]
        if letter != ord('"'):
            depth += 1 if letter in b"{[" else -1
        elif depth == 1 and _COLON.match(text, token.end()):
            found.add(token[0][1:-1].decode("utf-8", "replace"))
        if depth <= 0 or len(found) > _MAX_KEYS:
            break
    return frozenset(found)


def _found(document: Document, *, with_messages: bool) -> Iterable[Record | Message | Refused]:
    spread = _spread(document)
    return _by_lines(document, with_messages=with_messages) if spread is None else spread


def _spread(document: Document) -> list[Record | Refused] | None:
    """The records of a document that an editor or the AWS CLI wrote over several lines; None for any other."""
    data = document.data
    first, _, rest = data.removeprefix(_BOM).lstrip().partition(b"\n")
    if first.rstrip() not in _SPREAD or not rest:
        return None
    found: list[Record | Refused] = []
    for start, end, is_value in pieces(data):
        if not is_value and data[start:end].strip() != _BOM:
            return None
        try:
            found += _objects(decoded(data[start:end]), document.offset + start, None) if is_value else ()
        except (ValueError, RecursionError):
            return None
    return found


def _by_lines(document: Document, *, with_messages: bool) -> Iterator[Record | Message | Refused]:
    offset = document.offset
    for line in document.data.split(b"\n"):
        begins, offset = offset, offset + len(line) + 1
        text = line.removeprefix(_BOM).strip()
        exported = _EXPORTED.match(text)
        body = text[exported.end() :] if exported else text
        logged_at = as_time(exported[1].decode()) if exported else None
        if with_messages and body and not body.startswith((b"{", b"[")):
            yield _message(body, begins, logged_at)
        elif body := body.strip(_BETWEEN):
            yield from _of_line(body, begins, logged_at)


def _message(body: bytes, begins: int, logged_at: datetime | None) -> Message | Refused:
    if len(body) > MAX_RECORD_BYTES:
        return Refused(offset=begins, reason=Reason.TOO_LARGE, size=len(body))
    try:
        return Message(begins, body.decode(), logged_at)
    except UnicodeDecodeError:
        return Refused(offset=begins, reason=Reason.NOT_UTF8, size=len(body))


def _of_line(text: bytes, begins: int, logged_at: datetime | None) -> Iterator[Record | Refused]:
    if len(text) <= MAX_RECORD_BYTES:
        try:
            value = decoded(text)
        except (ValueError, RecursionError):
            pass  # It may be several objects: they are read one by one below, and there each is refused for what it is.
        else:
            yield from _objects(value, begins, logged_at)
            return
    for start, end, is_value in pieces(text):
        piece = text[start:end]
        if not is_value:
            yield Refused(offset=begins + start, reason=Reason.NOT_JSON, size=len(piece))
        elif len(piece) > MAX_RECORD_BYTES:
            yield Refused(offset=begins + start, reason=Reason.TOO_LARGE, size=len(piece))
        else:
            yield from _of_piece(piece, begins + start, logged_at)


def _of_piece(piece: bytes, begins: int, logged_at: datetime | None) -> Iterator[Record | Refused]:
    try:
        value = decoded(piece)
    except RecursionError:
        yield Refused(offset=begins, reason=Reason.TOO_DEEP, size=len(piece))
    except UnicodeDecodeError:
        yield Refused(offset=begins, reason=Reason.NOT_UTF8, size=len(piece))
    except ValueError:
        yield Refused(offset=begins, reason=Reason.NOT_JSON, size=len(piece))
    else:
        yield from _objects(value, begins, logged_at)


def _objects(value: object, begins: int, logged_at: datetime | None) -> Iterator[Record | Refused]:
    """The objects that are this value or its items; one refusal for all that are none."""
    items = value if isinstance(value, list) else [value]
    strangers = 0
    for item in items:
        if isinstance(item, dict):
            yield Record(begins, item, logged_at)
        else:
            strangers += 1
    if strangers:
        yield Refused(offset=begins, reason=Reason.NOT_A_RECORD)
