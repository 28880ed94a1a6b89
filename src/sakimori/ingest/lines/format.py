"""Lines of fields with spaces between: how a well written one looks, and what can be read of any other.

Nothing of a line is lost: what has no column stands in `rest`, a JSON text, and so does a value that is not of the kind
of its column. Only a line that does not even begin as its log does is refused.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sakimori.ingest.json_records import json_text
from sakimori.ingest.lines.fields import WORD, Field, owner_of
from sakimori.ingest.rows import as_time, lines_of
from sakimori.ingest.source import Document, Reason, Refused, Rows
from sakimori.lake.instants import micros_since_epoch

_TOKEN: Final = re.compile(r'"([^"]*)"(?= |\Z)|([^ ]+)')
_ANY: Final = rf'(?:"[^"]*"|{WORD})'
_UNPARSED: Final = "unparsed"
_FIRST_LINES: Final = 10
"""A file whose first lines are garbage is still known by one of these."""


@dataclass(frozen=True, kw_only=True)  # no slots: expressions are compiled when they are first asked for
class LineFormat:
    """The fields of one log in order.

    `head` are those without quotes that every line begins with: no stranger writes them. `middle` is the part that
    holds texts of strangers (user agents), in which quotes may stand; `bounds` finds it in what follows the head, with
    a group for each of its fields, so that the last text ends as far to the right as what must follow it allows.
    `tail` is the rest. The oldest lines have `least` fields. `appended` is how a field looks that AWS may yet append.
    """

    head: tuple[Field, ...]
    middle: tuple[Field, ...] = ()
    bounds: re.Pattern[str] | None = None
    tail: tuple[Field, ...] = ()
    least: int
    appended: str = _ANY
    has_quotes: bool = True

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All fields."""
        return self.head + self.middle + self.tail

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """The columns whose ARNs say whose the row is, the surest first."""
        return tuple(field.into[0] for field in self.fields if field.is_owner)

    @cached_property
    def of_today(self) -> re.Pattern[bytes]:
        """A line that is well written and has all known fields; its groups are its time and what was appended to them."""
        return re.compile((" ".join(field.whole for field in self.fields) + self._more + r"\Z").encode())

    @cached_property
    def of_old(self) -> re.Pattern[bytes]:
        """A line that is well written and has at least the oldest fields: its time, and a group for each newer field."""
        wholes = [field.whole for field in self.fields]
        newer = self._more
        for found in reversed(wholes[self.least :]):
            newer = f"(?: ({found}){newer})?"
        return re.compile((" ".join(wholes[: self.least]) + newer + r"\Z").encode())

    @property
    def _more(self) -> str:
        return f"(?: ({self.appended}(?: {self.appended})*))?"

    @cached_property
    def beginning(self) -> re.Pattern[bytes]:
        """The head alone, at the beginning of a line."""
        return re.compile((" ".join(field.whole for field in self.head) + r"(?=[ \r]|\Z)").encode())

    def well_written(self, line: bytes) -> tuple[int, bytes] | None:
        """How many fields a well written line has, and its time; None for any other line."""
        if b"\r" in line:
            # A reader of delimited text would take it for the end of the line.
            return None
        match = self.of_today.match(line)
        if match is None:
            match = self.of_old.match(line)
            return (self.least + (match.lastindex or 1) - 1, match[1]) if match else None
        time, appended = match.groups()
        count = len(self.fields)
        if appended:
            count += len(_TOKEN.findall(appended.decode("utf-8", "replace"))) if b" " in appended else 1
        return count, time

    def is_cut_off(self, line: bytes, most: int) -> bool:
        """A line that is not well written has fewer fields than it should, or only the beginning of the last."""
        found = list(_tokens(line.decode("utf-8", "replace"), 0, has_quotes=self.has_quotes))
        if len(found) != len(self.fields):
            return len(found) < most
        last = self.fields[-1]
        return last.shape != WORD and found[-1] != "-" and not re.fullmatch(last.shape, found[-1])

    def span(self, times: Collection[bytes]) -> tuple[int, int]:
        """First and last of the times of well written lines, in microseconds since 1970."""
        to = next(field.to for field in self.head if field.name == "time")
        bounds = {min(times), max(times)} if to is None else set(times)
        found = [as_time(to(each.decode()) if to else each.decode()) for each in bounds]
        moments = [micros_since_epoch(each) for each in found if each]
        return min(moments), max(moments)

    def begins(self, head: bytes) -> bool:
        """One of the first lines of a file begins as this log does."""
        return any(self.beginning.match(line) for line in head.split(b"\n", _FIRST_LINES)[:_FIRST_LINES])

    def read(self, line: str) -> dict[str, object] | None:
        """The row of a line field by field, None where it has not even a head."""
        parts = line.split(" ", len(self.head))
        if len(parts) < len(self.head):
            return None
        row: dict[str, object] = {}
        rest: dict[str, str] = {}
        for field, found in zip(self.head, parts, strict=False):
            _take(row, rest, field, found)
        if len(parts) > len(self.head):
            self._read_on(row, rest, parts[-1])
        if rest:
            row["rest"] = json_text(rest)
        for name in self.owners:
            account, region = owner_of(str(row.get(name)))
            row["account_id"] = row.get("account_id") or account
            row["region"] = row.get("region") or region
        return row

    def _read_on(self, row: dict[str, object], rest: dict[str, str], line: str) -> None:
        begins = 0
        if self.bounds:
            match = self.bounds.match(line)
            if not match:
                rest[_UNPARSED] = line
                return
            for field, found in zip(self.middle, match.groups(), strict=True):
                _take(row, rest, field, "-" if found is None else found)
            begins = match.end()
        for index, found in enumerate(_tokens(line, begins, has_quotes=self.has_quotes)):
            if index < len(self.tail):
                _take(row, rest, self.tail[index], found)
            elif found != "-":
                rest[appended_name(len(self.head) + len(self.middle) + index)] = found

    def rows_of(self, document: Document, named: Mapping[str, str]) -> Rows:
        """The rows of a document, field by field; `named` are values that the file's name gives all of them."""
        for found in lines_of(document):
            if isinstance(found, Refused):
                yield found
                continue
            offset, line = found
            row = self.read(line)
            if row is None:
                yield Refused(offset=offset, reason=Reason.BAD_LINE, size=len(line))
            else:
                yield {**named, **{name: value for name, value in row.items() if value is not None}}


def appended_name(index: int) -> str:
    """The key in `rest` of a field that no documentation names: its place in the line, from 1."""
    return f"field_{index + 1}"


def _tokens(line: str, begins: int, *, has_quotes: bool) -> Iterator[str]:
    if not has_quotes:
        yield from filter(None, line[begins:].split(" "))
        return
    for match in _TOKEN.finditer(line, begins):
        yield match[2] if match[1] is None else match[1]


def _take(row: dict[str, object], rest: dict[str, str], field: Field, found: str) -> None:
    if found == "-":
        return
    values = field.divide(found)
    if values is None:
        rest[field.name] = found
    else:
        row.update(zip(field.into, values, strict=True))
