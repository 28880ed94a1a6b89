"""Which statements of a policy speak of which recorded operations: worked out once for each operation, not for each event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sakimori.analysis.iam.event_actions import Mapped, Need
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.sql.predicates import PolicySql
from sakimori.analysis.iam.sql.resources import Plan, plan_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One action behind an operation; `named` says for each statement whether it speaks of the action."""

    action: str
    named: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operation of an event source. `plans` name the resources of its deeds, None where no statement asks for them."""

    number: int
    event_source: str
    event_name: str
    need: Need
    deeds: tuple[Deed, ...]
    keys: frozenset[str]
    """Condition keys that the statements read that speak of it."""
    plans: tuple[Plan, ...] | None
    is_open: bool
    """It is allowed whatever else is true of a request: such events are only counted."""


def calls_of(
    written: PolicySql,
    policy: Policy,
    pairs: Sequence[tuple[str, str]],
    mapped: Callable[[str, str], Mapped],
    *,
    allows_rest: bool,
) -> tuple[Call, ...]:
    """The operations with these sources and names, numbered in their order."""
    clauses = sorted((*policy.allows, *policy.denies), key=lambda each: each.statement.index)
    return tuple(
        _call(number, pair, mapped(*pair), written, clauses, allows_rest=allows_rest)
        for number, pair in enumerate(pairs)
    )


def _call(  # noqa: PLR0913 - what an operation is made of, of one use
    number: int,
    pair: tuple[str, str],
    mapped: Mapped,
    written: PolicySql,
    clauses: Sequence[Clause],
    *,
    allows_rest: bool,
) -> Call:
    deeds = tuple(Deed(action=action, named=_named(clauses, action)) for action in mapped.actions)
    asked = [
        statement
        for place, statement in enumerate(written.statements)
        if statement.sql not in {"true", "false"} and any(deed.named[place] for deed in deeds)
    ]
    reads_resource = any(each.reads_resource for each in asked)
    return Call(
        number=number,
        event_source=pair[0],
        event_name=pair[1],
        need=mapped.need,
        deeds=deeds,
        keys=frozenset(key for each in asked for key in each.keys),
        plans=tuple(plan_of(deed.action) for deed in deeds) if reads_resource else None,
        is_open=bool(deeds) and not asked and all(_allows(written, deed, allows_rest=allows_rest) for deed in deeds),
    )


def _named(clauses: Sequence[Clause], action: str) -> tuple[bool, ...]:
    lower = action.lower()
    return tuple(each.names_action(lower) is not each.statement.is_not_action for each in clauses)


def _allows(written: PolicySql, deed: Deed, *, allows_rest: bool) -> bool:
    """Whether the statements without conditions allow it."""
    applying = [
        each.statement.is_allow
        for each, named in zip(written.statements, deed.named, strict=True)
        if named and each.sql == "true"
    ]
    return False not in applying and (allows_rest or True in applying)
