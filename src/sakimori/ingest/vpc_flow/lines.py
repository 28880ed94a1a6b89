"""The lines of a flow log: as one where all are well, and looked at one by one where some are not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Document, Reason, Refused
from sakimori.ingest.vpc_flow.arrays import Chunk
from sakimori.ingest.vpc_flow.fields import START
from sakimori.ingest.vpc_flow.layout import BOM, Layout, Layouts, is_utf8, plain

_PIECE_BYTES: Final = 128 << 10
"""Around a bad line so much is read line by line, thirty times as slowly."""


def read_lines(document: Document, layouts: Layouts) -> Iterator[Chunk | Refused]:
    """The rows of a document, and what is no row of it.

    A header in the middle (files that somebody joined) is no row and no fault: it says what the lines after it hold.
    Bytes of which no header and no shape tells what they are, or that have no start, are refused as one piece.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only ingesting needs it

    data = document.data
    layout, begin = _beginning(document, layouts)
    is_torn = _is_torn(data, begin, layout)
    if layout and layout.has_start and not is_torn and plain(data, begin):
        if begin == len(data):
            return
        chunk = layout.chunk(pa.py_buffer(data).slice(begin))
        if chunk is not None:
            yield chunk
            return
    reading = _Reading(layouts, layout)
    while begin < len(data):
        end = data.find(b"\n", begin + _PIECE_BYTES) + 1 or len(data)
        yield from reading.take(data[begin:end], document.offset + begin)
        begin = end
    yield from reading.end()


def _is_torn(data: bytes, begin: int, layout: Layout | None) -> bool:
    """The last line has no end, and would not be whole in this layout."""
    if data.endswith(b"\n") or layout is None:
        return False
    return layout.is_cut_off(data[max(begin, data.rfind(b"\n") + 1) :].rstrip(b"\r"))


def _beginning(document: Document, layouts: Layouts) -> tuple[Layout | None, int]:
    """The layout with which a document begins, and where its first record does."""
    if document.head and (layout := layouts.header(first_line(document.head))):
        return layout, 0
    line = first_line(document.data)
    if layout := layouts.header(line):
        # A file without an end of line ends with its header.
        return layout, document.data.find(b"\n") + 1 or len(document.data)
    return layouts.shaped(line), len(BOM) if document.data.startswith(BOM) else 0


def first_line(data: bytes) -> bytes:
    """The first line, without its end and without the mark that some programs begin a file with."""
    end = data.find(b"\n")
    return (data[:end] if end >= 0 else data).removesuffix(b"\r").removeprefix(BOM)


class _Reading:
    """Pieces of a document one after the other, each as one or line by line."""

    def __init__(self, layouts: Layouts, layout: Layout | None) -> None:
        self._layouts = layouts
        self._layout = layout
        self._blind: Refused | None = None

    def take(self, piece: bytes, offset: int) -> Iterator[Chunk | Refused]:
        """The rows of whole lines and what is none of them."""
        import pyarrow as pa  # noqa: PLC0415

        if self._layout and self._layout.has_start and not _is_torn(piece, 0, self._layout) and plain(piece):
            chunk = self._layout.chunk(pa.py_buffer(piece))
            if chunk is not None:
                yield chunk
                return
        yield from self._one_by_one(piece, offset)

    def end(self) -> Iterator[Refused]:
        """What was not understood up to here."""
        if self._blind:
            yield self._blind
            self._blind = None

    def _one_by_one(self, piece: bytes, offset: int) -> Iterator[Chunk | Refused]:
        good: list[bytes] = []
        end = offset + len(piece)
        for raw in piece.split(b"\n"):
            begins, offset = offset, offset + len(raw) + 1
            line = raw.rstrip(b"\r")
            if not line.strip():
                continue
            if header := self._layouts.header(line):
                yield from self._rows(good, begins)
                yield from self.end()
                good, self._layout = [], header
                continue
            self._layout = self._layout or self._layouts.shaped(line)
            if self._layout is None or not self._layout.has_start:
                self._pass_over(line, begins)
            elif refused := _fault(line, begins, self._layout):
                is_open = offset > end and refused.reason is Reason.BAD_LINE and self._layout.is_cut_off(line)
                yield replace(refused, reason=Reason.CUT_OFF, detail="") if is_open else refused
            elif offset > end and self._layout.is_cut_off(line):
                yield Refused(offset=begins, reason=Reason.CUT_OFF, size=len(line))
            else:
                good.append(line)
        yield from self._rows(good, offset)

    def _pass_over(self, line: bytes, begins: int) -> None:
        """Grow the piece that is not understood, up to the next header, by this line."""
        reason, detail = (Reason.NO_TIME, START) if self._layout else (Reason.UNKNOWN_FORMAT, "")
        offset = self._blind.offset if self._blind else begins
        self._blind = Refused(offset=offset, reason=reason, detail=detail, size=begins + len(line) - offset)

    def _rows(self, lines: list[bytes], upto: int) -> Iterator[Chunk | Refused]:
        import pyarrow as pa  # noqa: PLC0415

        if not lines or self._layout is None:
            return
        # The line end before the first line: a mark of byte order is taken away only from the very beginning.
        data = b"\n" + b"\n".join(lines)
        chunk = self._layout.chunk(pa.py_buffer(data))
        yield chunk or Refused(offset=upto - len(data), reason=Reason.BAD_LINE, size=len(data))


def _fault(line: bytes, begins: int, layout: Layout) -> Refused | None:
    """Why a line is no row; None for one that is."""
    if len(line) > MAX_RECORD_BYTES:
        found = Reason.TOO_LARGE, ""
    elif not is_utf8(line):
        found = Reason.NOT_UTF8, ""
    elif b"\0" in line or b"\r" in line:
        found = Reason.BAD_LINE, ""
    else:
        found = layout.fault(line.split(b" "))
    return found and Refused(offset=begins, reason=found[0], detail=found[1], size=len(line))
