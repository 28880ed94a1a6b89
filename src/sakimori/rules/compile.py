"""A checked query as the SQL that an engine runs: quantifiers in Kleene form, macros and thresholds written out."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from sakimori.lake.table import Catalogue
from sakimori.model.errors import RuleError
from sakimori.rules.binding import conjuncts, origin, sources_of, subqueries
from sakimori.rules.check_query import AS_OF, CheckedQuery
from sakimori.rules.rule import Parameter, Scalar
from sakimori.rules.shape import Link, chain_of
from sakimori.rules.vocabulary import QUANTIFIERS

WITH_UNREAD = "__with_unread"
"""A table under this ending also holds, for every unread unit, one row that is NULL but for its account and Region."""


def compile_query(
    query: CheckedQuery, catalogue: Catalogue, settles_without: tuple[str, ...], parameters: Mapping[str, Parameter]
) -> str:
    """SQL in DuckDB's dialect; the only value left to bind is `$as_of`."""
    tree = query.tree.copy()
    links = chain_of(tree, frozenset(catalogue))
    for index, link in enumerate(links):
        for select in subqueries(link.select):
            node = select.expressions[0].unalias()
            if isinstance(node, exp.Anonymous) and node.name.lower() in QUANTIFIERS:
                _write_quantifier(node, select, _Ground(catalogue, links, index))
    for table in list(tree.find_all(exp.Table)):
        if table.name in settles_without:
            _read_with_unread(table)
    for node in list(tree.find_all(exp.Anonymous)):
        node.replace(_macro(node, parameters))
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name != AS_OF:
            _write_parameter(node, parameters[node.name])
    return tree.sql("duckdb")


def _read_with_unread(table: exp.Table) -> None:
    name = table.name
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
    table.set("this", exp.to_identifier(name + WITH_UNREAD))


# -- quantifiers -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a subquery stands: what is needed to tell a tie from a condition."""

    catalogue: Catalogue
    links: tuple[Link, ...]
    index: int

    def is_key(self, column: exp.Expression, sources: Mapping[str, str]) -> bool:
        """Whether a column is never NULL: account, Region, a local table's key or parent, the subject's key."""
        if not isinstance(column, exp.Column):
            return False
        if column.table in sources:
            table = self.catalogue[sources[column.table]]
            return column.name in {"account_id", "region", table.key, table.parent}
        key = self.catalogue[self.links[0].source_table].key
        place = origin(column, self.links, self.index)
        return place is not None and not place[0] and place[1] in {"account_id", "region", key}


def _write_quantifier(node: exp.Anonymous, select: exp.Select, ground: _Ground) -> None:
    """`every(x) … where c` is *for all rows: not c, or x*; `some(x) … where c` is *for one row: c and x*.

    What ties the rows to the subject (keys, which are never NULL) stays in WHERE; every
    other condition moves into the quantifier, so that a row whose condition is unknown
    is not dropped but makes the result unknown.
    """
    is_every = node.name.lower() == "every"
    ties, conditions = _split(select, ground)
    told: exp.Expression = exp.paren(node.expressions[0].copy())
    for condition in conditions:
        told = exp.or_(exp.not_(exp.paren(condition)), told) if is_every else exp.and_(exp.paren(condition), told)
    decided = exp.not_(exp.paren(told)) if is_every else told
    unknown = exp.Is(this=exp.paren(told.copy()), expression=exp.null())
    kleene = exp.case().when(_bool_or(decided), exp.Boolean(this=not is_every)).when(_bool_or(unknown), exp.null())
    node.replace(kleene.else_(exp.Boolean(this=is_every)))
    select.set("where", exp.Where(this=exp.and_(*ties)) if ties else None)


def _bool_or(condition: exp.Expression) -> exp.Expression:
    return exp.LogicalOr(this=condition)


def _split(select: exp.Select, ground: _Ground) -> tuple[list[exp.Expression], list[exp.Expression]]:
    where = select.args.get("where")
    ties: list[exp.Expression] = []
    conditions: list[exp.Expression] = []
    sources = sources_of(select)
    for part in conjuncts(where.this) if where is not None else ():
        is_tie = isinstance(part, exp.EQ) and all(ground.is_key(side, sources) for side in (part.this, part.expression))
        (ties if is_tie else conditions).append(part.copy())
    return ties, conditions


# -- macros and thresholds -------------------------------------------------------


def _macro(node: exp.Anonymous, parameters: Mapping[str, Parameter]) -> exp.Expression:
    name = node.name.lower()
    if name == "days_ago":
        return _days_ago(node, parameters)
    low, high, listed = node.expressions
    values = _listed(listed, parameters)
    tests = [exp.and_(low.copy() <= _literal(value), high.copy() >= _literal(value)) for value in values]
    return exp.paren(exp.or_(*tests)) if tests else exp.false()


def _days_ago(node: exp.Anonymous, parameters: Mapping[str, Parameter]) -> exp.Expression:
    (days,) = node.expressions
    value = parameters[days.name] if isinstance(days, exp.Placeholder) else int(days.this)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 36_500:  # noqa: PLR2004 - a century
        raise RuleError("rules.days_out_of_range", value=value)
    interval = exp.Interval(this=exp.Literal.string(str(value)), unit=exp.var("DAY"))
    return exp.paren(exp.Sub(this=exp.Placeholder(this=AS_OF), expression=interval))


def _listed(node: exp.Expression, parameters: Mapping[str, Parameter]) -> tuple[Scalar, ...]:
    found = parameters[node.name] if isinstance(node, exp.Placeholder) else ()
    return found if isinstance(found, tuple) else (found,)


def _write_parameter(node: exp.Placeholder, value: Parameter) -> None:
    if isinstance(node.parent, exp.In) and isinstance(value, tuple):
        node.parent.set("expressions", [_literal(item) for item in value])
    elif not isinstance(value, tuple):
        node.replace(_literal(value))


def _literal(value: Scalar) -> exp.Expression:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(str(value))
