"""Where one mail ends and the next begins: mailbox files, and mails that were put behind each other."""

import re
from collections.abc import Iterator
from typing import Final

_FROM: Final = re.compile(rb"^From [^\r\n]{0,500}\d{4}[^\r\n]{0,40}\r?$", re.MULTILINE)
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_TOP: Final = re.compile(rb"(?<=\n)\r?\n(?=(?:Return-Path|Delivered-To|Received|X-Received|ARC-Seal): )")
_BOUNDARY: Final = re.compile(rb"boundary\s*=\s*\"?([^\"\r\n;]{1,200})", re.IGNORECASE)
_HEAD_BYTES: Final = 16_000
_OWN: Final = (b"\nfrom:", b"\nsubject:")


def mails_of(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Each mail of a text, and whether it only stood behind another one, so that its headers may be that one's words.

    A text that begins with `From ` is a mailbox file (RFC 4155). Otherwise it is one mail, or several behind each other: a
    new one begins with the trace headers of its delivery, never within an open part of the one before.
    """
    if not data.strip():
        return
    if data.startswith(b"From "):
        later = [found.start() for found in _FROM.finditer(data) if found.start() and _stands_free(data, found.start())]
        for begin, end in _spans([0, *later], len(data)):
            line = data.find(b"\n", begin, end)
            yield _ESCAPED.sub(rb"\1", data[line + 1 : end]) if line >= 0 else b"", False
        return
    starts = [0]
    for found in _TOP.finditer(data):
        if _is_head(data[found.end() : found.end() + _HEAD_BYTES]) and _is_closed(data[starts[-1] : found.start()]):
            starts.append(found.end())
    for begin, end in _spans(starts, len(data)):
        yield data[begin:end].lstrip(b"\r\n"), begin > 0


def _spans(starts: list[int], end: int) -> Iterator[tuple[int, int]]:
    yield from zip(starts, [*starts[1:], end], strict=True)


def _stands_free(data: bytes, at: int) -> bool:
    return data[max(0, at - 3) : at].replace(b"\r", b"").endswith(b"\n\n")


def _is_head(data: bytes) -> bool:
    head = (b"\n" + data.replace(b"\r", b"").partition(b"\n\n")[0]).lower()
    return all(each in head for each in _OWN)


def _is_closed(mail: bytes) -> bool:
    """Whether the mail so far has no part that waits for its end."""
    head = re.split(rb"\r?\n\r?\n", mail.lstrip(b"\r\n")[: _HEAD_BYTES * 4], maxsplit=1)[0]
    if re.search(rb"^content-type:\s*message/", head, re.IGNORECASE | re.MULTILINE):
        return False
    found = _BOUNDARY.search(head)
    return found is None or b"--" + found.group(1).strip() + b"--" in mail
