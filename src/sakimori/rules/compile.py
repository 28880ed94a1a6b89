"""A checked query as the SQL that an engine runs: quantifiers in Kleene form, macros and thresholds written out."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp

from sakimori.lake.table import Catalogue, Table
from sakimori.model.errors import RuleError
from sakimori.model.words import Scope
from sakimori.rules.binding import conjuncts, origin, sources_of, subqueries, subquery_reads
from sakimori.rules.checked import AS_OF, UNREAD, VARIED, CheckedQuery, Reach
from sakimori.rules.rule import Parameter, Scalar
from sakimori.rules.shape import Link, chain_of
from sakimori.rules.vocabulary import QUANTIFIERS

NONE: Final = "—"
"""What stands for an empty list in evidence."""


def compile_query(
    query: CheckedQuery,
    catalogue: Catalogue,
    parameters: Mapping[str, Parameter],
    *,
    settled: Iterable[str] = (),
    varied: Container[str] = (),
) -> str:
    """SQL in DuckDB's dialect; the only value left to bind is `$as_of`.

    `settled` are the tables of `settles_without` that have unread units: a quantifier over
    one of them stays unknown unless what was read settles it. `varied` are parameters that
    are not written out, but read from the columns of a row `checked.VARIED` beside the query.
    """
    tree = sqlglot.parse_one(query.sql, read="duckdb", into=exp.Select)
    links = chain_of(tree, frozenset(catalogue))
    for index, link in enumerate(links):
        for select in list(subqueries(link.select)):
            node = select.expressions[0].unalias()
            if isinstance(node, exp.Anonymous) and node.name.lower() in QUANTIFIERS:
                ground = _Ground(catalogue, links, index)
                holes = [_hole(table, reach, ground) for table, reach in _settled_reads(select, ground, settled)]
                is_every = node.name.lower() == "every"
                _write_quantifier(node, select, ground)
                _keep_holes_unknown(select, holes, is_every=is_every)
            elif isinstance(node, exp.GroupConcat) and select.parent is not None:
                # The list of none is NULL in SQL, but not unknown: a person reads a dash.
                select.parent.replace(exp.Coalesce(this=select.parent.copy(), expressions=[exp.Literal.string(NONE)]))
    for node in list(tree.find_all(exp.Anonymous)):
        node.replace(_macro(node, parameters))
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in varied:
            node.replace(exp.column(node.name, VARIED))
        elif node.name != AS_OF:
            _write_parameter(node, parameters[node.name])
    return tree.sql("duckdb")


def _settled_reads(select: exp.Select, ground: "_Ground", settled: Iterable[str]) -> list[tuple[Table, Reach]]:
    names = set(settled)
    reads = subquery_reads(select, ground.catalogue, (ground.links, ground.index))
    return [(ground.catalogue[read.table], read.reach) for read in reads if read.table in names]


def _hole(table: Table, reach: Reach, ground: "_Ground") -> exp.Expr:
    """SQL that is true where an unread unit of `table` is in reach of the row being judged."""
    subject = ground.catalogue[ground.links[0].source_table]
    source = ground.links[ground.index].source
    told = exp.column("table_name").eq(exp.Literal.string(table.name))
    unread = exp.select("1").from_(exp.to_table(UNREAD).as_("u"))
    account = exp.column("account_id", "u").eq(exp.column("account_id", source))
    conditions = [told, account]
    if reach is Reach.REGION and table.scope is Scope.REGION and subject.scope is not Scope.ACCOUNT:
        conditions.append(exp.column("region", "u").eq(exp.column("region", source)))
    return exp.Exists(this=unread.where(*conditions))


def _keep_holes_unknown(select: exp.Select, holes: Sequence[exp.Expr], *, is_every: bool) -> None:
    """`some` or unknown, `every` and unknown: Kleene's logic does the rest."""
    subquery = select.parent
    if not holes or subquery is None:
        return
    hole = exp.Paren(this=_case((_any(holes), exp.Null()), default=exp.Boolean(this=is_every)))
    join = exp.And if is_every else exp.Or
    subquery.replace(exp.Paren(this=join(this=subquery.copy(), expression=hole)))


