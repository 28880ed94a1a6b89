"""Conditions and whole statements as truths over the solver's terms: the third reading of the same AST.

What is known already is answered by the core itself, so that the solver meets only what the caller may choose.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sakimori.analysis.iam.conditions import Operator, operator_of, question_of
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.patterns import (  # fmt: skip
    Variable,
    actions_matcher,
    filled_matcher,
    resource_matcher,
    template_of,
)
from sakimori.analysis.iam.smt.text import (  # fmt: skip
    Filling,
    Piece,
    among,
    arn_like,
    equals,
    ignoring_case,
    like,
    literal,
    pieces_of,
    resource_like,
)
from sakimori.analysis.iam.smt.truth import (  # fmt: skip
    NEVER,
    SURE,
    UNSURE,
    Term,
    Truth,
    all_of,
    both,
    either,
    exactly,
    given,
    known,
    negated,
    some_of,
)
from sakimori.analysis.iam.smt.values import Fixed, Key, Symbolic, TextValue, Value
from sakimori.collect.policy_document import Condition, Statement

Keys: TypeAlias = Callable[[str], Key]
"""The model of a key by its name in lower case."""

_WORDS: Final = frozenset({"true", "false"})
_OF_TEXTS: Final[dict[str, Callable[[Term, Sequence[Piece]], Truth]]] = {
    "stringequals": equals,
    "stringequalsignorecase": ignoring_case,
    "stringlike": like,
    "arnequals": arn_like,
    "arnlike": arn_like,
}


@dataclass(frozen=True, slots=True)
class Place:
    """What is done to what: an action in lower case and a resource, each a plain text or a term."""

    action: Term
    resource: Term


def statement_truth(statement: Statement, place: Place, keys: Keys, *, has_variables: bool) -> Truth:
    """Whether the statement applies, whoever asks."""
    action = exactly(_names_action(statement.actions, place.action))
    named = action.opposite if statement.is_not_action else action
    if named.may is False:
        return NEVER
    resource = _resource_truth(statement, place.resource, keys, has_variables=has_variables)
    if resource.may is False:
        return NEVER
    met = (condition_truth(each, keys, has_variables=has_variables) for each in statement.conditions)
    return all_of([named, resource, *met])


def _names_action(patterns: tuple[str, ...], action: Term) -> Term:
    if isinstance(action, str):
        return actions_matcher(patterns)(action)
    return among(action, [each.lower() for each in patterns if each.isascii() and each])


def _resource_truth(statement: Statement, resource: Term, keys: Keys, *, has_variables: bool) -> Truth:
    if not statement.names_resource:
        return SURE if statement.may_leave_out_resource else UNSURE
    found = list[Truth]()
    for pattern in statement.resources:
        template = template_of(pattern, has_variables=has_variables)
        context = _context_of(keys, [each.key for each in template.variables])
        if isinstance(resource, str) and context is not None:
            found.append(known(filled_matcher([template], context, resource_matcher)(resource)))
        else:
            value = literal(resource) if isinstance(resource, str) else resource
            found.append(resource_like(value, pieces_of(template, _filler(keys))))
    whole = some_of(found)
    return whole.opposite if statement.is_not_resource else whole


def condition_truth(condition: Condition, keys: Keys, *, has_variables: bool) -> Truth:
    """Whether the request fulfils the condition."""
    asked, name = operator_of(condition.operator), condition.key.lower()
    if asked is None or not condition.values:
        return UNSURE
    key = keys(name)
    variables = _variables_of(condition, asked, has_variables=has_variables)
    context = _context_of(keys, [name, *variables])
    if context is not None:
        return known(question_of(condition, has_variables=has_variables)(context))
    if isinstance(key, Fixed):
        if isinstance(key.known, Missing):
            return UNSURE
        key = Symbolic(present=True, values=tuple((True, TextValue(literal(each))) for each in key.known))
    if asked.comparison == "null":
        return _null(key, condition.values)
    answers = [
        (used, _answer(value, asked, condition.values, keys, has_variables=has_variables)) for used, value in key.values
    ]
    absent = exactly(negated(key.present)) if _of_absent(asked) else NEVER
    if asked.quantifier:
        found = _of_set(asked, answers, [_is_empty(value) for _, value in key.values])
    else:
        found = _of_several(answers)
    return some_of([given(key.present, found), absent])


def _variables_of(condition: Condition, asked: Operator, *, has_variables: bool) -> list[str]:
    if asked.comparison not in _OF_TEXTS:
        return []
    templates = [template_of(each, has_variables=has_variables) for each in condition.values]
    return [variable.key for template in templates for variable in template.variables]


def _context_of(keys: Keys, names: Iterable[str]) -> Context | None:
    """The keys as the core takes them; None where the solver chooses one of them."""
    values, unknown = dict[str, tuple[str, ...]](), set[str]()
    for name in names:
        key = keys(name)
        if not isinstance(key, Fixed):
            return None
        if key.known is Missing.UNKNOWN:
            unknown.add(name)
        else:
            values[name] = key.known if isinstance(key.known, tuple) else ()
    return Context(values, frozenset(unknown))


def _filler(keys: Keys) -> Callable[[Variable], Filling]:
    def fill(variable: Variable) -> Filling:
        key = keys(variable.key)
        if isinstance(key, Fixed):
            if isinstance(key.known, tuple) and len(key.known) == 1:
                return Filling(present=True, value=key.known[0])
            if key.known is Missing.ABSENT:
                return Filling(variable.default is not None, variable.default)
            return Filling(present=True, value=None)
        value = key.values[0][1]
        if len(key.values) > 1 or not isinstance(value, TextValue) or (variable.default is not None):
            # It may be there or not, and with a default it stands for something either way.
            return Filling(key.present if variable.default is None else True, None)
        return Filling(key.present, value.term)

    return fill


def _answer(value: Value, asked: Operator, wanted: Sequence[str], keys: Keys, *, has_variables: bool) -> Truth:
    """Of one value of the request."""
    compare = _OF_TEXTS.get(asked.comparison)
    if compare is None:
        met = some_of(value.meets(asked.comparison, each) for each in wanted)
    elif isinstance(value, TextValue):
        templates = [template_of(each, has_variables=has_variables) for each in wanted]
        met = some_of(compare(value.term, pieces_of(each, _filler(keys))) for each in templates)
    else:
        met = UNSURE
    return met.opposite if asked.is_negated else met


def _null(key: Symbolic, wanted: Iterable[str]) -> Truth:
    words = {each.lower() for each in wanted}
    if words >= _WORDS:
        return SURE
    otherwise = NEVER if words <= _WORDS else UNSURE
    of_absent, of_present = (SURE if word in words else otherwise for word in ("true", "false"))
    # Of a key of empty texts AWS does not say whether it has a value.
    is_empty = both(either([negated(used), _is_empty(value)]) for used, value in key.values)
    of_present = some_of([given(negated(is_empty), of_present), given(is_empty, UNSURE)])
    return some_of([given(negated(key.present), of_absent), given(key.present, of_present)])


def _of_absent(asked: Operator) -> bool:
    if asked.quantifier:
        return asked.quantifier == "forallvalues" or asked.is_if_exists
    return asked.is_negated or asked.is_if_exists


def _is_empty(value: Value) -> Term:
    return value.term == literal("") if isinstance(value, TextValue) else False


def _of_set(asked: Operator, answers: Sequence[tuple[Term, Truth]], empty: Sequence[Term]) -> Truth:
    """As in the core: empty texts count for nothing where there is nothing else, and may do so where there is."""
    of_all = _every if asked.quantifier == "forallvalues" else _some
    whole = of_all(answers)
    if not any(each is not False for each in empty):
        return whole
    kept = [(both([used, negated(is_empty)]), each) for (used, each), is_empty in zip(answers, empty, strict=True)]
    rest, is_some = of_all(kept), either(used for used, _ in kept)
    return Truth(
        either([rest.may, both([is_some, whole.may])]), both([rest.must, either([negated(is_some), whole.must])])
    )


def _some(answers: Sequence[tuple[Term, Truth]]) -> Truth:
    return some_of(given(used, each) for used, each in answers)


def _every(answers: Sequence[tuple[Term, Truth]]) -> Truth:
    return all_of(some_of([exactly(negated(used)), each]) for used, each in answers)


def _of_several(answers: Sequence[tuple[Term, Truth]]) -> Truth:
    every = _every(answers)
    if len(answers) == 1:
        return every
    # Several values under an operator for one: certain only where all answers are the same.
    return Truth(either(both([used, each.may]) for used, each in answers), every.must)
