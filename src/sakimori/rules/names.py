"""Names in a rule's query: every one is resolved here, to one declared column or one output of the SELECT before.

What an expression rests on can only be judged if it is certain what its names mean: no
letter case, no alias of the same SELECT, no name given twice, no engine's own columns.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sqlglot import exp

from sakimori.lake.table import Catalogue
from sakimori.rules.binding import sources_of, subqueries
from sakimori.rules.shape import Link, QueryFault
from sakimori.texts.nearest import nearest

_PLAIN: Final = re.compile(r"[a-z][a-z0-9_]*\Z")


def check_names(tree: exp.Select, links: tuple[Link, ...], catalogue: Catalogue) -> None:
    """QueryFault for the first name that is not plain, not unique, or not resolved."""
    for identifier in tree.find_all(exp.Identifier):
        if not _PLAIN.match(identifier.name):
            raise QueryFault("rules.name_not_plain", identifier, name=identifier.name[:80])
    for alias in tree.find_all(exp.TableAlias):
        if alias.args.get("columns"):
            raise QueryFault("rules.name_columns", alias, name=alias.name)
    for star in tree.find_all(exp.Star):
        if any(star.args.get(change) for change in ("except_", "except", "replace", "rename")):
            raise QueryFault("rules.name_star", star)
    _check_aliases(links)
    outputs: tuple[str, ...] = ()
    for index, link in enumerate(links):
        known = _known(link, outputs if index else _columns(catalogue, link.source_table), catalogue)
        _check_columns_of(link, known, catalogue)
        outputs = _outputs(link, known[link.source])


def _check_aliases(links: tuple[Link, ...]) -> None:
    """No two joins and sources share an alias, and no subquery hides one."""
    seen: list[str] = []
    for link in links:
        seen.extend((link.source, *(alias for alias, _, _ in link.joined)))
    for name in seen:
        if seen.count(name) > 1:
            raise QueryFault("rules.name_twice", links[-1].select, name=name)
    for link in links:
        for subquery in subqueries(link.select):
            tables = subquery.find_all(exp.Table)
            names = [table.alias_or_name for table in tables]
            for name in names:
                if name in seen or names.count(name) > 1:
                    raise QueryFault("rules.name_twice", subquery, name=name)


def _known(link: Link, source: Iterable[str], catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The columns of each alias of a link."""
    joined = {alias: frozenset(_columns(catalogue, table)) for alias, table, _ in link.joined}
    return {link.source: frozenset(source), **joined}


def _check_columns_of(link: Link, known: Mapping[str, frozenset[str]], catalogue: Catalogue) -> None:
    for _, _, join in link.joined:
        for name in join.args.get("using") or ():
            if any(name.name not in known[alias] for alias in (link.source, join.this.alias_or_name)):
                raise QueryFault("rules.name_unknown", name, name=name.name, near="")
        on = join.args.get("on")
        for column in on.find_all(exp.Column) if on is not None else ():
            _check_column(column, link.source, known)
    for column in (found for item in link.select.expressions for found in item.find_all(exp.Column)):
        if isinstance(column.this, exp.Star):
            raise QueryFault("rules.forbidden", column, found=column.sql("duckdb")[:80])
        select = column.find_ancestor(exp.Select)
        local = _local(select, catalogue) if isinstance(select, exp.Select) and select is not link.select else {}
        _check_column(column, link.source, {**known, **local})


def _local(select: exp.Select, catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """The columns of each alias of a subquery."""
    tables = sources_of(select)
    for table in tables.values():
        if table not in catalogue:
            raise QueryFault("rules.subquery_from", select, name=table)
    return {alias: frozenset(_columns(catalogue, table)) for alias, table in tables.items()}


def _check_column(column: exp.Column, source: str, known: Mapping[str, frozenset[str]]) -> None:
    alias = column.table or source
    is_deeper = column.args.get("db") or column.args.get("catalog")
    if is_deeper or alias not in known or column.name not in known[alias]:
        near = nearest(column.name, known.get(alias, ()))
        raise QueryFault("rules.name_unknown", column, name=column.sql("duckdb")[:80], near=near)


def _outputs(link: Link, source: Iterable[str]) -> tuple[str, ...]:
    """The output columns of a link, each once; QueryFault where a name is given twice."""
    names: list[str] = []
    for item in link.select.expressions:
        if item.is_star:
            if link.joined:
                raise QueryFault("rules.name_star_joined", item)
            names.extend(source)
        else:
            names.append(item.alias_or_name)
    for name in names:
        if names.count(name) > 1:
            raise QueryFault("rules.column_twice", link.select, name=name)
    return tuple(names)


def _columns(catalogue: Catalogue, table: str) -> tuple[str, ...]:
    return tuple(column.name for column in catalogue[table].columns)
