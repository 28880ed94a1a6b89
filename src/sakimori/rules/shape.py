"""The shape of a rule's query: one chain of SELECTs from the subject, LEFT JOINs, and scalar subqueries.

    select … from <subject> left join <table> using (…) …
    with effective as (select … from <subject> …) select …, … as compliant from effective

A chain neither drops nor doubles a subject, so a resource that could not be read whole
stays in sight. Whether a rule applies to a resource is said by the column `applies`
(true, false, or unknown), never by WHERE: a filter would silently drop what is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sakimori.rules.vocabulary import MAX_DEPTH, MAX_LENGTH
from sakimori.texts.nearest import nearest

_REFUSED_CLAUSES: Final = ("where", "group", "having", "distinct", "order", "limit", "offset", "qualify", "windows",
                           "laterals", "sample", "into", "kind", "hint", "match", "pivots", "cluster", "sort")  # fmt: skip


class QueryFault(Exception):  # noqa: N818 - it becomes a Fault of the file
    """Something in the query that a rule may not say; `line` is within the query, from 1."""

    def __init__(self, text: str, node: exp.Expr | None = None, *, line: int = 0, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.values = values
        self.line = line or line_of(node)


@dataclass(frozen=True, slots=True)
class Link:
    """One SELECT of the chain. `name` is what the next one calls it; `source` is the alias of its FROM."""

    name: str
    select: exp.Select
    source: str
    source_table: str
    """A declared table for the first link, the name of the link before it otherwise."""
    joined: tuple[tuple[str, str, exp.Join], ...]
    """Alias, table and join of each LEFT JOIN."""

    def projection(self, name: str) -> exp.Expr | None:
        """The expression behind an output column, or None (it may still come through a star)."""
        for item in self.select.expressions:
            if item.alias_or_name == name and not item.is_star:
                return item.this if isinstance(item, exp.Alias) else item
        return None

    @property
    def has_star(self) -> bool:
        """Whether all columns of the source pass through."""
        return any(item.is_star for item in self.select.expressions)


def line_of(node: exp.Expr | None) -> int:
    """The line within the query, from 1, at which a node stands; 1 where the parser kept no mark."""
    if node is None:
        return 1
    return min((found.meta["line"] for found in node.find_all(exp.Identifier) if "line" in found.meta), default=1)


def parse_query(sql: str) -> exp.Select:
    """The one SELECT in `sql`; QueryFault if there is another number, or something else."""
    if len(sql) > MAX_LENGTH:
        raise QueryFault("rules.query_too_long", length=MAX_LENGTH)
    try:
        statements = [statement for statement in sqlglot.parse(sql, read="duckdb") if statement is not None]
    except SqlglotError as error:
        found: list[dict[str, Any]] = getattr(error, "errors", None) or [{}]
        details = found[0]
        line = int(details.get("line") or 1)
        reason = str(details.get("description") or str(error).splitlines()[0])
        raise QueryFault("rules.query_syntax", line=line, reason=reason) from error
    except RecursionError as error:
        raise QueryFault("rules.query_too_long", length=MAX_LENGTH) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise QueryFault("rules.query_not_one_select", count=len(statements))
    if _is_deeper(statements[0], MAX_DEPTH):
        raise QueryFault("rules.query_too_long", length=MAX_LENGTH)
    return statements[0]


def _is_deeper(tree: exp.Expr, most: int) -> bool:
    """Whether some branch has more than `most` nodes; walked level by level, so that no depth is too much for it."""
    level: list[exp.Expr] = [tree]
    for _ in range(most):
        level = [child for node in level for child in node.iter_expressions()]
        if not level:
            return False
    return True


def chain_of(query: exp.Select, tables: frozenset[str]) -> tuple[Link, ...]:
    """The links from the subject to the last SELECT, in order; QueryFault if the query has another shape."""
    ctes: dict[str, exp.Select] = {}
    with_ = query.args.get("with_")
    if with_ is not None:
        if with_.args.get("recursive"):
            raise QueryFault("rules.shape_recursive", with_)
        for cte in with_.expressions:
            if not isinstance(cte.this, exp.Select):
                raise QueryFault("rules.shape_chain", cte)
            if cte.alias in tables:
                raise QueryFault("rules.shape_hides_table", cte, name=cte.alias)
            ctes[cte.alias] = cte.this
    links = [_link(name, select, tables, known) for name, select, known in _selects(query, ctes)]
    for before, link in pairwise(links):
        if link.source_table != before.name:
            raise QueryFault("rules.shape_chain", link.select)
    if links[0].source_table not in tables:
        raise QueryFault("rules.shape_chain", links[0].select)
    return tuple(links)


def _selects(query: exp.Select, ctes: dict[str, exp.Select]) -> Iterator[tuple[str, exp.Select, frozenset[str]]]:
    known: set[str] = set()
    for name, select in ctes.items():
        yield name, select, frozenset(known)
        known.add(name)
    yield "", query, frozenset(known)


def _link(name: str, select: exp.Select, tables: frozenset[str], ctes: frozenset[str]) -> Link:
    for clause in _REFUSED_CLAUSES:
        if select.args.get(clause):
            text = "rules.shape_where" if clause == "where" else "rules.shape_clause"
            raise QueryFault(text, select, clause=clause.upper())
    if select is not select.root() and select.args.get("with_"):
        raise QueryFault("rules.shape_chain", select)
    from_ = select.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table):
        raise QueryFault("rules.shape_chain", select)
    source = from_.this
    if table_name(source) not in tables | ctes:
        raise unknown_table(source, tables)
    joined = tuple(_join(join, tables) for join in select.args.get("joins") or ())
    return Link(name=name, select=select, source=source.alias_or_name, source_table=table_name(source), joined=joined)


def _join(join: exp.Join, tables: frozenset[str]) -> tuple[str, str, exp.Join]:
    if join.side != "LEFT" or join.kind or join.args.get("method"):
        raise QueryFault("rules.shape_left_join", join)
    if not isinstance(join.this, exp.Table) or table_name(join.this) not in tables:
        raise unknown_table(join.this, tables)
    on = join.args.get("on")
    if on is not None:
        for condition in on.flatten() if isinstance(on, exp.And) else [on]:
            bare = condition.unnest()
            if not (
                isinstance(bare, exp.EQ)
                and isinstance(bare.this, exp.Column)
                and isinstance(bare.expression, exp.Column)
            ):
                raise QueryFault("rules.shape_on", condition)
    elif not join.args.get("using"):
        raise QueryFault("rules.shape_on", join)
    return join.this.alias_or_name, table_name(join.this), join


def table_name(table: exp.Table) -> str:
    """The bare name; QueryFault for a qualified one or a table function."""
    if table.args.get("db") or table.args.get("catalog") or not isinstance(table.this, exp.Identifier):
        raise QueryFault("rules.unknown_table", table, name=table.sql("duckdb")[:80], near="")
    return table.name


def unknown_table(table: exp.Expr, tables: frozenset[str]) -> QueryFault:
    """The fault of a table that nobody declared, with the nearest name that somebody did."""
    name = table.name or table.sql("duckdb")[:80]
    return QueryFault("rules.unknown_table", table, name=name, near=nearest(name, tables))
