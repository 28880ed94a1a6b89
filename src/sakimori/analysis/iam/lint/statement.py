"""A policy as the lint reads it: what can be understood of it, beside what cannot, each with its place.

Reading never fails: a member of the wrong form is told by the checks of the grammar and left out here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, cast

from sakimori.analysis.iam.action_table import ActionTable
from sakimori.analysis.iam.conditions import Operator, operator_of
from sakimori.analysis.iam.policy_lines import Path


class LintKind(StrEnum):
    """What a policy is attached to, which decides what it may say."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"
    BOUNDARY = "boundary"
    SESSION = "session"

    @property
    def names_principals(self) -> bool:
        """Its statements say of whom they speak."""
        return self in {LintKind.RESOURCE, LintKind.TRUST, LintKind.RCP}

    @property
    def grants(self) -> bool:
        """What it allows somebody gains; the others only limit."""
        return self in {LintKind.IDENTITY, LintKind.RESOURCE, LintKind.TRUST}


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the policy and its place."""

    text: str
    path: Path


@dataclass(frozen=True, slots=True)
class LintCondition:
    """One key under one operator; `asked` None for an operator that AWS does not have."""

    operator: str
    key: str
    values: tuple[Word, ...]
    path: Path
    asked: Operator | None

    @property
    def is_positive(self) -> bool:
        """It holds only for a request that carries the key with one of its values."""
        asked = self.asked
        return (
            asked is not None
            and asked.comparison != "null"
            and not (asked.is_negated or asked.is_if_exists or asked.quantifier == "forallvalues")
        )


@dataclass(frozen=True)
class LintStatement:
    """One statement. `effect` "" where it is neither Allow nor Deny."""

    raw: Mapping[str, Any]
    path: Path
    effect: str
    actions: tuple[Word, ...]
    is_not_action: bool
    resources: tuple[Word, ...]
    is_not_resource: bool
    principals: Mapping[str, tuple[Word, ...]]
    """By kind: AWS, Service, …; everyone is `*` of AWS."""
    is_not_principal: bool
    conditions: tuple[LintCondition, ...]

    @property
    def is_allow(self) -> bool:
        """It allows."""
        return self.effect == "Allow"

    @property
    def sid(self) -> str:
        """Its Sid, or ""."""
        sid = self.raw.get("Sid")
        return sid if isinstance(sid, str) else ""

    def at(self, name: str) -> Path:
        """The place of one of its members."""
        return (*self.path, name)

    @cached_property
    def names_all_actions(self) -> bool:
        """`*` is among its actions."""
        return not self.is_not_action and any(is_star(each.text) for each in self.actions)

    @cached_property
    def names_all_resources(self) -> bool:
        """`*` is among its resources."""
        return not self.is_not_resource and any(is_star(each.text) for each in self.resources)

    @cached_property
    def is_for_everyone(self) -> bool:
        """`*` is among its principals."""
        return not self.is_not_principal and any(is_star(each.text) for each in self.principals.get("AWS", ()))

    def has_key(self, *names: str, is_positive: bool = True) -> bool:
        """One of these condition keys (lower case) limits it; `is_positive`: so that the key must be there."""
        return any(each.key.lower() in names and (each.is_positive or not is_positive) for each in self.conditions)

    @cached_property
    def must_have(self) -> frozenset[str]:
        """Keys, in lower case, that a request must carry for the statement to hold."""
        told = {each.key.lower() for each in self.conditions if each.is_positive}
        nulls = (each for each in self.conditions if each.asked and each.asked.comparison == "null")
        told |= {each.key.lower() for each in nulls if [value.text.lower() for value in each.values] == ["false"]}
        return frozenset(told)


@dataclass(frozen=True)
class LintPolicy:
    """A policy to be checked. `owner` the account that it belongs to, "" if unknown; `size` in characters without blanks."""

    name: str
    kind: LintKind
    raw: Mapping[str, Any]
    statements: tuple[LintStatement, ...]
    table: ActionTable
    size: int = 0
    size_limit: tuple[str, int] | None = None
    owner: str = ""
    others: Sequence[Any] = field(default_factory=list[Any])
    """What stands among the statements and is none, with its place."""

    @property
    def has_variables(self) -> bool:
        """Its version knows ${…}."""
        return self.raw.get("Version") == "2012-10-17"


_STARS: Final = frozenset("*")


def is_star(text: str) -> bool:
    """Nothing but stars."""
    return bool(text) and set(text) <= _STARS


def has_wildcard(text: str) -> bool:
    """`*` or `?` is in it."""
    return "*" in text or "?" in text


def members_of(raw: object) -> Mapping[str, Any]:
    """The members of an object of JSON; of anything else none."""
    return cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}


def items_of(raw: object) -> list[Any]:
    """The items of a list of JSON; of anything else none."""
    return cast("list[Any]", raw) if isinstance(raw, list) else []


def statements_in(raw: Mapping[str, Any]) -> tuple[tuple[LintStatement, ...], list[Path]]:
    """The statements of a document, and the places where something else stands among them."""
    told = raw.get("Statement")
    if isinstance(told, Mapping):
        return (_statement(members_of(told), ("Statement",)),), []  # pyright: ignore[reportUnknownArgumentType]
    found, others = list[LintStatement](), list[Path]()
    for place, each in enumerate(items_of(told)):
        path: Path = ("Statement", place)
        if isinstance(each, Mapping):
            found.append(_statement(members_of(each), path))  # pyright: ignore[reportUnknownArgumentType]
        else:
            others.append(path)
    return tuple(found), others


def _statement(raw: Mapping[str, Any], path: Path) -> LintStatement:
    effect = raw.get("Effect")
    actions = "Action" if "Action" in raw else "NotAction"
    resources = "Resource" if "Resource" in raw else "NotResource"
    principals = "Principal" if "Principal" in raw else "NotPrincipal"
    return LintStatement(
        raw=raw,
        path=path,
        effect=effect if effect in ("Allow", "Deny") else "",
        actions=_words(raw.get(actions), (*path, actions)),
        is_not_action=actions == "NotAction",
        resources=_words(raw.get(resources), (*path, resources)),
        is_not_resource=resources == "NotResource" and resources in raw,
        principals=_principals(raw.get(principals), (*path, principals)),
        is_not_principal=principals == "NotPrincipal" and principals in raw,
        conditions=tuple(_conditions(raw.get("Condition"), (*path, "Condition"))),
    )


def _words(raw: object, path: Path) -> tuple[Word, ...]:
    if isinstance(raw, str):
        return (Word(raw, path),)
    return tuple(Word(each, (*path, place)) for place, each in enumerate(items_of(raw)) if isinstance(each, str))


def _principals(raw: object, path: Path) -> Mapping[str, tuple[Word, ...]]:
    if isinstance(raw, str):
        return {"AWS": (Word(raw, path),)}
    return {kind: _words(members, (*path, kind)) for kind, members in members_of(raw).items()}


def _conditions(raw: object, path: Path) -> Sequence[LintCondition]:
    found = list[LintCondition]()
    for operator, keys in members_of(raw).items():
        for key, values in members_of(keys).items():
            place: Path = (*path, operator, key)
            found.append(LintCondition(operator, key, _values(values, place), place, operator_of(operator)))
    return found


def _values(raw: object, path: Path) -> tuple[Word, ...]:
    told: list[tuple[int | None, Any]] = (
        list(enumerate(items_of(cast(object, raw)))) if isinstance(raw, list) else [(None, raw)]
    )
    return tuple(
        Word(_text(each), path if place is None else (*path, place))
        for place, each in told
        if isinstance(each, str | int | float)
    )


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
