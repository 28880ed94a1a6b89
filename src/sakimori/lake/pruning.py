"""Which part of a log a query reads, as far as its text says so for certain: never leave out a row that could matter.

A row that a SELECT's own WHERE would drop can be missing from what that SELECT reads, whatever else it does: so the
conditions that WHERE joins by AND, on the log's time, account and Region, tell which parts need not be opened. What cannot
be read as such a condition narrows nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from typing import Final

from sqlglot import exp

from sakimori.lake.log_reader import EVERYWHERE, Where
from sakimori.lake.table import Table, Type

Bounds = tuple[datetime, datetime]
"""The earliest and the latest moment that a constant may stand for (UTC)."""

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z?)?\Z")
_WITH_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)? ?[+-]\d\d(?::?\d\d)?\Z")
_TIMES: Final = frozenset({exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.DATETIME})
_TIMES_AND_ZONES: Final = _TIMES | {exp.DataType.Type.TIMESTAMPTZ}
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_UNITS: Final = {
    "MICROSECOND": (_MICROSECOND, _MICROSECOND),
    "MILLISECOND": (1_000 * _MICROSECOND, 1_000 * _MICROSECOND),
    "SECOND": (timedelta(seconds=1), timedelta(seconds=1)),
    "MINUTE": (timedelta(minutes=1), timedelta(minutes=1)),
    "HOUR": (timedelta(hours=1), timedelta(hours=1)),
    "DAY": (_DAY, _DAY),
    "WEEK": (7 * _DAY, 7 * _DAY),
    "MONTH": (28 * _DAY, 31 * _DAY),
    "QUARTER": (90 * _DAY, 92 * _DAY),
    "YEAR": (365 * _DAY, 366 * _DAY),
}
"""The shortest and the longest that a unit is."""
_FLIPPED: Final = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE, exp.EQ: exp.EQ}
_PLAIN_JOINS: Final = frozenset({"", "ASOF", "NATURAL"})
_MOST_UNITS: Final = 1_000_000


def wheres_of(
    tree: exp.Query, logs: Mapping[str, Table], parameters: Mapping[str, object]
) -> Mapping[str, Where | None]:
    """For each of these tables what the query reads of it, over all places where it reads it; None: nothing at all."""
    found: dict[str, Where | None] = {}
    for reference in tree.find_all(exp.Table):
        table = logs.get(reference.name.lower()) if isinstance(reference.this, exp.Identifier) else None
        if table is None:
            continue
        read = _read_of(reference, table, parameters)
        found[table.name] = read if table.name not in found else widest(found[table.name], read)
    return found


def narrowest(one: Where | None, other: Where | None) -> Where | None:
    """What both ask for; None where that is nothing."""
    if one is None or other is None:
        return None
    accounts = _common(one.accounts, other.accounts)
    regions = _common(one.regions, other.regions)
    if accounts is None or regions is None:
        return None
    since = max(filter(None, (one.since, other.since)), default=None)
    until = min(filter(None, (one.until, other.until)), default=None)
    if since and until and until <= since:
        return None
    return Where(since=since, until=until, accounts=accounts, regions=regions)


def widest(one: Where | None, other: Where | None) -> Where | None:
    """What holds all that either asks for."""
    if one is None or other is None:
        return one or other
    return Where(
        since=min(one.since, other.since) if one.since and other.since else None,
        until=max(one.until, other.until) if one.until and other.until else None,
        accounts=_either(one.accounts, other.accounts),
        regions=_either(one.regions, other.regions),
    )


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names in both lists; an empty one stands for all. None where there is none."""
    if not one or not other:
        return one or other
    return tuple(name for name in one if name in other) or None


def _either(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other))) if one and other else ()


# -- one reference ------------------------------------------------------------------


def _read_of(reference: exp.Table, table: Table, parameters: Mapping[str, object]) -> Where | None:
    select = reference.parent_select
    where = select.args.get("where") if isinstance(select, exp.Select) else None
    if not isinstance(select, exp.Select) or where is None or not _is_source(reference, select):
        return EVERYWHERE
    alias = reference.alias_or_name.lower()
    is_alone = not select.args.get("joins") and not select.args.get("laterals")
    condition = where.this
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    reader = _Conditions(table, alias, parameters, is_alone=is_alone)
    return reduce(narrowest, (reader.read(part.unnest()) for part in parts), EVERYWHERE)


