"""Wall 1 around a person's SQL: one query over known tables, in an allow-listed vocabulary.

What passes has no second statement, no function that reads a file, a setting or the environment, and no clock but the one
that is handed in. It is run as it is written again from the checked tree, never as the text that came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokens import Token, TokenType  # pyright: ignore[reportPrivateImportUsage] - where they stand in every version

from sakimori.lake.log_reader import Where
from sakimori.lake.pruning import in_utc, wheres_of
from sakimori.lake.table import Catalogue
from sakimori.lake.user_vocabulary import (
    ALLOWED,
    CLOCKS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_NODES,
    NAMED,
    TABLE_FUNCTIONS,
    Spoken,
    function_names,
)
from sakimori.model.errors import UsageError
from sakimori.texts.nearest import nearest

Value = str | int | float | bool | Sequence[str | int | float | bool]
"""What a parameter may be."""

_BEGINNINGS: Final = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN})
_SHOWN: Final = 80
"""Characters of a person's SQL that a message quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSql:
    """A query that may be run, and what it reads.

    `where` has each log table that the query surely reads only a part of; None: no row of it can matter.
    """

    sql: str
    tables: tuple[str, ...]
    parameters: Mapping[str, Value]
    where: Mapping[str, Where | None]


def check_user_sql(
    sql: str, tables: Catalogue, *, now: datetime, parameters: Mapping[str, Value] | None = None
) -> UserSql:
    """The query, if a person may say it; UsageError with line and cure otherwise.

    `now()` and its like stand for `now`, as a TIMESTAMP in UTC as the tables have it. Each `$name` must be among the
    parameters; those that the query does not name are left out.
    """
    given = parameters or {}
    tree = _parsed(sql)
    _check_size(tree)
    try:
        named = _check_nodes(tree, tables, given)
    except _Misfit as misfit:
        raise UsageError(misfit.text, line=1 + sql.count("\n", 0, _place_of(misfit.node)), **misfit.values) from misfit
    _set_clock(tree, now.astimezone(UTC))
    read = {table.name.lower() for table in tree.find_all(exp.Table) if _is_name(table)} & set(tables)
    in_utc(tree, [tables[name] for name in sorted(read)])
    used = {name: given[name] for name in sorted(named)}
    logs = {name: tables[name] for name in sorted(read) if tables[name].time}
    return UserSql(sql=_written(tree), tables=tuple(sorted(read)), parameters=used, where=wheres_of(tree, logs, used))


class _Misfit(Exception):  # noqa: N818 - it becomes a UsageError with the line of its node
    """A piece of the query that may not stand there."""

    def __init__(self, text: str, node: exp.Expr, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.node = node
        self.values = values


# -- parsing --------------------------------------------------------------------


def _parsed(sql: str) -> exp.Query:
    if len(sql) > MAX_LENGTH:
        raise UsageError("query.too_long", length=MAX_LENGTH)
    try:
        _check_beginning(Spoken().tokenize(sql))
        statements = [statement for statement in sqlglot.parse(sql, read=Spoken) if statement is not None]
    except SqlglotError as error:
        found: list[dict[str, Any]] = getattr(error, "errors", None) or [{}]
        before = str(found[0].get("start_context") or "")
        reason = str(found[0].get("description") or str(error).splitlines()[0])
        # The parser's own count of lines goes astray after some tokens.
        line = 1 + sql.count("\n", 0, max(sql.find(before), 0) + len(before))
        raise UsageError("query.syntax", line=line, reason=reason) from error
    except RecursionError as error:
        raise UsageError("query.too_deep") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UsageError("query.not_a_query", found=sql.strip()[:_SHOWN])
    return statements[0]


def _check_beginning(tokens: Sequence[Token]) -> None:
    """Before the parser sees it: of what is no query it would make a command that it does not look into."""
    pieces = [index for index, token in enumerate(tokens) if token.token_type is TokenType.SEMICOLON]
    words = [token for token in tokens if token.token_type is not TokenType.SEMICOLON]
    if not words:
        raise UsageError("query.empty_sql")
    if words[0].token_type not in _BEGINNINGS:
        raise UsageError("query.not_a_query", found=words[0].text[:_SHOWN].upper())
    if any(index < len(tokens) - 1 and tokens[index + 1].token_type is not TokenType.SEMICOLON for index in pieces):
        raise UsageError("query.not_one")


def _check_size(tree: exp.Expr) -> None:
    """Level by level, so that no depth is too much for the walk itself."""
    level: list[exp.Expr] = [tree]
    count = 0
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_expressions()]
        count += len(level)
        if count > MAX_NODES:
            raise UsageError("query.too_long", length=MAX_LENGTH)
        if not level:
            return
    raise UsageError("query.too_deep")


