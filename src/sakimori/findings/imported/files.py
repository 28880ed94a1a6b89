"""Findings in files: one JSON text, an answer of an API, JSON lines, events of EventBridge; packed or not, and damaged in places.

What cannot be read is told with its place, and takes nothing else along. Source of the export's form: GuardDuty User Guide,
"Exporting generated GuardDuty findings to Amazon S3".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from sakimori.findings.imported.forms import AUTO, detection_in, findings_in
from sakimori.findings.imported.told import Where
from sakimori.ingest.json_records import decoded, pieces, records_of
from sakimori.ingest.json_tokens import TOKEN
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.source import Document, Reason, Refused
from sakimori.ingest.wrapping import Buffer, open_file, unpack
from sakimori.model.detection import Detection

MAX_FILE_BYTES: Final = 256 << 20
"""Of one file, unpacked."""
_WHOLE_BYTES: Final = 16 << 20
"""A JSON text up to this size is read at once; the objects of a larger one are read one by one."""
_FINDING_BYTES: Final = 4 << 20
_DEEPEST: Final = 3
"""Within how many arrays and objects a list of findings stands at most: `{"detail": {"findings": [`."""
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadPiece:
    """What could not be taken: in which file, at which byte and line of it (unpacked, lines from 1), and why."""

    location: str
    offset: int
    line: int
    reason: Reason


def detections_of(stored: StoredObject, kind: str = AUTO) -> Iterator[Detection | BadPiece]:
    """The detections of one file, in order, and what could not be taken; memory for the unpacked file and no more."""
    try:
        packed: Buffer = open_file(Path(stored.path)) if stored.path else stored.read() if stored.read else b""
    except (OSError, ValueError):
        yield BadPiece(location=stored.location, offset=0, line=1, reason=Reason.UNREADABLE)
        return
    data = bytearray()
    faults: list[Refused] = []
    for piece in unpack(packed):
        if isinstance(piece, Refused):
            faults.append(piece)
        elif len(data) + len(piece[1]) > MAX_FILE_BYTES:
            faults.append(Refused(offset=len(data), reason=Reason.TOO_LARGE))
            break
        else:
            data += piece[1]
    lines = _Lines(bytes(data))
    for found in _taken(lines.data, stored.location, kind):
        yield found if isinstance(found, Detection) else lines.placed(found, stored.location)
    yield from (lines.placed(fault, stored.location) for fault in faults)


class _Lines:
    """Which line a byte stands in; asked in order, each byte is looked at once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._at = 0
        self._line = 1

    def placed(self, refused: Refused, location: str) -> BadPiece:
        if refused.offset < self._at:
            self._at, self._line = 0, 1
        self._line += self.data.count(b"\n", self._at, refused.offset)
        self._at = refused.offset
        return BadPiece(location=location, offset=refused.offset, line=self._line, reason=refused.reason)


def _taken(data: bytes, location: str, kind: str) -> Iterator[Detection | Refused]:
    for found in _objects(data, location):
        if isinstance(found, Refused):
            yield found
            continue
        offset, members = found
        for finding, where in findings_in(members, Where()):
            detection = detection_in(finding, where, kind)
            yield detection or Refused(offset=offset, reason=Reason.NOT_A_RECORD)


_Object = tuple[int, dict[str, object]]


def _objects(data: bytes, location: str) -> Iterator[_Object | Refused]:
    """The JSON objects of a text, each with its offset."""
    if not data.strip():
        return
    if len(data) <= _WHOLE_BYTES:
        try:
            value = decoded(data.removeprefix(_BOM))
        except (ValueError, RecursionError):
            pass  # Not one text, or not a whole one: what is whole of it is read below.
        else:
            yield from _of_value(value, 0)
            return
    if _is_lines(data):
        yield from _by_lines(data, location)
        return
    for start, end, is_value in pieces(data):
        if is_value and end - start <= _WHOLE_BYTES:
            try:
                yield from _of_value(decoded(data[start:end]), start)
                continue
            except (ValueError, RecursionError):
                pass  # Damaged somewhere: its findings are read one by one.
        if data[start:end].strip() != _BOM:
            yield from _within(data, start, end)


def _is_lines(data: bytes) -> bool:
    """Whether most of the first lines are objects by themselves."""
    first = [line.strip() for line in data[:_FINDING_BYTES].split(b"\n")[:200] if line.strip()]
    whole = sum(line.startswith(b"{") and line.endswith(b"}") and len(line) > len(b"{}") for line in first)
    return whole * 2 > len(first) and data.count(b"\n", 0, _FINDING_BYTES) > 0


def _by_lines(data: bytes, location: str) -> Iterator[_Object | Refused]:
    offset = 0
    while offset < len(data):
        end = data.find(b"\n", offset)
        end = len(data) if end < 0 else end
        line = data[offset:end]
        if line.strip():
            for found in records_of(Document(location=location, data=line, offset=offset)):
                yield found if isinstance(found, Refused) else (found.offset, found.members)
        offset = end + 1


def _of_value(value: object, offset: int) -> Iterator[_Object | Refused]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, dict):
            yield offset, cast("dict[str, object]", item)
        else:
            yield Refused(offset=offset, reason=Reason.NOT_A_RECORD)


def _within(data: bytes, start: int, end: int) -> Iterator[_Object | Refused]:
    """The objects of the lists near the surface of a text that is damaged or large; what is no object of them is refused."""
    found_any = False
    for begin, stop in _elements(data, start, end):
        found_any = True
        if stop - begin > _FINDING_BYTES:
            yield Refused(offset=begin, reason=Reason.TOO_LARGE)
            continue
        try:
            yield from _of_value(decoded(data[begin:stop]), begin)
        except UnicodeDecodeError:
            yield Refused(offset=begin, reason=Reason.NOT_UTF8)
        except RecursionError:
            yield Refused(offset=begin, reason=Reason.TOO_DEEP)
        except ValueError:
            yield Refused(offset=begin, reason=Reason.NOT_JSON)
    if not found_any:
        yield Refused(offset=start, reason=Reason.NOT_JSON)


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each object that is an item of a list near the surface; the last one may lack its end."""
    above: list[int] = []
    depth = begin = 0
    for token in TOKEN.finditer(data, start, end):
        letter = data[token.start()]
        if letter == ord('"'):
            continue
        is_opening = letter in b"{["
        if depth:
            depth += 1 if is_opening else -1
            if not depth:
                yield begin, token.end()
        elif is_opening and letter == ord("{") and above and above[-1] == ord("[") and len(above) <= _DEEPEST:
            depth, begin = 1, token.start()
        elif is_opening:
            above.append(letter)
        elif above:
            above.pop()
    if depth:
        yield begin, end
