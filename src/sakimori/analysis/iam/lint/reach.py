"""Statements that say nothing, all, or what another one has said. Only what is certain is told.

Source: IAM User Guide, "Policy evaluation logic" (a Deny wins over each Allow, and an Allow counts once).
"""

from collections.abc import Callable, Sequence
from typing import Final

from sakimori.analysis.iam.lint.contradiction import contradictory
from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.patterns import covers
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, Word, is_star

_MOST_STATEMENTS: Final = 300
_MOST_COMPARED: Final = 2_000_000
"""Pairs of patterns."""


def check_reach(policy: LintPolicy) -> Checked:
    """Of each statement, and of each pair of them."""
    for statement in policy.statements:
        if _never_applies(statement):
            yield Found("allows-nothing" if statement.is_allow else "denies-nothing", statement.path)
        elif statement.effect == "Deny" and _is_all(policy, statement):
            yield Found("denies-everything", statement.path)
    yield from _covered(policy)


def _never_applies(statement: LintStatement) -> bool:
    if not statement.effect:
        return False
    nobody = statement.is_not_principal and any(is_star(each.text) for each in statement.principals.get("AWS", ()))
    return (
        nobody
        or (statement.is_not_action and any(is_star(each.text) for each in statement.actions))
        or (statement.is_not_resource and any(is_star(each.text) for each in statement.resources))
        or next(contradictory(statement), None) is not None
    )


def _is_all(policy: LintPolicy, statement: LintStatement) -> bool:
    who = not policy.kind.names_principals or statement.is_for_everyone
    what = statement.names_all_resources or policy.kind is LintKind.TRUST
    return statement.names_all_actions and what and who and "Condition" not in statement.raw


def _covered(policy: LintPolicy) -> Checked:
    told = [each for each in policy.statements if _is_plain(each)]
    if len(told) > _MOST_STATEMENTS:
        yield Found("not-checked", (), {"what": "covered"})
        return
    budget = _MOST_COMPARED
    for place, narrow in enumerate(told):
        for other, wide in enumerate(told):
            if other == place or not _may_cover(wide, narrow, is_earlier=other < place):
                continue
            budget -= _weight(wide) * _weight(narrow)
            if budget < 0:
                yield Found("not-checked", (), {"what": "covered"})
                return
            if _covers(wide, narrow):
                code = "covered-statement" if wide.is_allow is narrow.is_allow else "allow-fully-denied"
                number = str(wide.path[-1] + 1) if isinstance(wide.path[-1], int) else "1"
                yield Found(code, narrow.path, {"number": f"{number} ({wide.sid})" if wide.sid else number})
                break


def _weight(statement: LintStatement) -> int:
    return len(statement.actions) + len(statement.resources) + 1


def _is_plain(statement: LintStatement) -> bool:
    is_negated = statement.is_not_action or statement.is_not_resource or statement.is_not_principal
    return bool(statement.effect and statement.actions) and not is_negated


def _may_cover(wide: LintStatement, narrow: LintStatement, *, is_earlier: bool) -> bool:
    """A statement makes a later one of its own effect needless, and a Deny each Allow; so far as is quickly told."""
    is_telling = is_earlier if wide.is_allow is narrow.is_allow else not wide.is_allow
    return (
        is_telling
        and bool(wide.resources) == bool(narrow.resources)
        and bool(wide.principals) == bool(narrow.principals)
        and all(each in _conditions(narrow) for each in _conditions(wide))
    )


def _covers(wide: LintStatement, narrow: LintStatement) -> bool:
    """All that the narrow one speaks of, the wide one speaks of: it has no condition that the other lacks."""
    return (
        _each_covered(wide.actions, narrow.actions, lambda text: text.lower())
        and _each_covered(wide.resources, narrow.resources, str)
        and all(_names_all(wide, kind, words) for kind, words in narrow.principals.items())
    )


def _conditions(statement: LintStatement) -> list[tuple[str, str, frozenset[str]]]:
    return [
        (each.operator.lower(), each.key.lower(), frozenset(word.text for word in each.values))
        for each in statement.conditions
    ]


def _each_covered(wide: Sequence[Word], narrow: Sequence[Word], form: Callable[[str], str]) -> bool:
    patterns = [form(each.text) for each in wide]
    return all(any(covers(pattern, form(each.text)) for pattern in patterns) for each in narrow)


def _names_all(wide: LintStatement, kind: str, words: Sequence[Word]) -> bool:
    known = {each.text for each in wide.principals.get(kind, ())}
    return wide.is_for_everyone or all(each.text in known for each in words)
