"""One policy, ready to be asked: its statements compiled, and where each stands in its text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from sakimori.analysis.iam.conditions import Question, question_of
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.kept import Kept
from sakimori.analysis.iam.patterns import (
    actions_matcher,
    filled_matcher,
    resource_matcher,
    resources_matcher,
    template_of,
)
from sakimori.analysis.iam.policy_lines import statement_lines
from sakimori.collect.kleene import every, opposite
from sakimori.collect.policy_document import Document, Statement, document_of

_Resources: TypeAlias = Callable[[str, Context], bool | None]


FULL_ACCESS: Final[Mapping[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
"""What AdministratorAccess is, and FullAWSAccess. Source: AWS Managed Policy Reference Guide; Organizations User Guide, "SCPs"."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement that can be asked whether it speaks of an action (in lower case), a resource and a context."""

    statement: Statement
    names_action: Callable[[str], bool]
    _resources: _Resources
    _questions: tuple[Question, ...]

    def holds(self, action: str, resource: str, context: Context) -> bool | None:
        """Whether it applies, whoever asks. Raises nothing."""
        if self.names_action(action) == self.statement.is_not_action:
            return False
        answer = self._resources(resource, context)
        if answer is False:
            return False
        for question in self._questions:
            found = question(context)
            if found is False:
                return False
            answer = None if found is None else answer
        return answer

    def holds_somewhere(self, action: str, context: Context, is_named: Callable[[str], bool]) -> bool | None:
        """The same of a resource that nobody named: None where it applies to some alone.

        `is_named` says of a pattern whether it takes any resource of the action at all.
        """
        statement = self.statement
        if self.names_action(action) == statement.is_not_action:
            return False
        if not statement.names_resource:
            answer = self._resources("*", context)
        elif any(not each.strip("*") for each in statement.resources):
            answer = not statement.is_not_resource
        else:
            answer = None if any(map(is_named, statement.resources)) else statement.is_not_resource
        return every([answer, *(question(context) for question in self._questions)])


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`name` as people know it; `source` the document as it was given, from which its lines are told."""

    name: str
    document: Document
    arn: str = ""
    """Of a managed policy."""
    source: object = field(default=None, repr=False, compare=False)
    allows: tuple[Clause, ...] = field(init=False, repr=False, compare=False)
    denies: tuple[Clause, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clauses = [clause_of(each, has_variables=self.document.has_variables) for each in self.document.statements]
        object.__setattr__(self, "allows", tuple(each for each in clauses if each.statement.is_allow))
        object.__setattr__(self, "denies", tuple(each for each in clauses if not each.statement.is_allow))

    def line(self, statement: Statement) -> int:
        """Where the statement begins in the text, from 1; of a document without text, as it is written out with four blanks."""
        return self._lines[statement.index] if statement.index < len(self._lines) else 1

    @cached_property
    def _lines(self) -> Sequence[int]:
        return statement_lines(self.source)


def policy_of(name: str, source: object, arn: str = "") -> Policy:
    """A policy in any of its forms; raises NotUnderstoodError."""
    return Policy(name=name, document=document_of(source), arn=arn, source=source)


def clause_of(statement: Statement, *, has_variables: bool) -> Clause:
    """The statement compiled; the same statement once."""
    return _clauses((statement, has_variables))


def _clause(told: tuple[Statement, bool]) -> Clause:
    statement, has_variables = told
    return Clause(
        statement,
        actions_matcher(statement.actions),
        _resources(statement, has_variables=has_variables),
        tuple(question_of(each, has_variables=has_variables) for each in statement.conditions),
    )


def _weight(told: tuple[Statement, bool]) -> int:
    """Its characters, and somewhat for each thing that is made."""
    statement, _ = told
    words = [*statement.actions, *statement.resources, *(text for each in statement.conditions for text in each.values)]
    return sum(map(len, words)) + 16 * len(words) + 100


# Characters; what is made of them is some ten times as large.
_clauses: Final = Kept(_clause, weigh=_weight, most=8_000_000)


def _resources(statement: Statement, *, has_variables: bool) -> _Resources:
    matches = _among(statement.resources, has_variables=has_variables)
    if not statement.names_resource:
        whole = True if statement.may_leave_out_resource else None
        return lambda _resource, _context: whole
    if statement.is_not_resource:
        return lambda resource, context: opposite(matches(resource, context))
    return matches


def _among(patterns: tuple[str, ...], *, has_variables: bool) -> _Resources:
    if not has_variables or not any("${" in each for each in patterns):
        plain = resources_matcher(patterns)
        return lambda resource, _: plain(resource)
    templates = [template_of(each, has_variables=True) for each in patterns]
    return lambda resource, context: filled_matcher(templates, context, resource_matcher)(resource)
