"""Conditions of statements, each compiled once into a question to the request's context. Three-valued.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys".
"""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.patterns import (
    ARN_PARTS,
    Matcher,
    Token,
    any_of,
    arn_matcher,
    filled_matcher,
    plain_matcher,
    template_of,
    text_matcher,
)
from sakimori.collect.kleene import every, opposite, some
from sakimori.collect.policy_document import Condition

Question: TypeAlias = Callable[[Context], bool | None]

_OPERATOR: Final = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?\Z")
_EPOCH: Final = re.compile(r"[0-9]{1,12}\Z")


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
    """Whether a request fulfils the condition. An operator that is not known leaves it unknown."""
    asked, key = operator_of(condition.operator), condition.key.lower()
    if asked is None:
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
        matcher = comparing(context)
        answers = [opposite(matcher(value)) if asked.is_negated else matcher(value) for value in found]
        return _of_several(asked, answers)

    return ask


def _of_absent(asked: Operator) -> bool:
    if asked.quantifier:
        return asked.quantifier == "forallvalues" or asked.is_if_exists
    return asked.is_negated or asked.is_if_exists


def _of_several(asked: Operator, answers: Sequence[bool | None]) -> bool | None:
    if asked.quantifier == "foranyvalue":
        return some(answers)
    if asked.quantifier == "forallvalues" or len(answers) == 1:
        return every(answers)
    # Several values under an operator for one: AWS asks for a set operator and does not say what happens without.
    return answers[0] if len(set(answers)) == 1 else None


def _null(key: str, values: Iterable[str]) -> Question:
    wanted = {value.lower() for value in values}

    def ask(context: Context) -> bool | None:
        found = context.value(key)
        if found is Missing.UNKNOWN:
            return True if {"true", "false"} <= wanted else None
        return ("true" if found is Missing.ABSENT else "false") in wanted

    return ask


# -- comparisons: from a policy's values to a question to one value of the request ---------


def _comparing(comparison: str, values: Sequence[str], *, has_variables: bool) -> Callable[[Context], Matcher]:
    if comparison not in _OF_PATTERNS:
        made = any_of([_OF_VALUES[comparison](value) for value in values]) if values else _never
        return lambda _: made
    of_tokens = _OF_PATTERNS[comparison]
    templates = [template_of(value, has_variables=has_variables) for value in values]
    if not any(template.variables for template in templates):
        fixed = any_of([of_tokens(template.tokens()) for template in templates]) if templates else _never
        return lambda _: fixed

    return lambda context: filled_matcher(templates, context, of_tokens)


def _never(_: str) -> bool:
    return False


def _ignoring_case(tokens: Sequence[Token]) -> Matcher:
    equals = plain_matcher([each.casefold() if isinstance(each, str) else each for each in tokens])
    return lambda text: equals(text.casefold())


def _arn(tokens: Sequence[Token]) -> Matcher:
    matches = arn_matcher(tokens)
    return lambda text: matches(text) if text.count(":") >= ARN_PARTS - 1 else False


def _number(compare: Callable[[float, float], bool]) -> Callable[[str], Matcher]:
    return lambda wanted: _ordered(as_number, compare, wanted)


def _date(compare: Callable[[float, float], bool]) -> Callable[[str], Matcher]:
    return lambda wanted: _ordered(as_moment, compare, wanted)


def _ordered(read: Callable[[str], float | None], compare: Callable[[float, float], bool], wanted: str) -> Matcher:
    """What is no number or no date compares to nothing."""
    limit = read(wanted)
    if limit is None:
        return _never

    def matches(text: str) -> bool:
        value = read(text)
        return value is not None and compare(value, limit)

    return matches


def as_number(text: str) -> float | None:
    """As conditions read a number; None for what is none, infinity and NaN among it."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None


def as_moment(text: str) -> float | None:
    """Seconds since 1970; AWS takes ISO 8601 and the seconds themselves."""
    if _EPOCH.match(text):
        return float(text)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _boolean(wanted: str) -> Matcher:
    word = wanted.lower()
    return (lambda text: text.lower() == word) if word in {"true", "false"} else _never


def _binary(wanted: str) -> Matcher:
    octets = _octets(wanted)
    return (lambda text: _octets(text) == octets) if octets is not None else _never


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _address(wanted: str) -> Matcher:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return _never

    def matches(text: str) -> bool:
        try:
            place = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return False
        return place.version == network.version and place.subnet_of(network)  # pyright: ignore[reportArgumentType]

    return matches


_OF_PATTERNS: Final[Mapping[str, Callable[[Sequence[Token]], Matcher]]] = {
    "stringequals": plain_matcher,
    "stringequalsignorecase": _ignoring_case,
    "stringlike": text_matcher,
    # AWS: ArnEquals and ArnLike behave alike.
    "arnequals": _arn,
    "arnlike": _arn,
}
_OF_VALUES: Final[Mapping[str, Callable[[str], Matcher]]] = {
    "numericequals": _number(operator.eq),
    "numericlessthan": _number(operator.lt),
    "numericlessthanequals": _number(operator.le),
    "numericgreaterthan": _number(operator.gt),
    "numericgreaterthanequals": _number(operator.ge),
    "dateequals": _date(operator.eq),
    "datelessthan": _date(operator.lt),
    "datelessthanequals": _date(operator.le),
    "dategreaterthan": _date(operator.gt),
    "dategreaterthanequals": _date(operator.ge),
    "bool": _boolean,
    "binaryequals": _binary,
    "ipaddress": _address,
}
_NEGATIONS: Final = {
    "stringnotequals": "stringequals", "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike", "arnnotequals": "arnequals", "arnnotlike": "arnlike",
    "numericnotequals": "numericequals", "datenotequals": "dateequals", "notipaddress": "ipaddress",
}  # fmt: skip
COMPARISONS: Final = frozenset({*_OF_PATTERNS, *_OF_VALUES, "null"})
"""The comparisons that AWS documents, in lower case and without negation."""
