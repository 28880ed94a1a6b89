"""One policy, ready to be asked: its statements compiled, and where each stands in its text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from sakimori.analysis.iam.conditions import Question, question_of
from sakimori.analysis.iam.context import Context, Known, Missing
from sakimori.analysis.iam.kept import Kept
from sakimori.analysis.iam.patterns import (
    ANY,
    Matcher,
    Wild,
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


class Clause:
    """A statement that can be asked whether it speaks of an action (in lower case), a resource and a context.

    What a question needs is made when it is first asked: most statements of a policy speak of other actions.
    """

    __slots__ = ("_actions", "_has_variables", "_questions", "_resources", "statement")

    def __init__(self, statement: Statement, *, has_variables: bool) -> None:
        self.statement, self._has_variables = statement, has_variables
        self._actions: Callable[[str], bool] | None = None
        self._resources: _Resources | None = None
        self._questions: tuple[Question, ...] = ()

    def names_action(self, action: str) -> bool:
        """Whether the action is among those that it writes, be it to leave them out."""
        if self._actions is None:
            self._actions = actions_matcher(self.statement.actions)
        return self._actions(action)

    def speaks_of(self, action: str) -> bool:
        """Whether it is about the action."""
        return self.names_action(action) is not self.statement.is_not_action

    def holds(self, action: str, resource: str, context: Context) -> bool | None:
        """Whether it applies, whoever asks. Raises nothing."""
        return self.holds_on(resource, context) if self.speaks_of(action) else False

    def holds_on(self, resource: str, context: Context) -> bool | None:
        """The same of an action of which it speaks."""
        answer = self._asked_resources()(resource, context)
        if answer is False:
            return False
        for question in self._questions:
            found = question(context)
            if found is False:
                return False
            answer = None if found is None else answer
        return answer

    def _asked_resources(self) -> _Resources:
        if self._resources is None:
            statement, has_variables = self.statement, self._has_variables
            self._questions = tuple(question_of(each, has_variables=has_variables) for each in statement.conditions)
            self._resources = _resources(statement, has_variables=has_variables)
        return self._resources

    def holds_somewhere(self, context: Context, is_named: Callable[[str], bool]) -> bool | None:
        """The same, of a resource that nobody named: None where it applies to some alone.

        `is_named` says of a pattern whether it takes any resource of the action at all.
        """
        statement, matches = self.statement, self._asked_resources()
        if not statement.names_resource:
            answer = matches("*", context)
        elif any(not each.strip("*") for each in statement.resources):
            answer = not statement.is_not_resource
        else:
            answer = None if any(map(is_named, statement.resources)) else statement.is_not_resource
        return every([answer, *(question(context) for question in self._questions)])


_Both: TypeAlias = tuple[tuple[Clause, ...], tuple[Clause, ...]]


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

    _speaking: dict[str, _Both] = field(init=False, repr=False, compare=False, default_factory=dict[str, _Both])

    def __post_init__(self) -> None:
        has_variables = self.document.has_variables
        clauses = [Clause(each, has_variables=has_variables) for each in self.document.statements]
        object.__setattr__(self, "allows", tuple([each for each in clauses if each.statement.is_allow]))
        object.__setattr__(self, "denies", tuple([each for each in clauses if not each.statement.is_allow]))

    def allowing(self, action: str) -> tuple[Clause, ...]:
        """Its statements that allow and speak of the action, in lower case."""
        return self._of(action)[0]

    def denying(self, action: str) -> tuple[Clause, ...]:
        """Its statements that deny and speak of the action, in lower case."""
        return self._of(action)[1]

    def _of(self, action: str) -> _Both:
        found = self._speaking.get(action)
        if found is None:
            allows = tuple([each for each in self.allows if each.speaks_of(action)])
            found = allows, tuple([each for each in self.denies if each.speaks_of(action)])
            if len(self._speaking) >= _MOST_ACTIONS or len(action) > _LONGEST_ACTION:
                self._speaking.clear()
            self._speaking[action] = found
        return found

    def line(self, statement: Statement) -> int:
        """Where the statement begins in the text, from 1; of a document without text, as it is written out with four blanks."""
        return self._lines[statement.index] if statement.index < len(self._lines) else 1

    @cached_property
    def _lines(self) -> Sequence[int]:
        return statement_lines(self.source)


def policy_of(name: str, source: object, arn: str = "") -> Policy:
    """A policy in any of its forms; raises NotUnderstoodError."""
    return Policy(name=name, document=document_of(source), arn=arn, source=source)


_MOST_ACTIONS: Final = 32
"""Of each policy, so many actions are remembered."""
_LONGEST_ACTION: Final = 200


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
    # What does not begin as one of them does, or lacks a plain stretch of it, is none of them, whatever fills the rest.
    heads = tuple(template.head for template in templates)
    forms = [Wild(template.tokens([ANY] * len(template.variables))) for template in templates]
    keys = tuple(dict.fromkeys(variable.key for template in templates for variable in template.variables))

    def matches(resource: str, context: Context) -> bool | None:
        if not resource.startswith(heads) or not any(form(resource) for form in forms):
            return False
        return _filled((patterns, keys, tuple(map(context.value, keys))))(resource)

    return matches


_Filling: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[Known, ...]]
"""Patterns, the keys of their variables, and what one request has for each."""


def _fill(told: _Filling) -> Matcher:
    patterns, keys, values = told
    known = {key: value for key, value in zip(keys, values, strict=True) if isinstance(value, tuple)}
    absent = {key: () for key, value in zip(keys, values, strict=True) if value is Missing.ABSENT}
    context = Context({**known, **absent}, frozenset(keys) - known.keys() - absent.keys())
    return filled_matcher([template_of(each, has_variables=True) for each in patterns], context, resource_matcher)


def _filling_weight(told: _Filling) -> int:
    patterns, keys, values = told
    texts = (*patterns, *keys, *(text for each in values if isinstance(each, tuple) for text in each))
    return sum(map(len, texts)) + 16 * len(texts)


_filled: Final = Kept(_fill, weigh=_filling_weight, most=2_000_000)
