"""What a rule says of one value, as Sigma means it: case folded, wildcards, numbers as texts, lists element by element.

Batch and stream use the same predicates: they cannot differ in what a value is.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from typing import Any, Final

import msgspec

from sakimori.rules.detections.regex import escaped, searching

Predicate = Callable[[object], bool]
_encode: Final = msgspec.json.Encoder().encode
_CACHED: Final = 65_536
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_LONGEST_NUMBER: Final = 39
_LONGEST_ADDRESS: Final = 64


def text_of(value: object) -> str:
    """A value as a text that rules compare: booleans as JSON writes them, objects as compact JSON, times as ISO 8601."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _spelled(value) if isinstance(value, dict | list | tuple) else str(value)


def _spelled(value: Any) -> str:
    try:
        return _encode(value).decode("utf-8", "replace")
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    # Half surrogate pairs and numbers beyond 64 bits.
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, TypeError, RecursionError):
        return ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts (lower case, unless `is_cased`)."""

    texts: frozenset[str]
    is_cased: bool = False

    def predicate(self) -> Predicate:
        """Whether a value is one of them."""
        texts = self.texts
        numbers = frozenset(number for text in texts if (number := number_of(text)) is not None)
        if self.is_cased:
            return lambda value: text_of(value) in texts
        # A number is itself however it is written: 1 is 1.0.
        return lambda value: (
            value.lower() in texts
            if isinstance(value, str)
            else value in numbers
            if isinstance(value, int | float) and not isinstance(value, bool)
            else text_of(value).lower() in texts
        )


@dataclass(frozen=True, slots=True)
class Like:
    """A text with wildcards: `pieces` are literal texts, None stands for any characters, "" for exactly one."""

    pieces: tuple[str | None, ...]
    is_cased: bool = False

    def predicate(self) -> Predicate:
        """Whether a value is such a text."""
        simple = self._simple()
        if simple is not None:
            return simple
        search = searching(f"(?s)\\A{self.pattern()}\\z", is_cased=True)
        fold = text_of if self.is_cased else _folded
        return lambda value: search(fold(value))

    def pattern(self) -> str:
        """The same as a regular expression of RE2."""
        return "".join(".*" if piece is None else "." if piece == "" else escaped(piece) for piece in self.pieces)

    def _simple(self) -> Predicate | None:
        """The common ones without a regular expression: they cost a third."""
        fold = text_of if self.is_cased else _folded
        match self.pieces:
            case (None, str(text), None) if text:
                return lambda value: text in fold(value)
            case (str(text), None) if text:
                return lambda value: fold(value).startswith(text)
            case (None, str(text)) if text:
                return lambda value: fold(value).endswith(text)
            case (None,):
                return _any
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of RE2 (linear in time whatever the log holds), found anywhere in the text."""

    pattern: str
    flags: str = ""

    def predicate(self) -> Predicate:
        """Whether a value has such a piece."""
        search = searching(self.whole, is_cased=True)
        return lambda value: search(text_of(value))

    @property
    def whole(self) -> str:
        """The expression with its flags."""
        return f"(?{self.flags}){self.pattern}" if self.flags else self.pattern


@dataclass(frozen=True, slots=True)
class InNetwork:
    """An address of this network."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network

    def predicate(self) -> Predicate:
        """Whether a value is such an address; texts that are none are not."""
        network = self.network

        def holds(value: object) -> bool:
            text = text_of(value)
            address = _address(text) if len(text) <= _LONGEST_ADDRESS else None
            return address is not None and address.version == network.version and address in network

        return holds


class Order(StrEnum):
    """The comparisons of Sigma."""

    LESS = "lt"
    AT_MOST = "lte"
    MORE = "gt"
    AT_LEAST = "gte"
    OTHER = "neq"


@dataclass(frozen=True, slots=True)
class Compared:
    """A number in this order to the other."""

    order: Order
    number: float

    def predicate(self) -> Predicate:
        """Whether a value is such a number; texts that are none are not."""
        return lambda value: (found := number_of(value)) is not None and self.holds(found)

    def holds(self, found: Any) -> Any:
        """Of one number, or of an array of numbers."""
        match self.order:
            case Order.LESS:
                return found < self.number
            case Order.AT_MOST:
                return found <= self.number
            case Order.MORE:
                return found > self.number
            case Order.AT_LEAST:
                return found >= self.number
            case Order.OTHER:
                return found != self.number


@dataclass(frozen=True, slots=True)
class PartOfTime:
    """A time whose part (`hour`, `weekday` …, UTC) has this number."""

    part: str
    number: int

    def predicate(self) -> Predicate:
        """Whether a value is such a time."""

        def holds(value: object) -> bool:
            moment = _moment(value)
            return moment is not None and _part_of(moment, self.part) == self.number

        return holds


@dataclass(frozen=True, slots=True)
class Missing:
    """The field is not there, or null."""


@dataclass(frozen=True, slots=True)
class Present:
    """The field is there, and not null."""


@dataclass(frozen=True, slots=True)
class SameAs:
    """The value of another field, or one that begins or ends with it. Resolved beside the first field."""

    field: Any
    starts: bool = False
    ends: bool = False

    def holds(self, value: object, other: object) -> bool:
        """Whether the one value is so to the other."""
        mine, theirs = _folded(value), _folded(other)
        if self.starts:
            return mine.startswith(theirs)
        if self.ends:
            return mine.endswith(theirs)
        return mine == theirs


Matcher = OneOf | Like | Regex | InNetwork | Compared | PartOfTime
Special = Missing | Present | SameAs


def number_of(value: object) -> float | None:
    """The number that a value is, or that its text says in decimal digits; infinities and the like are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _NUMBER.match(value):
        return _read_number(value)
    return None


def _read_number(text: str) -> float | None:
    try:
        return int(text)
    except ValueError:
        number = float(text)
    return number if isfinite(number) else None


def _any(_: object) -> bool:
    return True


def _folded(value: object) -> str:
    return (value if isinstance(value, str) else text_of(value)).lower()


@lru_cache(maxsize=_CACHED)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=_CACHED)
def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return _read_moment(value) if isinstance(value, str) and len(value) < 40 else None  # noqa: PLR2004


def _part_of(moment: datetime, part: str) -> int:
    return moment.isocalendar().week if part == "week" else int(getattr(moment, part))
