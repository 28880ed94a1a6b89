"""The solver as a back end: statements of policies over requests of which not all is known.

`holds_smt` answers what `Clause.holds` answers, by way of the solver: it holds the two readings to each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sakimori.analysis.iam.conditions import operator_of
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.readings import as_flag, as_moment, as_network, as_number
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.smt.conditions import Place, statement_truth
from sakimori.analysis.iam.smt.text import literal
from sakimori.analysis.iam.smt.truth import Term, solve, z3
from sakimori.analysis.iam.smt.values import (  # fmt: skip
    AddressValue,
    Fixed,
    FlagValue,
    Key,
    NumberValue,
    Symbolic,
    TextValue,
    Value,
)
from sakimori.collect.policy_document import Statement

# How often a key's set may be asked before one value for each asking would be too many for the solver.
MOST_VALUES: Final = 6
MILLISECONDS: Final = 2000
_ADDRESSES: Final = frozenset({"ipaddress"})
_FLAGS: Final = frozenset({"bool"})
_NUMBERS: Final = frozenset({"numeric"})
_MOMENTS: Final = frozenset({"date"})


@dataclass(frozen=True, slots=True)
class Use:
    """How a policy uses a key: the kinds of its comparisons, how often, and whether as a set."""

    kinds: frozenset[str] = frozenset()
    times: int = 0
    is_set: bool = False


def uses_of(statements: Iterable[Statement]) -> Mapping[str, Use]:
    """By key in lower case; a key that only a variable names is not there."""
    found = dict[str, Use]()
    for statement in statements:
        for condition in statement.conditions:
            asked, key = operator_of(condition.operator), condition.key.lower()
            if asked is None:
                continue
            old = found.get(key, Use())
            kinds = old.kinds if asked.comparison == "null" else old.kinds | {_kind(asked.comparison)}
            found[key] = Use(kinds, old.times + 1, old.is_set or bool(asked.quantifier))
    return found


def _kind(comparison: str) -> str:
    for kind in ("numeric", "date", "ipaddress", "bool"):
        if comparison.startswith(kind):
            return kind
    return "text"


def value_of(name: str, use: Use) -> Value:
    """A value of the kind that the policy takes it for."""
    solver = z3()
    if use.kinds == _ADDRESSES:
        bits = solver.BitVec(f"{name} 4", 32), solver.BitVec(f"{name} 6", 128)
        return AddressValue(solver.Bool(f"{name} valid"), solver.Bool(f"{name} six"), *bits)
    if use.kinds == _FLAGS:
        return FlagValue(solver.Bool(f"{name} valid"), solver.Bool(f"{name} flag"))
    if use.kinds in (_NUMBERS, _MOMENTS):
        number = solver.Real(f"{name} number")
        return NumberValue(solver.Bool(f"{name} valid"), number, is_moment="date" in use.kinds)
    return TextValue(solver.String(f"{name} text"))


def symbolic(name: str, use: Use, *, values: int = 1) -> Symbolic:
    """A key of which nothing is known, with room for so many values."""
    solver = z3()
    made = [(True, value_of(name, use))]
    made += [(solver.Bool(f"{name} {each} used"), value_of(f"{name} {each}", use)) for each in range(1, values)]
    return Symbolic(solver.Bool(f"{name} present"), tuple(made))


@dataclass(slots=True)
class _Told:
    """The keys of one request, each as a term that is tied to its value."""

    context: Context
    uses: Mapping[str, Use]
    ties: list[Term] = field(default_factory=list[Term])
    made: dict[str, Key] = field(default_factory=dict[str, Key])

    def __call__(self, name: str) -> Key:
        if name not in self.made:
            self.made[name] = self._made(name)
        return self.made[name]

    def _made(self, name: str) -> Key:
        known, use = self.context.value(name), self.uses.get(name, Use())
        if known is Missing.UNKNOWN or (isinstance(known, tuple) and not _is_modelled(use, known)):
            # A range in place of an address, and what cannot be read, are the core's to compare.
            return Fixed(known)
        told = known if isinstance(known, tuple) else ()
        key = symbolic(name, use, values=max(1, len(told)))
        self.ties.append(key.present if told else z3().Not(key.present))
        for text, (used, value) in zip(told, key.values, strict=False):
            self.ties += [value.fixed(text), *([] if used is True else [used])]
        return key


def _is_modelled(use: Use, values: Iterable[str]) -> bool:
    if use.kinds == _ADDRESSES:
        return all((found := as_network(each)) is not None and found.num_addresses == 1 for each in values)
    if use.kinds in (_NUMBERS, _MOMENTS):
        read = as_number if use.kinds == _NUMBERS else as_moment
        return all(read(each) is not None for each in values)
    return use.kinds != _FLAGS or all(as_flag(each) is not None for each in values)


def holds_smt(statement: Statement, request: Request, *, has_variables: bool = True) -> bool | None:
    """Whether the statement applies to the request, whoever asks; None where it is not known or not modelled."""
    action, resource = z3().String("action"), z3().String("resource")
    keys = _Told(request.whole_context(), uses_of([statement]))
    truth = statement_truth(statement, Place(action, resource), keys, has_variables=has_variables)
    ties = [action == literal(request.action.lower()), resource == literal(request.resource), *keys.ties]
    if solve([truth.must, *ties], MILLISECONDS).answer:
        return True
    return False if solve([truth.may, *ties], MILLISECONDS).answer is False else None
