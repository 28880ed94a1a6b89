"""Which fields a file of CloudFront's logs has, and in which order: by its header, or by the look of its lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sakimori.ingest.cloudfront.fields import STANDARD, column_name, order_of
from sakimori.ingest.json_records import top_keys

_FIELDS: Final = "#Fields:"
_DELIMITERS: Final = ("\t", " ", ",", ";", "|")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\([A-Za-z-]+\))?", re.ASCII)
_KNOWN: Final = frozenset(column_name(name) for name in STANDARD) - {"date", "time"}
_STRANGERS: Final = frozenset(
    ("cs_host", "cs_uri_stem", "cs_referer", "cs_user_agent", "cs_uri_query", "cs_cookie", "x_host_header",
     "x_forwarded_for", "cs_headers")
)  # fmt: skip
"""Columns in which strangers write."""
_FEWEST: Final = 2
_FIRST_LINES: Final = 10
PARQUET: Final = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The names of a file's fields. `delimiter` is "" while no line has shown it."""

    names: tuple[str, ...]
    delimiter: str = ""

    def shown_by(self, line: str) -> "Layout":
        """The same with the delimiter that cuts this line into as many fields as there are names; "" if none does."""
        if self.delimiter:
            return self
        fitting = (each for each in _DELIMITERS if line.count(each) == len(self.names) - 1)
        return Layout(names=self.names, delimiter=next(fitting, "\t" if "\t" in line else ""))

    def members(self, line: str) -> dict[str, str]:
        """The values of a line by name. Of a line that is cut off, or in which a stranger wrote the delimiter: the sure ones.

        What remains stands under `unparsed`.
        """
        values = line.split(self.delimiter)
        if len(values) == len(self.names):
            return dict(zip(self.names, values, strict=True))
        sure = min(len(self.names), len(values))
        if self.delimiter != "\t":
            # CloudFront encodes tabs and no other delimiter: what follows the first text of a stranger may be shifted.
            sure = min([sure, *(at for at, name in enumerate(self.names) if column_name(name) in _STRANGERS)])
        told = dict(zip(self.names[:sure], values[:sure], strict=True))
        left = values[sure:]
        return {**told, "unparsed": self.delimiter.join(left)} if left else told


def layout_of(line: str) -> Layout | None:
    """The layout that a header line tells; None for any other line.

    >>> layout_of("#Fields: date time c-ip").names
    ('date', 'time', 'c-ip')
    """
    if line.startswith(_FIELDS):
        return Layout(names=tuple(line.removeprefix(_FIELDS).split()))
    if line.startswith(("#", "{", "[")):
        return None
    # The plain format of v2 has the names alone, with the delimiter between.
    for delimiter in _DELIMITERS:
        names = line.split(delimiter)
        if len(names) >= _FEWEST and all(map(_NAME.fullmatch, names)):
            known = sum(column_name(name) in _KNOWN for name in names)
            return Layout(names=tuple(names), delimiter=delimiter) if known * 2 >= len(names) else None
    return None


def bare_layout_of(line: str) -> Layout | None:
    """The layout of a line that no header went before."""
    names = order_of(line.split("\t"))
    return Layout(names=names, delimiter="\t") if names else None


def header_of(data: bytes) -> bytes:
    """The header lines that a file begins with, b"" where it has none."""
    found = b""
    for line in _first_lines(data):
        if not line.startswith("#"):
            return found or (f"{line}\n".encode() if layout_of(line) else b"")
        found += f"{line}\n".encode()
    return found


def cut_off(data: bytes, header: bytes) -> bytes:
    """The last line of a file with this header where it has no end and not all of its fields; b"" where it is whole."""
    if data.endswith(b"\n"):
        return b""
    line = data[data.rfind(b"\n") + 1 :]
    text = line.decode("utf-8", "replace").rstrip("\r")
    found = [layout for each in header.decode("utf-8", "replace").splitlines() if (layout := layout_of(each))]
    if not found or not text.strip() or text.startswith(("#", "{", "[")) or layout_of(text):
        return b""
    before = data[: len(data) - len(line)].rstrip(b"\r\n").rpartition(b"\n")[2].decode("utf-8", "replace")
    layout = found[-1].shown_by(before if not before.startswith("#") else text)
    values = text.split(layout.delimiter or "\t")
    return line if len(values) < len(layout.names) or not values[-1] else b""


def is_ours(head: bytes, *, is_named: bool) -> bool:
    """These are the first bytes of a log of CloudFront; where its name says so too, few fields are enough."""
    if head.startswith(PARQUET):
        return is_named
    for line in _first_lines(head):
        layout = layout_of(line)
        if layout:
            return _are_ours(layout.names, is_named=is_named)
        if bare_layout_of(line):
            return True
    return _are_ours(tuple(top_keys(head)), is_named=is_named)


def _are_ours(names: tuple[str, ...], *, is_named: bool) -> bool:
    columns = {column_name(name) for name in names}
    edge = any(name.startswith("x_edge_") for name in columns)
    return edge or "cs(Host)" in names or (is_named and bool(columns & _KNOWN))


def _first_lines(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n", _FIRST_LINES)[:_FIRST_LINES]:
        yield line.rstrip(b"\r").decode("utf-8", "replace")
