"""Wall 1 around a rule's SQL: one SELECT over declared tables, in the allow-listed vocabulary.

Expressions on which a verdict rests must keep Kleene's logic (`vocabulary.STRICT`);
evidence may use more. What passes here has no table function, no setting, no second
statement, and cannot turn *could not read* into pass or fail.
"""

from collections.abc import Mapping

from sqlglot import exp

from sakimori.lake.table import Catalogue
from sakimori.model.words import Scope
from sakimori.rules.binding import origin, reads_of, sources_of
from sakimori.rules.checked import AS_OF, CheckedQuery, Reach, Read
from sakimori.rules.names import check_names
from sakimori.rules.shape import Link, QueryFault, chain_of, parse_query, unknown_table
from sakimori.rules.vocabulary import AGGREGATES, CAST_TYPES, CURE, EVIDENCE, MACROS, QUANTIFIERS, STRICT, STRUCTURE

_KEYS = ("account_id", "region")


def check_query(
    sql: str,
    catalogue: Catalogue,
    *,
    judges: str,
    settles_without: tuple[str, ...],
    parameters: Mapping[str, bool],
) -> CheckedQuery:
    """The query, if a rule may say it; QueryFault otherwise. `parameters` tells of each name whether it is a list."""
    tree = parse_query(sql)
    names = frozenset(catalogue)
    _check_tables(tree, names)
    links = chain_of(tree, names)
    if links[0].source_table != judges:
        raise QueryFault("rules.judges_differs", links[0].select, judges=judges, found=links[0].source_table)
    bearing = _verdict_bearing(links)
    for index, link in enumerate(links):
        for item in link.select.expressions:
            expression = item.this if isinstance(item, exp.Alias) else item
            _check_expression(expression, is_strict=(index, item.alias_or_name) in bearing, parameters=parameters)
    check_names(tree, links, catalogue)
    _check_outputs(links, catalogue[judges].key)
    reads = reads_of(links, catalogue)
    for name in settles_without:
        own = [read for read in reads if read.table == name]
        if not own:
            raise QueryFault("rules.settles_not_read", table=name)
        if any(read.reach is Reach.PARENT for read in own):
            raise QueryFault("rules.settles_child", table=name)
        if any(_join_may_miss(read, catalogue[name].scope) for read in own):
            raise QueryFault("rules.settles_join", table=name)
    return CheckedQuery(
        sql=tree.sql("duckdb"), subject=judges, reads=reads, has_applies=_projection("applies", links) is not None
    )


def _join_may_miss(read: Read, scope: Scope) -> bool:
    """A join over all Regions shows the row of one Region and says nothing of those that were not read."""
    return read.is_joined and scope is Scope.REGION and read.reach is Reach.ACCOUNT


def _check_tables(tree: exp.Select, names: frozenset[str]) -> None:
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.args.get("db") or table.name not in names | ctes:
            raise unknown_table(table, names)


# -- which expressions a verdict rests on ------------------------------------


