"""How far a rule looks: whether a table's rows are tied to the subject's own key, its Region, or its account.

What is proved here decides which unread units make a verdict unknown. Nothing proved
means the whole account: a mistake can only make more unknown, never less.
"""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from sakimori.lake.table import Catalogue, Table
from sakimori.rules.checked import Reach, Read
from sakimori.rules.shape import Link, QueryFault, table_name

Place = tuple[str, str]
"""A column by alias and name; the subject's own columns have the alias ""."""


class _Same:
    """Which columns are equal, by union-find."""

    def __init__(self) -> None:
        self._parent: dict[Place, Place] = {}

    def root(self, place: Place) -> Place:
        while (above := self._parent.get(place, place)) != place:
            place = above
        return place

    def join(self, one: Place, other: Place) -> None:
        self._parent[self.root(one)] = self.root(other)

    def same(self, one: Place, other: Place) -> bool:
        return self.root(one) == self.root(other)


def origin(column: exp.Column, links: tuple[Link, ...], index: int) -> Place | None:
    """Where a column of link `index` comes from: the subject's own column, a joined table's, or None if computed."""
    link = links[index]
    alias = column.table
    if alias and alias != link.source:
        return (alias, column.name) if any(alias == name for name, _, _ in link.joined) else None
    if index == 0:
        return ("", column.name)
    below = links[index - 1]
    expression = below.projection(column.name)
    if expression is None:
        return origin(exp.column(column.name), links, index - 1) if below.has_star else None
    return origin(expression, links, index - 1) if isinstance(expression, exp.Column) else None


def reads_of(links: tuple[Link, ...], catalogue: Catalogue) -> tuple[Read, ...]:
    """Every table read besides the subject's own listing, once for each place it is read in."""
    subject = catalogue[links[0].source_table]
    reads: list[Read] = []
    for index, link in enumerate(links):
        for alias, name, join in link.joined:
            reads.append(_joined_read(alias, catalogue[name], join, subject, (links, index)))
        for subquery in subqueries(link.select):
            reads.extend(subquery_reads(subquery, catalogue, (links, index)))
    return tuple(reads)


def subqueries(select: exp.Select) -> Iterable[exp.Select]:
    """The scalar subqueries in a link's projections."""
    for item in select.expressions:
        for found in item.find_all(exp.Subquery):
            if isinstance(found.this, exp.Select):
                yield found.this


def _joined_read(alias: str, table: Table, join: exp.Join, subject: Table, at: tuple[tuple[Link, ...], int]) -> Read:
    same = _Same()
    for name in join.args.get("using") or ():
        outer = origin(exp.column(name.name), *at)
        if outer:
            same.join((alias, name.name), outer)
    on = join.args.get("on")
    if on is not None:
        _equalities(on, same, at, {alias})
    return Read(table.name, _reach(alias, table, subject, same, join), is_joined=True)


def subquery_reads(select: exp.Select, catalogue: Catalogue, at: tuple[tuple[Link, ...], int]) -> list[Read]:
    """The tables of one scalar subquery with their reach; `at` is the chain and the place of its SELECT in it."""
    sources = sources_of(select)
    same = _Same()
    where = select.args.get("where")
    if where is not None:
        _equalities(where.this, same, at, set(sources))
    subject = catalogue[at[0][0].source_table]
    return [Read(table, _reach(alias, catalogue[table], subject, same, select)) for alias, table in sources.items()]


def sources_of(select: exp.Select) -> Mapping[str, str]:
    """Alias → table of a subquery's FROM and its comma or cross joins."""
    from_ = select.args.get("from_")
    if from_ is None or not isinstance(from_.this, exp.Table):
        raise QueryFault("rules.subquery_shape", select)
    tables = [from_.this]
    for join in select.args.get("joins") or ():
        if join.side or join.args.get("on") or join.args.get("using") or not isinstance(join.this, exp.Table):
            raise QueryFault("rules.subquery_join", join)
        tables.append(join.this)
    return {table.alias_or_name: table_name(table) for table in tables}


def _equalities(condition: exp.Expr, same: _Same, at: tuple[tuple[Link, ...], int], local: set[str]) -> None:
    for part in conjuncts(condition):
        if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and isinstance(part.expression, exp.Column):
            one, other = (_place(side, at, local) for side in (part.this, part.expression))
            if one and other:
                same.join(one, other)


def _place(column: exp.Column, at: tuple[tuple[Link, ...], int], local: set[str]) -> Place | None:
    return (column.table, column.name) if column.table in local else origin(column, *at)


def conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The parts of an AND, without their parentheses."""
    bare = condition.unnest()
    return [part.unnest() for part in bare.flatten()] if isinstance(bare, exp.And) else [bare]


def _reach(alias: str, table: Table, subject: Table, same: _Same, node: exp.Expr) -> Reach:
    if table.parent and same.same((alias, table.parent), ("", subject.key)):
        return Reach.PARENT
    if not same.same((alias, "account_id"), ("", "account_id")):
        raise QueryFault("rules.not_tied_to_account", node, table=table.name, alias=alias)
    return Reach.REGION if same.same((alias, "region"), ("", "region")) else Reach.ACCOUNT
