"""Policies as SQL: each statement a three-valued predicate over recorded requests, in which NULL is *not known*.

The predicate reads, of a row, `resource` (an ARN, `*`, or NULL) and for each condition key `"<key>"` and `"<key> absent"`.
What SQL cannot say exactly (Unicode's folding of case, IPv6, variables) it looks up: `Lookup` tells which different values
are to be judged in Python, once each. Whether a statement speaks of an action is no part of the predicate.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from msgspec import structs

from sakimori.analysis.iam.conditions import Operator, operator_of, question_of
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.patterns import template_of
from sakimori.analysis.iam.policy import Clause, Policy
from sakimori.analysis.iam.sql.compare import compare, resource_among
from sakimori.analysis.iam.sql.keys import KEYS, RESOURCE_ACCOUNT, UNTOLD
from sakimori.collect.policy_document import Condition, Statement

Judge: TypeAlias = Callable[[str, Context], bool | None]
"""From a resource and a context to what holds of them."""

_ANY_ACTION: Final = "any:Thing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Something to be judged in Python: in SQL it is `lookup_<number>.verdict`, joined by these keys and the resource."""

    number: int
    keys: tuple[str, ...]
    reads_resource: bool
    judge: Judge

    @property
    def name(self) -> str:
        """The relation with its verdicts."""
        return f"lookup_{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSql:
    """`sql` is true where the statement applies to a request for an action that it names, NULL where it may."""

    statement: Statement
    sql: str
    keys: frozenset[str]
    """Every condition key that it reads, in lower case."""
    reads_resource: bool

    @property
    def is_constant(self) -> bool:
        """It applies to each such request, whatever else that is."""
        return self.sql == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySql:
    """The statements of a policy, in their order."""

    statements: tuple[StatementSql, ...]
    lookups: tuple[Lookup, ...]


def value_column(key: str) -> str:
    """The column of a key's value; NULL where it is absent or not known."""
    return f'"{key}"'


def absent_column(key: str) -> str:
    """The column that says whether the request did not carry the key; never NULL."""
    return f'"{key} absent"'


def is_told(key: str) -> bool:
    """Whether events can tell anything of the key."""
    return key in KEYS or key == RESOURCE_ACCOUNT


def policy_sql(policy: Policy) -> PolicySql:
    """The policy's statements in SQL."""
    writer = _Writer(policy.document.has_variables)
    statements = tuple(writer.statement(each) for each in policy.document.statements)
    return PolicySql(statements=statements, lookups=tuple(writer.lookups))


@dataclass(slots=True)
class _Writer:
    has_variables: bool
    lookups: list[Lookup] = field(default_factory=list[Lookup])

    def statement(self, statement: Statement) -> StatementSql:
        parts = [self._resources(statement), *(self._condition(each) for each in statement.conditions)]
        kept = [part for part in parts if part != "true"]
        keys = frozenset(self._keys_of(statement))
        return StatementSql(
            statement=statement,
            sql=" and ".join(f"({part})" for part in kept) or "true",
            keys=keys,
            reads_resource=parts[0] not in {"true", "false"} or RESOURCE_ACCOUNT in keys,
        )

    def _keys_of(self, statement: Statement) -> Iterator[str]:
        for condition in statement.conditions:
            yield condition.key.lower()
            yield from self._variables(condition.values)
        yield from self._variables(statement.resources)

    def _variables(self, texts: Sequence[str]) -> Iterator[str]:
        for text in texts:
            yield from (each.key for each in template_of(text, has_variables=self.has_variables).variables)

    def _resources(self, statement: Statement) -> str:
        patterns = statement.resources
        if not statement.names_resource:
            return "true" if statement.may_leave_out_resource else "null::boolean"
        if not patterns:
            return "false"
        sign = "not " if statement.is_not_resource else ""
        if any(pattern and not pattern.strip("*") for pattern in patterns):
            return "false" if sign else "true"
        variables = tuple(sorted(set(self._variables(patterns))))
        native = None if variables else resource_among(patterns, has_variables=self.has_variables)
        if native is not None:
            return f"{sign}({native})"
        return f"case when resource is not null then {self._looked_up(variables, self._resource_judge(statement), reads_resource=True)} end"

    def _resource_judge(self, statement: Statement) -> Judge:
        bare = structs.replace(statement, conditions=(), actions=("*",), is_not_action=False)
        clause = Clause(bare, has_variables=self.has_variables)
        return partial(clause.holds, _ANY_ACTION)

    def _condition(self, condition: Condition) -> str:
        key, asked = condition.key.lower(), operator_of(condition.operator)
        if asked is None or not condition.values:
            return "null::boolean"
        value, absent = (value_column(key), absent_column(key)) if is_told(key) else ("null::varchar", "false")
        if asked.comparison == "null":
            return _null(value, absent, {each.lower() for each in condition.values})
        if not is_told(key):
            return "null::boolean"
        variables = tuple(sorted(set(self._variables(condition.values))))
        form = KEYS.get(key, UNTOLD).form
        native = None if variables else compare(asked.comparison, condition.values, value, form, has_variables=self.has_variables)  # fmt: skip
        if native is None:
            question = question_of(condition, has_variables=self.has_variables)
            return self._looked_up(
                (key, *(each for each in variables if each != key)), lambda _, context: question(context)
            )
        match = f"not ({native})" if asked.is_negated else native
        # A set of one empty text is a set of nothing.
        empty = f"when {value} = '' then {str(asked.quantifier == 'forallvalues').lower()} " if asked.quantifier else ""
        return f"case when {absent} then {_of_absent(asked)} {empty}when {value} is not null then {match} end"

    def _looked_up(self, keys: tuple[str, ...], judge: Judge, *, reads_resource: bool = False) -> str:
        lookup = Lookup(number=len(self.lookups), keys=keys, reads_resource=reads_resource, judge=judge)
        self.lookups.append(lookup)
        return f"{lookup.name}.verdict"


def _of_absent(asked: Operator) -> str:
    if asked.quantifier:
        return "true" if asked.quantifier == "forallvalues" or asked.is_if_exists else "false"
    return "true" if asked.is_negated or asked.is_if_exists else "false"


def _null(value: str, absent: str, wanted: set[str]) -> str:
    if wanted >= {"true", "false"}:
        return "true"
    otherwise = "false" if wanted <= {"true", "false"} else "null::boolean"
    of_absent, of_present = ("true" if word in wanted else otherwise for word in ("true", "false"))
    return f"case when {absent} then {of_absent} when {value} <> '' then {of_present} else null::boolean end"