# -- quantifiers -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """Where a subquery stands: what is needed to tell a tie from a condition."""

    catalogue: Catalogue
    links: tuple[Link, ...]
    index: int

    def is_key(self, column: exp.Expr, sources: Mapping[str, str]) -> bool:
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
    is not dropped but makes the result unknown. Rows that cannot matter, because a
    condition is known to be false, are left out by WHERE as well: that costs nothing in
    truth and much in time where tables stand side by side.
    """
    is_every = node.name.lower() == "every"
    ties, conditions = _split(select, ground)
    (asked,) = node.expressions
    possible: list[exp.Expr] = []
    if len(sources_of(select)) > 1:
        needed = conditions if is_every else [*conditions, *conjuncts(asked)]
        possible = [_not(exp.Is(this=exp.Paren(this=part.copy()), expression=exp.false())) for part in needed]
    told = _any([*map(_not, conditions), asked]) if is_every else _all([*conditions, asked])
    unknown = exp.Is(this=exp.Paren(this=told.copy()), expression=exp.Null())
    decided = _not(told) if is_every else told
    node.replace(
        _case(
            (exp.LogicalOr(this=decided), exp.Boolean(this=not is_every)),
            (exp.LogicalOr(this=unknown), exp.Null()),
            default=exp.Boolean(this=is_every),
        )
    )
    # A parent's key is an ARN, but no key is trusted to be of one account alone.
    source = ground.links[ground.index].source
    accounts = [
        exp.EQ(this=exp.column("account_id", alias), expression=exp.column("account_id", source))
        for alias in sources_of(select)
    ]
    where = [*accounts, *ties, *possible]
    select.set("where", exp.Where(this=_all(where)))


def _not(condition: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Paren(this=condition))


def _all(conditions: Sequence[exp.Expr]) -> exp.Expr:
    return exp.and_(*conditions, copy=False)


def _any(conditions: Sequence[exp.Expr]) -> exp.Expr:
    return exp.or_(*conditions, copy=False)


def _case(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr) -> exp.Case:
    return exp.Case(ifs=[exp.If(this=when, true=then) for when, then in branches], default=default)


def _split(select: exp.Select, ground: _Ground) -> tuple[list[exp.Expr], list[exp.Expr]]:
    where = select.args.get("where")
    ties: list[exp.Expr] = []
    conditions: list[exp.Expr] = []
    sources = sources_of(select)
    for part in conjuncts(where.this) if where is not None else ():
        is_tie = isinstance(part, exp.EQ) and all(ground.is_key(side, sources) for side in (part.this, part.expression))
        (ties if is_tie else conditions).append(part.copy())
    return ties, conditions


# -- macros and thresholds -------------------------------------------------------


def _macro(node: exp.Anonymous, parameters: Mapping[str, Parameter]) -> exp.Expr:
    name = node.name.lower()
    if name == "days_ago":
        return _days_ago(node, parameters)
    low, high, listed = node.expressions
    values = _listed(listed, parameters)
    tests = [
        exp.And(
            this=exp.LTE(this=low.copy(), expression=_literal(value)),
            expression=exp.GTE(this=high.copy(), expression=_literal(value)),
        )
        for value in values
    ]
    return exp.Paren(this=_any(tests))


def _days_ago(node: exp.Anonymous, parameters: Mapping[str, Parameter]) -> exp.Expr:
    (days,) = node.expressions
    value = parameters[days.name] if isinstance(days, exp.Placeholder) else int(days.this)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 36_500:  # noqa: PLR2004 - a century
        raise RuleError("rules.days_out_of_range", value=value)
    interval = exp.Interval(this=exp.Literal.string(str(value)), unit=exp.var("DAY"))
    return exp.Paren(this=exp.Sub(this=exp.Placeholder(this=AS_OF), expression=interval))


def _listed(node: exp.Expr, parameters: Mapping[str, Parameter]) -> tuple[Scalar, ...]:
    found = parameters[node.name] if isinstance(node, exp.Placeholder) else ()
    return found if isinstance(found, tuple) else (found,)


def _write_parameter(node: exp.Placeholder, value: Parameter) -> None:
    if isinstance(node.parent, exp.In) and isinstance(value, tuple):
        node.parent.set("expressions", [_literal(item) for item in value])
    elif not isinstance(value, tuple):
        node.replace(_literal(value))


def _literal(value: Scalar) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    return exp.Literal.string(value) if isinstance(value, str) else exp.Literal.number(str(value))
