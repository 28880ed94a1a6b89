"""Events from a CSV export: what Athena and CloudTrail Lake write of a query, in whatever order its columns are.

Column names lose their capitals in Athena, and structures become `{type=IAMUser, principalid=…}`; both are brought
back to CloudTrail's own form as far as the text allows.
"""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from sakimori.ingest.cloudtrail.event import FIELDS, STRUCTURED
from sakimori.ingest.source import Reason, Refused

_NAMES: Final = {name.lower(): name for name in FIELDS}
_MEMBERS: Final = {
    name.lower(): name
    for name in (
        "principalId", "accountId", "accessKeyId", "userName", "invokedBy", "identityProvider", "sessionContext",
        "sessionIssuer", "attributes", "mfaAuthenticated", "creationDate", "webIdFederationData", "federatedProvider",
        "sourceIdentity", "onBehalfOf", "userId", "identityStoreArn", "ec2RoleDelivery", "tlsVersion", "cipherSuite",
        "clientProvidedHostHeader",
    )
}  # fmt: skip
_BOOLEANS: Final = frozenset({"readOnly", "managementEvent"})
_WHOLE: Final = ("eventjson", "cloudtrailevent")
_NEEDED: Final = frozenset({"eventname", "eventid", *_WHOLE})
_NEXT: Final = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9]*=)|[}\]]|,\s*(?=[{\[])")
_MAX_DEPTH: Final = 20


def header_of(data: bytes) -> bytes:
    """The header line where these bytes begin a CSV export of events, b"" where they do not."""
    line = data.removeprefix(b"\xef\xbb\xbf")[:65_536].partition(b"\n")[0]
    if line.lstrip().startswith((b"{", b"[")):
        return b""
    return line + b"\n" if _NEEDED & set(_names(line)) else b""


def _names(header: bytes) -> list[str]:
    """The names of the columns in small letters."""
    text = header.decode("utf-8", "replace").strip().replace("\r", " ")
    try:
        return [name.strip().lower() for name in next(csv.reader([text]), [])]
    except csv.Error:
        return []


def csv_events(data: bytes, head: bytes) -> Iterator[tuple[int, bytes] | Refused]:
    """Each row as the JSON of its event, with its offset in these bytes; `head` is the header where the bytes lack it."""
    own = header_of(data)
    header = own or head
    names = _names(header)
    lines = _Lines(data, len(own) + (3 if own and data.startswith(b"\xef\xbb\xbf") else 0))
    rows = csv.reader(lines, strict=True)
    while True:
        begins = lines.offset
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Refused(offset=begins, reason=Reason.BAD_LINE, size=lines.offset - begins)
            rows = csv.reader(lines, strict=True)
            continue
        if not row:
            continue
        if len(row) != len(names):
            yield Refused(offset=begins, reason=Reason.BAD_LINE, size=lines.offset - begins)
            continue
        yield begins, _event(dict(zip(names, row, strict=True)))


class _Lines:
    """Lines as text, and how many bytes they were."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self.offset = start

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.offset >= len(self._data):
            raise StopIteration
        end = self._data.find(b"\n", self.offset) + 1 or len(self._data)
        line, self.offset = self._data[self.offset : end], end
        return line.decode("utf-8", "replace").replace("\0", "\ufffd")


def _event(row: dict[str, str]) -> bytes:
    for name in _WHOLE:
        if row.get(name):
            return row[name].encode()
    found: dict[str, Any] = {}
    for column, text in row.items():
        if text == "":
            continue
        name = _NAMES.get(column, column)
        if name in _BOOLEANS:
            found[name] = {"true": True, "false": False}.get(text.lower(), text)
        else:
            found[name] = _structure(text) if name in STRUCTURED or text.startswith("{") else text
    return json.dumps(found).encode()


def _structure(text: str) -> Any:
    """JSON where it is JSON, a structure as Athena writes it where that can be read, the text itself otherwise."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        value, end = _struct(text, 0, 0)
    except (ValueError, IndexError):
        return text
    return value if end == len(text) else text


def _struct(text: str, at: int, depth: int) -> tuple[Any, int]:
    """The value that begins here, and the index after it; ValueError where it is none."""
    if depth > _MAX_DEPTH:
        raise ValueError(depth)
    if text[at] == "{":
        return _members(text, at + 1, depth)
    if text[at] == "[":
        return _items(text, at + 1, depth)
    end = _NEXT.search(text, at)
    if end is None:
        raise ValueError(at)
    plain = text[at : end.start()]
    return (None if plain == "null" else plain), end.start()


def _members(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while text[at] != "}":
        equals = text.index("=", at)
        name = text[at:equals].strip(", ")
        found[_MEMBERS.get(name, name)], at = _struct(text, equals + 1, depth + 1)
        while text[at] in ", ":
            at += 1
    return {name: value for name, value in found.items() if value is not None}, at + 1


def _items(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while text[at] != "]":
        value, at = _struct(text, at, depth + 1)
        found.append(value)
        while text[at] in ", ":
            at += 1
    return found, at + 1
