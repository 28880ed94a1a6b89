"""Three-valued truth over the solver's terms: what certainly holds, and what may hold.

A truth of `ask` (True, False, None) is here a pair of formulas: `must` is true where the answer is True, `may` where it is not
False. A proof that nothing is allowed rests on `may`, a witness on `must`, so that what is not modelled can spoil neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, TypeAlias

Term: TypeAlias = Any
"""A term of the solver, or the plain bool, str or number that it would stand for."""


@cache
def z3() -> Any:
    """The solver's module, which takes a moment to load. Raises ModuleNotFoundError without the extra `iam`."""
    import z3 as found  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs] - only who asks pays for it

    return found


def has_solver() -> bool:
    """Whether the extra `iam` is installed."""
    return find_spec("z3") is not None


def both(terms: Iterable[Term]) -> Term:
    """Their conjunction; plain where it is known without the solver."""
    kept = list[Term]()
    for term in terms:
        if term is False:
            return False
        if term is not True:
            kept.append(term)
    if not kept:
        return True
    return kept[0] if len(kept) == 1 else z3().And(*kept)


def either(terms: Iterable[Term]) -> Term:
    """Their disjunction; plain where it is known without the solver."""
    kept = list[Term]()
    for term in terms:
        if term is True:
            return True
        if term is not False:
            kept.append(term)
    if not kept:
        return False
    return kept[0] if len(kept) == 1 else z3().Or(*kept)


def negated(term: Term) -> Term:
    """Its negation."""
    return not term if isinstance(term, bool) else z3().Not(term)


@dataclass(frozen=True, slots=True)
class Truth:
    """`must` implies `may`."""

    may: Term
    must: Term

    @property
    def opposite(self) -> "Truth":
        """Its negation; what is unknown stays so."""
        return Truth(negated(self.must), negated(self.may))


SURE: Final = Truth(may=True, must=True)
NEVER: Final = Truth(may=False, must=False)
UNSURE: Final = Truth(may=True, must=False)
_MOST_WISHES: Final = 8


def exactly(term: Term) -> Truth:
    """A truth that is never unknown."""
    return Truth(term, term)


def known(answer: bool | None) -> Truth:  # noqa: FBT001 - the value itself is the boolean
    """An answer of `ask`."""
    return UNSURE if answer is None else SURE if answer else NEVER


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether each holds."""
    every = list(truths)
    return Truth(both(each.may for each in every), both(each.must for each in every))


def some_of(truths: Iterable[Truth]) -> Truth:
    """Whether one holds."""
    every = list(truths)
    return Truth(either(each.may for each in every), either(each.must for each in every))


def given(condition: Term, truth: Truth) -> Truth:
    """The truth where the condition holds, else false."""
    return Truth(both([condition, truth.may]), both([condition, truth.must]))


@dataclass(frozen=True, slots=True)
class Solved:
    """`answer` None: the solver gave up in its time. `model` where there is one."""

    answer: bool | None
    model: Term = None


def solve(formulas: Iterable[Term], milliseconds: int, wishes: Iterable[Term] = ()) -> Solved:
    """Whether the formulas can all hold; the model fulfils of the wishes, the first ones first, what goes."""
    whole = both(formulas)
    if whole is False:
        return Solved(answer=False)
    solver = z3().Solver()
    solver.set("timeout", max(1, milliseconds))
    solver.add(whole)
    try:
        found = _granted(solver, list(wishes)) or solver.check()
        if found == z3().sat:
            return Solved(answer=True, model=solver.model())
    except z3().Z3Exception:
        return Solved(answer=None)
    return Solved(answer=False if found == z3().unsat else None)


def _granted(solver: Term, wishes: list[Term]) -> Term:
    """The solver's answer with all wishes, or with those that go one after the other; None where none does."""
    if not wishes:
        return None
    sat, kept = z3().sat, list[Term]()
    if solver.check(*wishes) == sat:
        return sat
    for wish in wishes[:_MOST_WISHES]:
        if solver.check(*kept, wish) == sat:
            kept.append(wish)
    # The last check may have been one that failed, which leaves no model.
    return sat if kept and solver.check(*kept) == sat else None