def _is_source(reference: exp.Table, select: exp.Select) -> bool:
    """Whether it stands in FROM or a join of this SELECT itself, under one name, with its own columns."""
    alias = reference.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return False
    joins: Sequence[exp.Join] = select.args.get("joins") or ()
    if any((join.method or "").upper() not in _PLAIN_JOINS for join in joins):
        return False
    sources = [select.args["from_"].this, *(join.this for join in joins)] if select.args.get("from_") else []
    return reference in sources and [source.alias_or_name for source in sources].count(reference.alias_or_name) == 1


class _Conditions:
    """Reads conditions on one table of a SELECT; `is_alone`: a name without a table can be no other's."""

    def __init__(self, table: Table, alias: str, parameters: Mapping[str, object], *, is_alone: bool) -> None:
        self._table = table
        self._alias = alias
        self._parameters = parameters
        self._is_alone = is_alone

    def read(self, condition: exp.Expr) -> Where | None:
        """What one condition leaves; everything where it is none that is understood."""
        if isinstance(condition, exp.Between):
            return narrowest(
                self._compared(exp.GTE, condition.this, condition.args["low"]),
                self._compared(exp.LTE, condition.this, condition.args["high"]),
            )
        if isinstance(condition, exp.In):
            return self._among(condition)
        kind = type(condition)
        if kind not in _FLIPPED or not isinstance(condition, exp.Binary):
            return EVERYWHERE
        left, right = condition.this, condition.expression
        read = self._compared(kind, left, right)
        return read if read is not EVERYWHERE else self._compared(_FLIPPED[kind], right, left)

    def _compared(self, kind: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> Where:
        name = self._name(left)
        if name in {"account_id", "region"} and kind is exp.EQ:
            value = self._text(right)
            return EVERYWHERE if value is None else _named(name, (value,))
        slack = timedelta(0) if name == self._table.time else self._slack(left)
        bounds = None if slack is None else bounds_of(right, self._parameters)
        if slack is None or bounds is None:
            return EVERYWHERE
        if isinstance(left.unnest(), exp.Cast):
            # Beside a day, the text of a time is read as its day.
            bounds = _of_days(bounds)
        since = bounds[0] if kind in {exp.GT, exp.GTE, exp.EQ} else None
        # `until` is not held itself: what is truncated lies below the next unit.
        beyond = slack or (timedelta(0) if kind is exp.LT else _MICROSECOND)
        until = bounds[1] + beyond if kind in {exp.LT, exp.LTE, exp.EQ} else None
        return Where(since=since, until=until)

    def _slack(self, expression: exp.Expr) -> timedelta | None:
        """By how much the log's time may be later than this form of it; None where it is no such form."""
        inner = expression.unnest()
        if (
            isinstance(inner, exp.Cast)
            and not isinstance(inner, exp.TryCast)
            and inner.to.this is exp.DataType.Type.DATE
        ):
            return _DAY if self._name(inner.this) == self._table.time else None
        if isinstance(inner, exp.TimestampTrunc | exp.DateTrunc) and self._name(inner.this) == self._table.time:
            unit = _UNITS.get(inner.text("unit").upper())
            return unit[1] if unit else None
        return None

    def _among(self, condition: exp.In) -> Where:
        name = self._name(condition.this)
        if name not in {"account_id", "region"} or condition.args.get("query") or condition.args.get("unnest"):
            return EVERYWHERE
        values = [self._text(item) for item in condition.expressions]
        known = [value for value in values if value is not None]
        return _named(name, tuple(known)) if known and len(known) == len(values) else EVERYWHERE

    def _name(self, expression: exp.Expr) -> str:
        """The name of a column that is surely this table's, "" for anything else."""
        column = expression.unnest()
        if not isinstance(column, exp.Column) or column.args.get("db"):
            return ""
        is_ours = column.table.lower() == self._alias if column.table else self._is_alone
        name = column.name.lower()
        return name if is_ours and self._table.column(name) else ""

    def _text(self, expression: exp.Expr) -> str | None:
        value = _constant(expression, self._parameters)
        return value if isinstance(value, str) else None


def _named(name: str, values: tuple[str, ...]) -> Where:
    return replace(EVERYWHERE, **{"accounts" if name == "account_id" else "regions": tuple(dict.fromkeys(values))})


# -- constants ------------------------------------------------------------------------


def bounds_of(expression: exp.Expr, parameters: Mapping[str, object]) -> Bounds | None:
    """What a constant expression may stand for, compared with a time; None where that is not certain."""
    try:
        return _bounds(expression.unnest(), parameters)
    except (ValueError, OverflowError):
        return None


def _bounds(node: exp.Expr, parameters: Mapping[str, object]) -> Bounds | None:
    if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
        return _cast(node, parameters)
    if isinstance(node, exp.Add | exp.Sub):
        return _moved(node, parameters)
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        bounds, unit = _bounds(node.this.unnest(), parameters), _UNITS.get(node.text("unit").upper())
        return (bounds[0] - unit[1], bounds[1]) if bounds and unit else None
    return _moment(_constant(node, parameters))


def _cast(node: exp.Cast, parameters: Mapping[str, object]) -> Bounds | None:
    bounds = _bounds(node.this.unnest(), parameters)
    if bounds and node.to.this is exp.DataType.Type.DATE:
        return _of_days(bounds)
    return bounds if node.to.this in _TIMES_AND_ZONES else None


def _of_days(bounds: Bounds) -> Bounds:
    """What the days of these moments may be."""
    is_day = bounds[0] == bounds[1] and bounds[0].time() == time()
    return bounds if is_day else (bounds[0] - _DAY, bounds[1])


def _moved(node: exp.Add | exp.Sub, parameters: Mapping[str, object]) -> Bounds | None:
    bounds, span = _bounds(node.this.unnest(), parameters), _span(node.expression.unnest(), parameters)
    if bounds is None or span is None:
        return None
    least, most = span
    return (bounds[0] + least, bounds[1] + most) if isinstance(node, exp.Add) else (bounds[0] - most, bounds[1] - least)


def _span(node: exp.Expr, parameters: Mapping[str, object]) -> tuple[timedelta, timedelta] | None:
    """The shortest and the longest that an interval is whose number is a constant."""
    unit = "DAY" if isinstance(node, exp.ToDays) else node.text("unit").upper().removesuffix("S")
    if not isinstance(node, exp.Interval | exp.ToDays) or unit not in _UNITS:
        return None
    count = str(_constant(node.this, parameters, is_number=True)) if node.this is not None else ""
    if not count.isdecimal() or int(count) > _MOST_UNITS:
        return None
    least, most = _UNITS[unit]
    return int(count) * least, int(count) * most


def _moment(value: object) -> Bounds | None:
    if not isinstance(value, str) or not _MOMENT.match(value):
        return None
    moment = datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)
    return moment, moment


