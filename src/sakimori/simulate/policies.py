"""The small part of IAM's policy language by which the simulated account judges a call.

Effect, Action and NotAction, Resource and NotResource with wildcards are honoured, and of
Condition the key `aws:RequestedRegion`. A statement with any other condition does not
apply, neither its Allow nor its Deny. Where the resource of a call is not known ("*"),
only statements over "*" apply.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final

UNKNOWN_RESOURCE: Final = "*"


class Decision(Enum):
    """What a set of identity policies says."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not_allowed"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing that a principal wants to do."""

    action: str
    resource: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    allows: bool
    actions: re.Pattern[str]
    actions_negated: bool
    resources: re.Pattern[str]
    resources_negated: bool
    covers_everything: bool
    regions: re.Pattern[str] | None
    regions_negated: bool
    can_apply: bool

    def applies(self, asked: Asked) -> bool:
        if not self.can_apply or bool(self.actions.fullmatch(asked.action)) is self.actions_negated:
            return False
        if self.regions is not None and bool(self.regions.fullmatch(asked.region)) is self.regions_negated:
            return False
        if self.covers_everything:
            return True
        if asked.resource == UNKNOWN_RESOURCE:
            return False
        return bool(self.resources.fullmatch(asked.resource)) is not self.resources_negated


def decide(documents: Iterable[str], asked: Asked) -> Decision:
    """What the JSON policy `documents` together say: an explicit Deny wins."""
    decision = Decision.NOT_ALLOWED
    for document in documents:
        for statement in _statements(document):
            if not statement.applies(asked):
                continue
            if not statement.allows:
                return Decision.DENIED
            decision = Decision.ALLOWED
    return decision


@lru_cache(maxsize=512)
def _statements(document: str) -> tuple[_Statement, ...]:
    try:
        parsed = json.loads(document)
    except ValueError:
        return ()
    listed = parsed.get("Statement", ()) if isinstance(parsed, dict) else ()
    return tuple(_statement(each) for each in _listed(listed) if isinstance(each, dict))


def _statement(raw: Mapping[str, Any]) -> _Statement:
    resources = _listed(raw.get("Resource", raw.get("NotResource", ())))
    names, negated = _region_condition(raw.get("Condition") or {})
    return _Statement(
        allows=raw.get("Effect") == "Allow",
        actions=_pattern(_listed(raw.get("Action", raw.get("NotAction", ()))), re.IGNORECASE),
        actions_negated="NotAction" in raw,
        resources=_pattern(resources),
        resources_negated="NotResource" in raw,
        covers_everything="*" in resources and "NotResource" not in raw,
        regions=_pattern(names) if names else None,
        regions_negated=negated,
        can_apply=not raw.get("Condition") or bool(names),
    )


def _region_condition(condition: Mapping[str, Any]) -> tuple[tuple[str, ...], bool]:
    """The Regions of a condition on nothing but the Region, and whether it excludes them; () for any other."""
    if len(condition) != 1:
        return (), False
    operator, keys = next(iter(condition.items()))
    if not isinstance(keys, dict) or [key.lower() for key in keys] != ["aws:requestedregion"]:
        return (), False
    if operator not in ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike"):
        return (), False
    return _listed(next(iter(keys.values()))), "Not" in operator


def _pattern(wildcards: Iterable[Any], flags: int = 0) -> re.Pattern[str]:
    """One pattern for all of IAM's wildcards, in which `*` is any text and `?` any one character."""
    parts = (re.escape(str(each)).replace(r"\*", ".*").replace(r"\?", ".") for each in wildcards)
    return re.compile("|".join(parts) or "(?!)", flags | re.DOTALL)


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