def _written(tree: exp.Query) -> str:
    try:
        return tree.sql(Spoken, comments=False, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise UsageError("query.syntax", line=1, reason=str(error).splitlines()[0]) from error
    except RecursionError as error:
        raise UsageError("query.too_deep") from error


# -- what it may say --------------------------------------------------------------


def _check_nodes(tree: exp.Query, tables: Catalogue, given: Mapping[str, Value]) -> set[str]:
    """Check every piece, and give the names of the parameters; _Misfit for the first piece that may not be."""
    ctes = _cte_names(tree, tables)
    named: set[str] = set()
    for node in tree.walk():
        _check_node(node)
        if isinstance(node, exp.Table):
            _check_table(node, tables, ctes)
        elif isinstance(node, exp.Placeholder | exp.Parameter):
            named.add(_parameter(node, given))
    return named


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Anonymous):
        _check_call(node)
    elif isinstance(node, exp.GenerateSeries):
        if not isinstance(node.parent, exp.Table):
            raise _refused(node, "range")
    elif type(node) not in ALLOWED:
        raise _refused(node, _called(node))
    elif isinstance(node, exp.DataType) and node.this in {exp.DataType.Type.USERDEFINED, exp.DataType.Type.UNKNOWN}:
        raise _Misfit("query.unknown_type", node, name=node.sql(Spoken)[:_SHOWN])
    elif isinstance(node, exp.Select) and node.args.get("kind"):
        raise _refused(node, str(node.args["kind"]))


def _check_call(call: exp.Anonymous) -> None:
    name = call.name.lower()
    allowed = TABLE_FUNCTIONS if isinstance(call.parent, exp.Table) else NAMED
    if name not in allowed:
        raise _refused(call, name)


def _refused(node: exp.Expr, name: str) -> _Misfit:
    known = function_names() if isinstance(node, exp.Func) else frozenset[str]()
    near = "" if name.lower() in known else nearest(name.lower(), known)
    return _Misfit("query.refused", node, name=name[:_SHOWN], near=near)


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return type(node).sql_names()[0].lower()
    return type(node).__name__.upper()


def _place_of(node: exp.Expr) -> int:
    """Where in the text a node stands: at its own mark, or the first one of what it holds or stands in."""
    for around in filter(None, (node, node.parent, node.parent_select)):
        marks = [int(found.meta["start"]) for found in around.walk() if "start" in found.meta]
        if marks:
            return min(marks)
    return 0


def _parameter(node: exp.Placeholder | exp.Parameter, given: Mapping[str, Value]) -> str:
    name = node.name
    if name not in given:
        raise _Misfit("query.no_value", node, name=name or "?", near=nearest(name, given))
    return name


# -- tables -----------------------------------------------------------------------


def _cte_names(tree: exp.Query, tables: Catalogue) -> frozenset[str]:
    names: set[str] = set()
    for cte in tree.find_all(exp.CTE):
        if cte.alias.lower() in tables:
            raise _Misfit("query.hides_table", cte, name=cte.alias[:_SHOWN])
        names.add(cte.alias.lower())
    return frozenset(names)


def _is_name(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Identifier)


def _check_table(table: exp.Table, tables: Catalogue, ctes: frozenset[str]) -> None:
    if isinstance(table.this, exp.Anonymous | exp.GenerateSeries):
        # Their names are checked where every call is.
        return
    name = table.name if _is_name(table) else table.sql(Spoken)
    is_deeper = table.args.get("db") or table.args.get("catalog")
    if is_deeper or not _is_name(table) or name.lower() not in {*tables, *ctes}:
        shown = table.sql(Spoken) if is_deeper else name
        raise _Misfit("query.unknown_table", table, name=shown[:_SHOWN], near=nearest(name.lower(), {*tables, *ctes}))


# -- the clock ----------------------------------------------------------------------


def _set_clock(tree: exp.Query, now: datetime) -> None:
    for node, is_day in list(_clocks(tree)):
        text = now.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M:%S.%f")
        kind = "DATE" if is_day else "TIMESTAMP"
        if isinstance(node.parent, exp.AtTimeZone):
            # There it must say that it is UTC's time, or it would be taken for the other zone's.
            text, kind = f"{text}+00", "TIMESTAMPTZ"
        node.replace(exp.cast(exp.Literal.string(text), kind))


def _clocks(tree: exp.Query) -> Iterator[tuple[exp.Expr, bool]]:
    for node in tree.walk():
        if isinstance(node, exp.CurrentDate):
            yield node, True
        elif isinstance(node, exp.CurrentTimestamp) or (
            isinstance(node, exp.Anonymous) and node.name.lower() in CLOCKS
        ):
            yield node, False
