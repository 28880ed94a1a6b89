"""What a piece of data holds in other forms: the one list of decoders."""

import html
import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from sakimori.analysis.secrets.decoders import signals as sign
from sakimori.analysis.secrets.decoders.base64_runs import Base64Runs, is_worth_opening, whole_base64
from sakimori.analysis.secrets.decoders.beginnings import begins_container, is_disk
from sakimori.analysis.secrets.decoders.budget import Budget
from sakimori.analysis.secrets.decoders.containers import is_archive, leaves, zip_within
from sakimori.analysis.secrets.decoders.documents import (
    mail_parts,
    notebook_text,
    office_text,
    parts_of_mail,
    pdf_streams,
)
from sakimori.analysis.secrets.decoders.regions import Opened, Runs, regions_of, runs_of
from sakimori.analysis.secrets.decoders.signals import Seen
from sakimori.analysis.secrets.decoders.sqlite_rows import sqlite_text
from sakimori.analysis.secrets.decoders.zips_within import zips_in
from sakimori.analysis.secrets.lines import Lines

_LARGEST_DOCUMENT: Final = 512 << 20
"""Bytes of a mail folder, a PDF and the like, which are read whole."""
_TOGETHER: Final = 1 << 20
_SMALL_RUN: Final = 4_096
_ESCAPE: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([nrt/\"'\\]))")
_PLAIN: Final = {b"n": b"\r", b"r": b"\r", b"t": b"\t", b"/": b"/", b'"': b'"', b"'": b"'", b"\\": b"\\"}
"""A line that an escape breaks is broken by a carriage return, so that lines are counted as the file has them."""
_OFFICE: Final = re.compile(r"(?:^|!)(?:(?:word|xl|ppt)/.*|content|styles)\.xml$")
_LINE_BREAK: Final = re.compile(rb"%0[aA]")
_LAST: Final = 0x10FFFF
_WIDE: Final = ((sign.WIDE, "utf-16", 2), (sign.WIDEST, "utf-32", 4))
_OLD: Final = ((sign.SHIFT_JIS, "cp932"), (sign.EUC_JP, "euc_jp"), (sign.ISO_2022_JP, "iso2022_jp"))


def opened(data: Any, seen: Seen, budget: Budget, lines: Lines) -> Iterator[Opened]:
    """Everything that stands behind the data in another form."""
    if not seen.is_container and not seen.ends:
        return
    # Only a file within files within files is told of: what chance makes look like base64 of base64 hides nothing.
    is_file = seen.is_container or sign.ZIP_END in seen.ends
    if not (budget.may_go_in("") if is_file else budget.may_undo()):
        return
    head = bytes(data[:512]) if seen.is_container else b""
    if is_archive(head):
        yield from _members(data, budget)
        return
    if head and is_disk(data):
        budget.refuse("disk_image")
    yield from zips_at(data, seen.ends.get(sign.ZIP_END, ()), budget)
    yield from runs_in(Base64Runs(data), seen.ends.get(sign.BASE64, ()), lines, budget)
    if head and len(data) > _LARGEST_DOCUMENT:
        budget.refuse("too_large")
    else:
        for read in _documents_of(head):
            yield from read(data, budget)
    for each in _transcoded(data, seen, lines):
        # Texts that are escaped in many ways are the same ones again and again, whichever way is undone first.
        if budget.may_undo_more(each.data):
            yield each


def runs_in(runs: Base64Runs, ends: Iterable[int], lines: Lines, budget: Budget) -> Iterator[Opened]:
    """What runs of base64 hold: files and long texts one by one, short texts together."""
    waiting: dict[bool, list[tuple[bytes, tuple[int, int, int]]]] = {True: [], False: []}
    size = 0
    for start, content in runs.at(ends):
        if not budget.may_take(len(content), "base64"):
            break
        # Bytes that are neither text nor a file are looked at, and not taken for base64 once more.
        is_text = not is_worth_opening(content)
        place = _place(lines, start)
        if len(content) > _SMALL_RUN or begins_container(content):
            yield Opened(content, "base64", within=Runs(b"", (0,), (place,)), is_text=is_text)
            continue
        waiting[is_text].append((content, place))
        size += len(content)
        if size > _TOGETHER:
            yield from _put_together(waiting)
            size = 0
    yield from _put_together(waiting)
    if runs.is_cut:
        budget.refuse("not_decoded")


def _put_together(waiting: dict[bool, list[tuple[bytes, tuple[int, int, int]]]]) -> Iterator[Opened]:
    for is_text, decoded in waiting.items():
        if decoded:
            together = runs_of(decoded)
            yield Opened(together.data, "base64", within=together, is_text=is_text)
            decoded.clear()


def zips_at(data: Any, ends: Iterable[int], budget: Budget) -> Iterator[Opened]:
    """What zips with something around them hold, by the marks of their ends."""
    for archive in zips_in(data, ends):
        if not budget.may_list(""):
            return
        for inner, content in zip_within(archive, "", budget):
            yield Opened(content, "archive", inner)


def _members(data: Any, budget: Budget) -> Iterator[Opened]:
    for inner, content in leaves(io.BytesIO(data), "", budget):
        yield Opened(content, "archive", inner)
        # An object of a repository has no name yet: its own parts tell an office file.
        if _OFFICE.search(inner):
            yield Opened(office_text(content), "office", inner, is_text=True)


def _sqlite(data: Any, budget: Budget) -> Iterator[Opened]:
    return (Opened(content, "sqlite", table, is_text=True) for table, content in sqlite_text(data[:], budget))


def _mails(data: Any, budget: Budget) -> Iterator[Opened]:
    return (Opened(content, "mail", part) for part, content in mail_parts(data[:], budget))


def _mail(data: Any, budget: Budget) -> Iterator[Opened]:
    return (Opened(content, "mail", part) for part, content in parts_of_mail(data[:], "mail", budget))


def _pdf(data: Any, budget: Budget) -> Iterator[Opened]:
    return (Opened(content, "pdf", part, is_text=True) for part, content in pdf_streams(data[:], budget))


def _marked_wide(data: Any, _budget: Budget) -> Iterator[Opened]:
    if data[:4] == b"\xff\xfe\0\0":
        yield Opened(data[:].decode("utf-32", "replace").encode(), "utf-32", is_text=True)
    yield Opened(data[:].decode("utf-16", "replace").encode(), "utf-16", is_text=True)


def _notebook(data: Any, _budget: Budget) -> Iterator[Opened]:
    if (text := notebook_text(data)) is not None:
        yield Opened(text, "notebook", is_text=True)


def _whole(data: Any, budget: Budget) -> Iterator[Opened]:
    if (content := whole_base64(data)) is not None and budget.may_take(len(content), "base64"):
        yield Opened(content, "base64")


_DOCUMENTS: Final = (
    (b"SQLite format 3\x00", _sqlite), (b"From ", _mails), (b"%PDF-", _pdf), (b"\xff\xfe", _marked_wide),
    (b"\xfe\xff", _marked_wide), (b"{", _notebook), (b"Received: ", _mail), (b"Return-Path: ", _mail),
    (b"Delivered-To: ", _mail), (b"MIME-Version: ", _mail), (b"X-Mozilla-Status: ", _mail),
)  # fmt: skip


def _documents_of(head: bytes) -> Iterator[Callable[[Any, Budget], Iterator[Opened]]]:
    known = [read for magic, read in _DOCUMENTS if head.startswith(magic)]
    if known or not head:
        yield from known
    else:
        yield _whole


def _transcoded(data: bytes, seen: Seen, lines: Lines) -> Iterator[Opened]:
    """The same text in its plain form, where that is another one: around its escapes, or whole."""
    for signal, how, decode in _ESCAPED:
        if signal in seen.ends:
            regions = regions_of(data, seen.ends[signal], decode, lines)
            yield Opened(regions.data, how, within=regions, is_text=True)
    if not _is_marked(data):
        yield from _narrowed(data, seen, lines)
    for signal, codec in _OLD:
        if signal in seen.ends:
            yield Opened(data.decode(codec, "replace").encode(), codec, is_text=True)


def _narrowed(data: bytes, seen: Seen, lines: Lines) -> Iterator[Opened]:
    """Texts of two and four bytes a character. Their ASCII is on any of the places, in a program on all."""
    for signal, how, step in _WIDE:
        for shift in range(step) if signal in seen.ends else ():
            regions = regions_of(data, seen.ends[signal], partial(_every, step, shift), lines)
            yield Opened(regions.data, how, within=regions, is_text=True)
    if sign.WIDE_JAPANESE in seen.ends:
        for codec in ("utf-16-le", "utf-16-be"):
            yield Opened(data.decode(codec, "replace").encode("utf-8", "replace"), "utf-16", is_text=True)


def _every(step: int, shift: int, data: bytes) -> bytes:
    return data[shift::step]


def _unquoted(data: bytes) -> bytes:
    return unquote_to_bytes(_LINE_BREAK.sub(b"\r", data))


def _without_entities(data: bytes) -> bytes:
    return html.unescape(data.decode("utf-8", "replace").replace("&#10;", "\r").replace("&#xA;", "\r")).encode()


def _is_marked(data: Any) -> bool:
    return bytes(data[:2]) in {b"\xff\xfe", b"\xfe\xff"}


def unescaped(data: Any) -> bytes:
    r"""Backslash escapes of JSON and most languages, undone once.

    >>> unescaped(rb'\u0041KIA\/')
    b'AKIA/'
    """
    return _ESCAPE.sub(_character, data)


def _character(match: re.Match[bytes]) -> bytes:
    if match[4]:
        return _PLAIN[match[4]]
    number = int(match[1] or match[2] or match[3], 16)
    return chr(number).encode("utf-8", "replace") if number <= _LAST else b"?"


def _place(lines: Lines, offset: int) -> tuple[int, int, int]:
    return lines.before(offset) + 1, offset - lines.start(offset) + 1, offset


_ESCAPED: Final = (
    (sign.BACKSLASH, "escaped", unescaped),
    (sign.PERCENT, "percent", _unquoted),
    (sign.ENTITY, "entities", _without_entities),
)
