"""Texts within documents: notebooks, office files, mails, and the streams of a PDF."""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, cast

from sakimori.analysis.secrets.decoders.beginnings import LARGEST_NOTEBOOK
from sakimori.analysis.secrets.decoders.budget import Budget

_TAG: Final = re.compile(rb"<[^<>]{0,4096}>")
_BREAK: Final = re.compile(rb"</(?:w:p|a:p|row|si|text:p|table:table-row)>|<w:br/>")
_STREAM: Final = re.compile(rb"stream\r?\n")
_FROM: Final = re.compile(rb"(?m)^From [^\n]*\n")
_STREAM_LIMIT: Final = 64 << 20
_ENCRYPTED: Final = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R\b")
_OLD_FILTER: Final = re.compile(rb"/LZWDecode\b")
_WRONG_SUM: Final = "incorrect data check"


def notebook_text(data: Any) -> bytes | None:
    """Sources and outputs of a Jupyter notebook as plain text; None if the data are none."""
    if len(data) > LARGEST_NOTEBOOK:
        return None
    try:
        book = json.loads(data[:])
    except (ValueError, RecursionError):
        return None
    cells: object = cast("dict[str, object]", book).get("cells") if isinstance(book, dict) else None
    return "\n".join(_texts_in(cast("object", cells))).encode("utf-8", "replace") if isinstance(cells, list) else None


def _texts_in(value: object) -> Iterator[str]:
    """Every text, those of a list joined as a notebook joins its lines."""
    waiting: list[object] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            lines = cast("list[object]", each)
            if lines and all(isinstance(line, str) for line in lines):
                yield "".join(cast("list[str]", lines))
            else:
                waiting.extend(reversed(lines))
        elif isinstance(each, dict):
            waiting.extend(reversed(list(cast("dict[str, object]", each).values())))


def office_text(content: bytes) -> bytes:
    r"""The text of a part of an office file: a word may be parted by any number of tags.

    >>> office_text(b"<w:p><w:t>AK</w:t><w:t>IA</w:t></w:p><w:t>x</w:t>")
    b'AKIA\nx'
    """
    return _TAG.sub(b"", _BREAK.sub(b"\n", content))


def mail_parts(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """The decoded parts of each mail of an mbox file."""
    starts = [match.start() for match in _FROM.finditer(data)]
    for number, (start, stop) in enumerate(zip(starts, [*starts[1:], len(data)], strict=False), 1):
        if not budget.may_list("mbox"):
            return
        yield from parts_of_mail(data[data.find(b"\n", start) + 1 : stop], f"mail {number}", budget)


def parts_of_mail(raw: bytes, name: str, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """The parts of one mail, their transfer encoding undone."""
    from email import message_from_bytes  # noqa: PLC0415 - a tenth of what a scan of a few files takes
    from email.policy import compat32  # noqa: PLC0415

    try:
        message = message_from_bytes(raw, policy=compat32)
        parts = [part for part in message.walk() if not part.is_multipart()]
    except (ValueError, TypeError, RecursionError, LookupError) as error:
        budget.refuse("damaged", name, type(error).__name__)
        return
    for number, part in enumerate(parts, 1):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and budget.may_take(len(content), name):
            file = part.get_filename() or ""
            yield f"{name}!{file or number}", content


def pdf_streams(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """The streams of a PDF that deflate packed; what is encrypted or packed in an older way is told."""
    if _ENCRYPTED.search(data):
        budget.refuse("encrypted", "pdf")
        return
    if _OLD_FILTER.search(data):
        budget.refuse("unsupported", "pdf")
    for match in _STREAM.finditer(data):
        if data[match.end() : match.end() + 1] not in {b"x", b"H", b"h"}:
            continue
        content, fault = _inflated(data, match.end())
        if fault:
            budget.refuse(fault, "pdf", "zlib" if fault == "damaged" else "")
        if not content:
            continue
        if budget.may_take(len(content), "pdf"):
            yield f"{match.start()}", content


def _inflated(data: bytes, place: int) -> tuple[bytes, str]:
    """What a stream holds, and why that is not all of it. It is fed in growing steps: where it ends is not known."""
    reader = zlib.decompressobj()
    pieces: list[bytes] = []
    size, step = 0, 4_096
    fault = ""
    try:
        while not reader.eof and place < len(data) and size < _STREAM_LIMIT:
            pieces.append(reader.decompress(data[place : place + step], _STREAM_LIMIT - size))
            size += len(pieces[-1])
            place += step
            step = min(4 * step, 1 << 20)
        fault = "" if reader.eof else "bomb" if size >= _STREAM_LIMIT else "damaged"
    except zlib.error as error:
        # A wrong sum stands behind all that there is; what gives nothing at all was no such stream.
        fault = "damaged" if size and _WRONG_SUM not in str(error) else ""
    return b"".join(pieces), fault if size else ""
