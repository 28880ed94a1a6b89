"""Conditions on one key that no request fulfils together.

Tried on the values that could fulfil them, with the same questions that `ask` puts to a request. It is told only where the values
tried are all there are to try: where a condition names its values, or all are numbers, dates or the key's presence.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Final

from sakimori.analysis.iam.conditions import question_of
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.statement import LintCondition, LintPolicy, LintStatement
from sakimori.analysis.iam.readings import Number, as_moment, as_number, decimal
from sakimori.collect.policy_document import Condition

_MOST_VALUES: Final = 80
"""Of all conditions on one key together; more are not compared."""
_EXACT: Final = frozenset({"stringequals", "bool", "numericequals", "dateequals", "ipaddress"})


def contradictory(statement: LintStatement) -> Iterator[LintCondition]:
    """One condition of each key whose conditions exclude each other."""
    by_key = defaultdict[str, list[LintCondition]](list)
    for condition in statement.conditions:
        by_key[condition.key.lower()].append(condition)
    for key, conditions in by_key.items():
        if len(conditions) > 1 and _is_decidable(conditions) and not _can_hold(key, conditions):
            yield conditions[-1]


def check_contradictions(policy: LintPolicy) -> Checked:
    """Of each statement."""
    for statement in policy.statements:
        for condition in contradictory(statement):
            yield Found("contradictory-conditions", condition.path, {"key": condition.key})


def _is_decidable(conditions: Sequence[LintCondition]) -> bool:
    count = 0
    for each in conditions:
        count += len(each.values)
        if (
            each.asked is None
            or each.asked.quantifier
            or not each.values
            or any("${" in word.text for word in each.values)
        ):
            return False
    if count > _MOST_VALUES:
        return False
    asked = [each.asked for each in conditions if each.asked]
    is_named = any(each.comparison in _EXACT and not each.is_negated for each in asked)
    families = {"numeric" if each.comparison.startswith("numeric") else each.comparison[:4] for each in asked} - {
        "null"
    }
    is_absent = any(
        each.asked and each.asked.comparison == "null" and {word.text.lower() for word in each.values} == {"true"}
        for each in conditions
    )
    return is_named or is_absent or families in ({"numeric"}, {"date"})


def _can_hold(key: str, conditions: Sequence[LintCondition]) -> bool:
    questions = [
        question_of(
            Condition(operator=each.operator, key=each.key, values=tuple(word.text for word in each.values)),
            has_variables=False,
        )
        for each in conditions
    ]
    tried = [Context({}), *(Context({key: (value,)}) for value in _values(conditions))]
    return any(_all(question(context) for question in questions) for context in tried if _fits(context, key))


def _fits(context: Context, key: str) -> bool:
    """A key that each request carries cannot be absent."""
    return context.value(key) is not Missing.UNKNOWN


def _all(answers: Iterable[bool | None]) -> bool:
    """Nothing speaks against it."""
    return all(answer is not False for answer in answers)


def _values(conditions: Sequence[LintCondition]) -> Iterator[str]:
    for each in conditions:
        yield from (word.text for word in each.values)
    comparisons = [each.asked.comparison for each in conditions if each.asked]
    texts = [word.text for each in conditions for word in each.values]
    if any(each.startswith("numeric") for each in comparisons):
        yield from map(decimal, _between(_read(texts, as_number)))
    elif any(each.startswith("date") for each in comparisons):
        yield from (_told(each) for each in _between(_read(texts, as_moment)) if 0 <= each < 2**36)
    if "bool" in comparisons:
        yield from ("true", "false")


def _between(limits: Iterable[Number]) -> Iterator[Number]:
    """A number on each side of each limit, and between each two."""
    points = sorted(set(limits))
    if points:
        yield points[0] - 1
        yield points[-1] + 1
    yield from (Fraction(low + high) / 2 for low, high in pairwise(points))


def _read(texts: Iterable[str], reading: Callable[[str], Number | None]) -> Iterator[Number]:
    return (number for text in texts if (number := reading(text)) is not None)


def _told(moment: Number) -> str:
    return datetime.fromtimestamp(float(moment), UTC).isoformat()
