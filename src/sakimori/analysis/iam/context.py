"""What is known of a request beside its action and resource: its condition keys. Absent and unknown are two things."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias, cast


class Missing(Enum):
    """Why a key has no value here."""

    ABSENT = "absent"
    """The request does not carry it."""
    UNKNOWN = "unknown"
    """The request may carry it; with what, is not known."""


Known: TypeAlias = tuple[str, ...] | Missing

# Keys that each request carries: what is not told of them is unknown, never absent.
# Source: IAM User Guide, "AWS global condition context keys", the availability of each.
ALWAYS_THERE: Final = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:requestedregion", "aws:securetransport", "aws:useragent", "aws:userid"}
)


@dataclass(frozen=True, slots=True)
class Context:
    """Keys, in lower case, and their values. `is_open`: what is not told is unknown; else it is absent."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    unknown: frozenset[str] = frozenset()
    is_open: bool = False
    settled: tuple[str, ...] = ()
    """Beginnings of keys, in lower case, of which all that the request carries are told."""

    def value(self, key: str) -> Known:
        """Of a key in lower case."""
        found = self.values.get(key)
        if found is not None:
            return found or Missing.ABSENT
        if key in self.unknown or key in ALWAYS_THERE:
            return Missing.UNKNOWN
        return Missing.UNKNOWN if self.is_open and not key.startswith(self.settled) else Missing.ABSENT

    def over(self, derived: Mapping[str, tuple[str, ...]], not_told: frozenset[str] = frozenset()) -> "Context":
        """With what the principal and the resource tell by themselves, where nothing else was told.

        `not_told` are keys that the request carries for sure, whatever their value.
        """
        known = {key: value for key, value in derived.items() if key not in self.unknown}
        values = {**known, **self.values}
        unknown = self.unknown | (not_told - values.keys()) if not_told else self.unknown
        return Context(values, unknown, self.is_open, self.settled)


class ContextError(ValueError):
    """What is wrong with a key: `reason` is `form` (its values are no texts) or `twice` (keys that differ in case alone)."""

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(key)
        self.reason, self.key = reason, key


def context_of(told: Mapping[str, object], *, is_open: bool = False) -> Context:
    """Values as texts, numbers, booleans or lists of them; None is unknown, an empty list absent.

    Raises ContextError for anything else, and for two keys that are one: case has no meaning in them.
    """
    values, unknown = dict[str, tuple[str, ...]](), set[str]()
    for key, value in told.items():
        lower = key.lower()
        if lower in values or lower in unknown:
            raise ContextError("twice", key)
        if isinstance(value, str):
            values[lower] = (value,)
        elif value is None:
            unknown.add(lower)
        else:
            values[lower] = tuple(_texts(key, value))
    return Context(values, frozenset(unknown), is_open)


def _texts(key: str, value: object) -> Iterable[str]:
    told: Sequence[object] = cast("list[object]", value) if isinstance(value, list | tuple) else [value]
    for each in told:
        if isinstance(each, bool):
            yield "true" if each else "false"
        elif isinstance(each, str | int | float):
            yield str(each)
        else:
            raise ContextError("form", key)