def _verdict_bearing(links: tuple[Link, ...]) -> frozenset[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    last = len(links) - 1
    for name in ("compliant", "applies"):
        _trace(name, links, last, found)
    return frozenset(found)


def _trace(name: str, links: tuple[Link, ...], index: int, found: set[tuple[int, str]]) -> None:
    if (index, name) in found:
        return
    link = links[index]
    expression = link.projection(name)
    if expression is None:
        if link.has_star and index > 0:
            _trace(name, links, index - 1, found)
        return
    found.add((index, name))
    if index == 0:
        return
    for column in expression.find_all(exp.Column):
        if column.table in {"", link.source}:
            _trace(column.name, links, index - 1, found)


# -- what they may say ---------------------------------------------------------


def _check_expression(expression: exp.Expr, *, is_strict: bool, parameters: Mapping[str, bool]) -> None:
    allowed = STRICT if is_strict else EVIDENCE
    for node in expression.walk():
        if isinstance(node, exp.Select):
            _check_subquery(node, is_strict=is_strict)
        elif isinstance(node, exp.Anonymous):
            _check_call(node)
        elif isinstance(node, exp.Placeholder):
            _check_parameter(node, parameters)
        elif isinstance(node, exp.In) and (node.args.get("query") or node.args.get("field") or node.args.get("unnest")):
            raise _forbidden(node)
        elif isinstance(node, exp.Cast) and node.to.this not in CAST_TYPES:
            raise QueryFault("rules.forbidden_cast", node, kind=node.to.sql("duckdb"))
        elif type(node) not in allowed and not (type(node) in STRUCTURE and _stands_in_place(node)):
            raise _forbidden(node)


def _stands_in_place(node: exp.Expr) -> bool:
    """Structure belongs to a subquery; a star besides that only to count(*) or to the SELECT itself."""
    if isinstance(node, exp.Star):
        return isinstance(node.parent, exp.Count | exp.Select)
    if isinstance(node, exp.Subquery):
        return isinstance(node.this, exp.Select)
    return node.find_ancestor(exp.Subquery) is not None


def _check_subquery(select: exp.Select, *, is_strict: bool) -> None:
    outer = select.parent
    if outer is None or select.find_ancestor(exp.Subquery) is not outer or outer.find_ancestor(exp.Subquery):
        raise QueryFault("rules.subquery_nested", select)
    if len(select.expressions) != 1:
        raise QueryFault("rules.subquery_shape", select)
    for clause in ("group", "having", "distinct", "order", "limit", "offset", "qualify", "windows", "with_"):
        if select.args.get(clause):
            raise QueryFault("rules.shape_clause", select, clause=clause.strip("_").upper())
    told = select.expressions[0].unalias()
    is_quantifier = isinstance(told, exp.Anonymous) and told.name.lower() in QUANTIFIERS
    if is_strict and not is_quantifier:
        raise QueryFault("rules.cure_quantifier", told, found=told.sql("duckdb")[:80])
    if not is_quantifier and not isinstance(told, AGGREGATES):
        raise QueryFault("rules.subquery_shape", select)
    if not sources_of(select):
        raise QueryFault("rules.subquery_shape", select)
    for column in select.find_all(exp.Column):
        if not column.table:
            raise QueryFault("rules.subquery_unqualified", column, column=column.name)


def _check_call(node: exp.Anonymous) -> None:
    name = node.name.lower()
    if name in QUANTIFIERS:
        if not isinstance(node.parent, exp.Select) or len(node.expressions) != 1:
            raise QueryFault("rules.quantifier_place", node, name=name)
    elif name not in MACROS:
        raise _forbidden(node, name)
    elif not _macro_is_whole(node, name):
        raise QueryFault("rules.macro_form", node, name=name)


def _macro_is_whole(node: exp.Anonymous, name: str) -> bool:
    arguments = node.expressions
    if name == "days_ago":
        return len(arguments) == 1 and (
            isinstance(arguments[0], exp.Placeholder) or (isinstance(arguments[0], exp.Literal) and arguments[0].is_int)
        )
    return len(arguments) == 3 and isinstance(arguments[2], exp.Placeholder)  # noqa: PLR2004 - low, high, list


def _check_parameter(node: exp.Placeholder, parameters: Mapping[str, bool]) -> None:
    name = node.name
    if name == AS_OF:
        return
    if name not in parameters:
        raise QueryFault("rules.unknown_parameter", node, name=name)
    takes_list = isinstance(node.parent, exp.In) or (
        isinstance(node.parent, exp.Anonymous) and node.parent.name.lower() == "range_contains_any"
        and node is node.parent.expressions[-1]
    )  # fmt: skip
    if takes_list != parameters[name]:
        raise QueryFault("rules.parameter_kind", node, name=name)


def _forbidden(node: exp.Expr, name: str = "") -> QueryFault:
    shown = name or type(node).__name__
    if isinstance(node, exp.In):
        shown = "in"
    cure = CURE.get(shown.lower())
    if cure:
        return QueryFault(f"rules.cure_{cure}", node, found=node.sql("duckdb")[:80])
    return QueryFault("rules.forbidden", node, found=node.sql("duckdb")[:80])


# -- what must come out --------------------------------------------------------


def _check_outputs(links: tuple[Link, ...], key: str) -> None:
    last = len(links) - 1
    wanted = {**{name: name for name in _KEYS}, "resource": key}
    for name, source in wanted.items():
        # Account and Region go through every link as they are: what ties and holes rest on.
        for upto in range(1, last + 2) if name in _KEYS else (last + 1,):
            if _output_origin(name, links[:upto]) != ("", source):
                raise QueryFault(
                    "rules.output_key", links[upto - 1].select, name=name, column=f"{links[0].source_table}.{source}"
                )
    found = _projection("applies", links)
    if found is None:
        return
    applies, last = found
    if applies.find(exp.Subquery):
        raise QueryFault("rules.applies_reads_elsewhere", applies, column=applies.sql("duckdb")[:80])
    for column in applies.find_all(exp.Column):
        place = origin(column, links, last)
        if place is None or place[0]:
            raise QueryFault("rules.applies_reads_elsewhere", column, column=column.sql("duckdb"))


def _output_origin(name: str, links: tuple[Link, ...]) -> tuple[str, str] | None:
    last = len(links) - 1
    expression = links[last].projection(name)
    if expression is None:
        return origin(exp.column(name), links, last) if links[last].has_star else None
    return origin(expression, links, last) if isinstance(expression, exp.Column) else None


def _projection(name: str, links: tuple[Link, ...]) -> tuple[exp.Expr, int] | None:
    """The expression behind an output of the chain and the link it stands in, followed through stars."""
    for index in range(len(links) - 1, -1, -1):
        expression = links[index].projection(name)
        if expression is not None:
            return expression, index
        if not links[index].has_star:
            return None
    return None