def _constant(expression: exp.Expr, parameters: Mapping[str, object], *, is_number: bool = False) -> object:
    """A text (or a number, where one is asked for) that is written out or handed in; None for anything else."""
    node = expression.unnest()
    if isinstance(node, exp.Literal):
        return node.name if node.is_string or is_number else None
    if isinstance(node, exp.Placeholder | exp.Parameter):
        return parameters.get(node.name)
    return None


# -- offsets --------------------------------------------------------------------------


def in_utc(tree: exp.Query, tables: Iterable[Table]) -> None:
    """Write times with an offset that are compared with a table's time in UTC: DuckDB would leave the offset out."""
    kinds: dict[str, set[Type]] = {}
    for column in (column for table in tables for column in table.columns):
        kinds.setdefault(column.name, set()).add(column.type)
    times = {name for name, found in kinds.items() if found == {Type.TIMESTAMP}}
    for literal in list(_beside_times(tree, times)):
        if literal.is_string and _WITH_OFFSET.match(literal.name):
            try:
                moment = datetime.fromisoformat(literal.name.replace(" +", "+").replace(" -", "-")).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            literal.replace(exp.Literal.string(moment.strftime("%Y-%m-%d %H:%M:%S.%f")))


def _beside_times(tree: exp.Query, times: set[str]) -> Iterator[exp.Literal]:
    for node in tree.find_all(exp.Binary, exp.Between, exp.In, exp.Cast):
        if isinstance(node, exp.Cast):
            is_time, others = node.to.this in _TIMES, [node.this]
        else:
            others = list(node.iter_expressions())
            is_time = any(isinstance(other, exp.Column) and other.name.lower() in times for other in others)
        if is_time:
            yield from (other for other in others if isinstance(other, exp.Literal))
