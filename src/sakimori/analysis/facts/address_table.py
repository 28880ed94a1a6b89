"""Tables that tell country and autonomous system of an address.

Two forms, told apart by the first column:
- `start end asn country [name]`, separated by tabs or commas (the form of iptoasn.com's ip2asn files);
- `network,country,asn`, with a line of names above it or without.
"""

import csv
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, MutableSequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from sakimori.analysis.facts.address_ranges import Range, address_in, numbers, range_in
from sakimori.model.errors import UsageError

_UNKNOWN_COUNTRIES: Final = frozenset({"", "none", "-", "zz", "unknown"})
_LARGEST_ASN: Final = 2**32 - 1
_CODE_LETTERS: Final = 2


class _Row(NamedTuple):
    range: Range
    country: str
    asn: int


@dataclass(slots=True)
class _Column:
    """The ranges of one version, in order and without overlap, with what is known of each."""

    starts: MutableSequence[int]
    ends: MutableSequence[int]
    countries: list[str] = field(default_factory=list[str])
    asns: MutableSequence[int] = field(default_factory=lambda: array("I"))


@dataclass(frozen=True, slots=True)
class AddressTable:
    """Country and operator by address; a question costs one binary search."""

    _columns: dict[int, _Column] = field(default_factory=dict[int, _Column])

    def country_of(self, address: str) -> str | None:
        """Two capital letters; None where the table does not tell."""
        place = self._place(address)
        return None if place is None else place[0].countries[place[1]] or None

    def asn_of(self, address: str) -> int | None:
        """The number of the autonomous system; None where the table does not tell."""
        place = self._place(address)
        return None if place is None else place[0].asns[place[1]] or None

    def _place(self, address: str) -> tuple[_Column, int] | None:
        found = address_in(address)
        column = None if found is None else self._columns.get(found[0])
        if found is None or column is None:
            return None
        place = bisect_right(column.starts, found[1]) - 1
        return (column, place) if place >= 0 and found[1] <= column.ends[place] else None


def read_address_table(path: Path) -> AddressTable:
    """The table in a file; UsageError (file and line) where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return address_table(file, source=str(path))
    except OSError as error:
        raise UsageError(
            "address_lists.unreadable", file=path, reason=error.strerror or type(error).__name__
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("address_lists.not_text", file=path) from error


def address_table(lines: Iterable[str], *, source: str) -> AddressTable:
    """The table in the lines of a file; where ranges overlap, the one that begins later (the narrower) answers."""
    columns: dict[int, _Column] = {}
    for row in _without_overlap(sorted(_rows(lines, source), key=lambda row: (row.range[:2], -row.range.end))):
        version, start, end = row.range
        column = columns.get(version)
        if column is None:
            column = columns[version] = _Column(numbers(version), numbers(version))
        column.starts.append(start)
        column.ends.append(end)
        column.countries.append(row.country)
        column.asns.append(row.asn)
    return AddressTable(columns)


def _rows(lines: Iterable[str], source: str) -> Iterator[_Row]:
    waiting = iter(lines)
    first = next(waiting, "")
    delimiter = "\t" if "\t" in first else ","
    order: tuple[int, int] | None = None
    reader = csv.reader(chain((first,), waiting), delimiter=delimiter)
    try:
        for cells in reader:
            if not cells or not cells[0].strip() or cells[0].startswith("#"):
                continue
            if order is None:
                order = _order_in(cells)
                if order is not None:
                    continue
                order = (1, 2)
            row = _ranged(cells) if _names_a_range(cells) else _networked(cells, order)
            if row is None:
                raise UsageError(
                    "address_lists.not_a_row", file=source, line=reader.line_num, entry=delimiter.join(cells)[:100]
                )
            yield row
    except csv.Error as error:
        raise UsageError("address_lists.not_a_row", file=source, line=reader.line_num, entry=str(error)) from error


def _order_in(cells: list[str]) -> tuple[int, int] | None:
    """Where country and ASN stand, if the row names its columns."""
    names = [cell.strip().lower() for cell in cells]
    if range_in(names[0]) is not None or not names[0].isidentifier():
        return None
    country = next((place for place, name in enumerate(names) if name.startswith("country")), -1)
    asn = next((place for place, name in enumerate(names) if name in {"asn", "as_number", "autonomous_system"}), -1)
    return country, asn


def _names_a_range(cells: list[str]) -> bool:
    return len(cells) >= 4 and address_in(cells[1].strip()) is not None  # noqa: PLR2004 - start, end, ASN, country


def _ranged(cells: list[str]) -> _Row | None:
    start, end = address_in(cells[0].strip()), address_in(cells[1].strip())
    asn = _asn_in(cells[2])
    if start is None or end is None or start[0] != end[0] or start[1] > end[1] or asn is None:
        return None
    return _Row(Range(start[0], start[1], end[1]), _country_in(cells[3]), asn)


def _networked(cells: list[str], order: tuple[int, int]) -> _Row | None:
    found = range_in(cells[0].strip())
    country, asn = (cells[place] if 0 <= place < len(cells) else "" for place in order)
    number = _asn_in(asn)
    return None if found is None or number is None else _Row(found, _country_in(country), number)


def _asn_in(cell: str) -> int | None:
    """0 where the cell says that there is none; None where it is no number."""
    digits = cell.strip().upper().removeprefix("AS")
    if digits in {"", "-", "NONE"}:
        return 0
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):  # noqa: PLR2004 - digits of the largest
        return None
    return int(digits) if int(digits) <= _LARGEST_ASN else None


def _country_in(cell: str) -> str:
    code = cell.strip()
    return "" if code.lower() in _UNKNOWN_COUNTRIES or len(code) != _CODE_LETTERS else code.upper()


def _without_overlap(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Rows in order of their starts, wider first, cut so that none overlaps the next."""
    open_rows: list[_Row] = []
    at = 0
    for row in rows:
        while open_rows and (
            open_rows[-1].range.version != row.range.version or open_rows[-1].range.end < row.range.start
        ):
            last = open_rows.pop()
            if last.range.end >= max(at, last.range.start):
                yield _cut(last, max(at, last.range.start), last.range.end)
                at = last.range.end + 1
            if not open_rows:
                at = 0
        if open_rows and (begin := max(at, open_rows[-1].range.start)) < row.range.start:
            yield _cut(open_rows[-1], begin, row.range.start - 1)
        at = row.range.start
        open_rows.append(row)
    while open_rows:
        last = open_rows.pop()
        if last.range.end >= max(at, last.range.start):
            yield _cut(last, max(at, last.range.start), last.range.end)
            at = last.range.end + 1


def _cut(row: _Row, start: int, end: int) -> _Row:
    return _Row(Range(row.range.version, start, end), row.country, row.asn)
