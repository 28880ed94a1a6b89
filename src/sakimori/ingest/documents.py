"""From the bytes of one file to documents: unpacked, and cut where the source says that one may cut."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sakimori.ingest.place import Place
from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Document, Reason, Refused, Source
from sakimori.ingest.wrapping import HEAD_BYTES, Buffer, Piece, unpack

BOM: Final = b"\xef\xbb\xbf"
"""With this some programs begin a file of text, as those that somebody edited on Windows; AWS does not."""
_LONGEST: Final = 4 * MAX_RECORD_BYTES
"""What may wait for its end: a record that is longer is refused, and reading goes on after it."""


def head_of(packed: Buffer) -> bytes:
    """The first unpacked bytes of a file (up to 64 KiB), b"" where there are none."""
    for piece in unpack(packed):
        return b"" if isinstance(piece, Refused) else piece[1].removeprefix(BOM)[:HEAD_BYTES]
    return b""


def is_foreign(packed: Buffer) -> bool:
    """Whether a file with this beginning is packed in a way that is not read here."""
    first = next(unpack(packed), None)
    return isinstance(first, Refused) and first.reason is Reason.FOREIGN_PACKING


def documents_of(source: Source, location: str, packed: Buffer, place: Place) -> Iterator[Document | Refused]:
    """The documents of one file, in order. A small file is one document."""
    waiting, begins, head, lost = b"", 0, b"", 0
    first, last, is_told = b"", b"", False
    for piece, is_last in _with_last(unpack(packed)):
        if isinstance(piece, Refused):
            is_told = True
            yield piece
            continue
        data = waiting + piece[1] if waiting else piece[1]
        # Nothing comes after: what is left, a record without its end too, is the source's business.
        upto = len(data) if is_last else source.cut(data)
        waiting = data[upto:]
        if upto:
            if lost:
                yield Refused(offset=begins - lost, reason=Reason.TOO_LARGE, size=lost)
                lost = 0
            last = data[:upto]
            first = first or last[:HEAD_BYTES]
            yield Document(location=location, data=last, place=place, offset=begins, head=head)
            head = head or source.head(data.removeprefix(BOM))
            begins += upto
        elif len(waiting) > _LONGEST:
            # One record, however long it is, is refused once.
            begins += len(waiting)
            lost += len(waiting)
            waiting = b""
    if lost:
        yield Refused(offset=begins - lost, reason=Reason.TOO_LARGE, size=lost)
    elif not is_told and source.is_cut_off(first, last):
        # Between two records nothing is torn: only that the end is missing tells that records are.
        yield Refused(offset=begins, reason=Reason.TRUNCATED)


def without_bom(document: Document) -> Document:
    """The document without the mark, where the file begins with one."""
    if document.offset or not document.data.startswith(BOM):
        return document
    return replace(document, data=document.data[len(BOM) :], offset=len(BOM))


def _with_last(pieces: Iterator[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Each piece, and whether no more bytes follow it."""
    ahead = next(pieces, None)
    while ahead is not None:
        piece, ahead = ahead, next(pieces, None)
        yield piece, ahead is None or isinstance(ahead, Refused)
