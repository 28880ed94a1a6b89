"""A fact: one question about one CloudTrail event, answered in code because no pattern of fields answers it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sakimori.analysis.facts.networks import Networks
from sakimori.model.verdict import Text

Value = bool | str | int | float | tuple[str, ...] | None
"""None: it cannot be told from this event."""

Event = Mapping[str, Any]
"""CloudTrail's own names, nested as its JSON is; any part may be missing or hold any type."""


class FactType(StrEnum):
    """What a fact's value is where it is known."""

    BOOLEAN = "boolean"
    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the event: who is ours, and what is known of addresses."""

    own_accounts: frozenset[str] = frozenset()
    own_organizations: frozenset[str] = frozenset()
    networks: Networks = field(default_factory=Networks)


NOTHING_KNOWN: Final = Surroundings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`reads` names the fields that `of` looks at, by dotted paths: where none of them changes, the value does not.

    Nor does it change where a field becomes another of which the fact sees the same: `sees` says by path what that is.
    """

    name: str
    type: FactType
    sentence: Text
    reads: tuple[str, ...]
    of: Callable[[Event, Surroundings], Value]
    sees: Mapping[str, Callable[[Any], Hashable]] = field(default_factory=dict[str, Callable[[Any], Hashable]])
