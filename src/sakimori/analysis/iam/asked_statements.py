"""Statements asked of one request: whether each applies to it, and why that is not known where it is not."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from sakimori.analysis.iam.answer import Because, PolicyKind, Reason
from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.meeting import meets_any
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.policy_carriers import types_of
from sakimori.analysis.iam.principal import PrincipalKind
from sakimori.analysis.iam.request import Request
from sakimori.analysis.iam.session_path import KEY, hangs_on_path
from sakimori.collect.policy_document import Statement

_VARIABLE: Final = re.compile(r"\$\{\s*([^{},'\s]{1,200})[^{}]{0,1100}\}")


class AskedStatements:
    """`action` in lower case; each statement that applies, or may, is added to `reasons`."""

    def __init__(self, request: Request, action: str, reasons: list[Reason]) -> None:
        self.request, self.action, self.reasons = request, action, reasons
        self.context = request.whole_context()
        told = request.context
        self._is_any = request.is_any_resource
        self._may_hang = (
            request.principal.kind is PrincipalKind.SESSION and KEY not in told.values and KEY not in told.unknown
        )

    def holds(self, kind: PolicyKind, policy: Policy, clause: Clause, doubt: Because | None = None) -> bool | None:
        """Whether a statement that speaks of the action applies, whoever is named.

        With a `doubt` it may apply at most, and is told so.
        """
        context = self.context
        if self._may_hang and hangs_on_path(clause.statement, self.request.principal):
            context = self._without_path
        if self._is_any:
            answer = clause.holds_somewhere(context, self._meets)
        else:
            answer = clause.holds_on(self.request.resource, context)
        if answer is False:
            return False
        keys, because = (), None
        if doubt or answer is None:
            keys = tuple(sorted(set(_unknown_keys(clause.statement, context))))
            because = doubt or self._because(keys)
        self.reasons.append(
            Reason(
                kind=kind, is_allow=clause.statement.is_allow, certain=bool(answer) and doubt is None, policy=policy,
                statement=clause.statement, because=because, keys=keys,
            )
        )  # fmt: skip
        return answer

    @cached_property
    def _without_path(self) -> Context:
        values = {key: value for key, value in self.context.values.items() if key != KEY}
        return replace(self.context, values=values, unknown=self.context.unknown | {KEY})

    def _meets(self, pattern: str) -> bool:
        """Whether some resource of the action is what the pattern of a policy names."""
        types = types_of(self.action)
        # Of an action that is not in the table, any resource may be one of its.
        return types is None or meets_any(_VARIABLE.sub("*", pattern), types)

    def _because(self, keys: tuple[str, ...]) -> Because | None:
        if keys:
            return None
        return Because.SOME_RESOURCES if self._is_any else Because.PATTERN_NOT_CLEAR


def _unknown_keys(statement: Statement, context: Context) -> Iterator[str]:
    """Keys of unknown value that the statement asks for, as it writes them, and those of its variables."""
    for each in statement.conditions:
        if context.value(each.key.lower()) is Missing.UNKNOWN:
            yield each.key
    texts = [*statement.resources, *(value for each in statement.conditions for value in each.values)]
    for text in texts:
        for match in _VARIABLE.finditer(text) if "${" in text else ():
            if context.value(match[1].lower()) is Missing.UNKNOWN:
                yield match[1]
