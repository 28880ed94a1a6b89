"""The words of changing an account: calls, changes with their inverse, and what a person must know of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

GIVEN_ID: Final = "(the id that AWS gives)"
"""Stands in a shown call for an id that nobody can know before."""


class Risk(StrEnum):
    """What may break."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    """Something that works today may stop: the plan says what was looked at."""
    HIGH = "high"


class Approval(StrEnum):
    """Who must agree."""

    SINGLE = "single"
    TWO_PERSON = "two_person"


class Baseline(StrEnum):
    """How much is set up; each holds all of the one before."""

    STARTER = "starter"
    """Free, or nearly so."""
    STANDARD = "standard"
    STRICT = "strict"

    @property
    def rank(self) -> int:
        """0 for starter … 2 for strict."""
        return list(Baseline).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that changes something. `parameters` are plain JSON values.

    `settled` are error codes that mean that it is so already: made again after a kill, it is done. `not_yet` are those by
    which AWS says that it does not see yet what an earlier call made (a role, a bucket's policy): it is asked again.
    """

    operation: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settled: tuple[str, ...] = ()
    not_yet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One call, and the calls that take it back, in their order.

    `name` is unique within its step and place; `text` an id of the catalogue with its `values`. Without `undo`,
    `lasting` is the id of the sentence that says why there is none.
    """

    name: str
    call: Call
    undo: tuple[Call, ...] = ()
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    lasting: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many of what has this price, in a month; None where nobody knows how many."""

    price: str
    count: float | None


@dataclass(frozen=True, slots=True)
class CostPart:
    """What one quantity costs in a month, in US dollars; None where its count or its price is not known."""

    price: str
    count: float | None
    usd: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step costs in a month; free where it has no parts."""

    parts: tuple[CostPart, ...] = ()

    @property
    def usd_month(self) -> float:
        """The sum of what is known, in US dollars."""
        return sum(each.usd or 0.0 for each in self.parts)

    @property
    def unknown(self) -> tuple[CostPart, ...]:
        """What is not in the sum."""
        return tuple(each for each in self.parts if each.usd is None)
