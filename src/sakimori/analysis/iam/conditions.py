"""Conditions of statements, each compiled once into a question to the request's context. Three-valued.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys".
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sakimori.analysis.iam.comparisons import OF_PATTERNS, OF_VALUES, Comparison
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.kept import Kept
from sakimori.analysis.iam.patterns import any_of, filled_tokens, template_of
from sakimori.collect.kleene import every, opposite, some
from sakimori.collect.policy_document import Condition

Question: TypeAlias = Callable[[Context], bool | None]

_OPERATOR: Final = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?\Z")
_WORDS: Final = frozenset({"true", "false"})
_MOST_TRIALS: Final = 200_000
"""Of patterns with values of one request; a condition of more is left open. It is a moment's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """`comparison` in lower case and without negation, as `stringequals`; `quantifier` "", forallvalues or foranyvalue."""

    comparison: str
    is_negated: bool = False
    quantifier: str = ""
    is_if_exists: bool = False


def operator_of(name: str) -> Operator | None:
    """None for a name that AWS's documents do not have.

    >>> operator_of("ForAnyValue:StringNotLikeIfExists")
    Operator(comparison='stringlike', is_negated=True, quantifier='foranyvalue', is_if_exists=True)
    """
    match = _OPERATOR.match(name.lower())
    if match is None:
        return None
    quantifier, comparison, if_exists = match.groups()
    positive = _NEGATIONS.get(comparison, comparison)
    if positive not in COMPARISONS or (if_exists and positive == "null"):
        return None
    return Operator(
        comparison=positive,
        is_negated=positive != comparison,
        quantifier=quantifier or "",
        is_if_exists=bool(if_exists),
    )


def question_of(condition: Condition, *, has_variables: bool) -> Question:
    """Whether a request fulfils the condition. An operator that is not known, or one without values, leaves it unknown.

    Of a key without values IAM Access Analyzer says that it has no effect on the policy, and not whether it holds then.
    """
    return _questions((condition, has_variables))


def _question(told: tuple[Condition, bool]) -> Question:
    condition, has_variables = told
    asked, key = operator_of(condition.operator), condition.key.lower()
    if asked is None or not condition.values:
        return lambda _: None
    if asked.comparison == "null":
        return _null(key, condition.values)
    comparing = _comparing(asked.comparison, condition.values, has_variables=has_variables)

    def ask(context: Context) -> bool | None:
        found = context.value(key)
        if found is Missing.ABSENT:
            return _of_absent(asked)
        if isinstance(found, Missing):
            return None
        comparison = comparing(context)
        if len(found) > 1 and comparison.weight * len(found) > _MOST_TRIALS:
            return None
        matches = comparison.matches
        answers = [opposite(matches(value)) if asked.is_negated else matches(value) for value in found]
        return _of_set(asked, found, answers) if asked.quantifier else _of_several(answers)

    return ask


def _weight(told: tuple[Condition, bool]) -> int:
    values = told[0].values
    return sum(map(len, values)) + 16 * len(values) + 100


# Characters; what is made of them is some ten times as large.
_questions: Final = Kept(_question, weigh=_weight, most=4_000_000)


def _of_absent(asked: Operator) -> bool:
    if asked.quantifier:
        return asked.quantifier == "forallvalues" or asked.is_if_exists
    return asked.is_negated or asked.is_if_exists


def _of_several(answers: Sequence[bool | None]) -> bool | None:
    """Several values under an operator for one: AWS asks for a set operator and does not say what happens without."""
    return answers[0] if len(set(answers)) == 1 else None


def _of_set(asked: Operator, values: Sequence[str], answers: Sequence[bool | None]) -> bool | None:
    """An empty text is a set of nothing, as AWS documents; of one among others it does not say whether it counts."""
    of_all = every if asked.quantifier == "forallvalues" else some
    if "" not in values:
        return of_all(answers)
    rest = [answer for value, answer in zip(values, answers, strict=True) if value]
    found = of_all(rest)
    return found if not rest or found is of_all(answers) else None


def _null(key: str, values: Iterable[str]) -> Question:
    """Of an empty text AWS does not say whether it is a value; nor what it makes of other words than true and false."""
    wanted = {value.lower() for value in values}
    if wanted >= _WORDS:
        return lambda _: True
    otherwise = False if wanted <= _WORDS else None

    def ask(context: Context) -> bool | None:
        found = context.value(key)
        if found is Missing.UNKNOWN or (isinstance(found, tuple) and not any(found)):
            return None
        return ("true" if found is Missing.ABSENT else "false") in wanted or otherwise

    return ask


def _comparing(comparison: str, values: Sequence[str], *, has_variables: bool) -> Callable[[Context], Comparison]:
    """From a policy's values to a question to one value of the request."""
    if comparison not in OF_PATTERNS:
        made = OF_VALUES[comparison](values)
        return lambda _: made
    of_tokens = OF_PATTERNS[comparison]
    templates = [template_of(value, has_variables=has_variables) for value in values]
    if not any(template.variables for template in templates):
        fixed = of_tokens([template.tokens() for template in templates])
        return lambda _: fixed

    def comparing(context: Context) -> Comparison:
        certain, maybe = filled_tokens(templates, context)
        found = of_tokens(certain)
        return Comparison(any_of([found.matches, *maybe]), found.weight + len(maybe)) if maybe else found

    return comparing


_NEGATIONS: Final = {
    "stringnotequals": "stringequals", "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike", "arnnotequals": "arnequals", "arnnotlike": "arnlike",
    "numericnotequals": "numericequals", "datenotequals": "dateequals", "notipaddress": "ipaddress",
}  # fmt: skip
COMPARISONS: Final = frozenset({*OF_PATTERNS, *OF_VALUES, "null"})
"""The comparisons that AWS documents, in lower case and without negation."""
