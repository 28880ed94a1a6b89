"""Rows of a log that mention a text somewhere in its columns of JSON: what may name a resource, before a closer look."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, quote
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where, between
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError

_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]+")
"""What JSON never writes another way: a slash or an umlaut may stand there as an escape."""
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What is looked for.

    `texts` in any of the columns `among`; `unless` are values that leave a row out (NULL never does). Rows come with the
    columns `wanted`, sorted by the table's time, at most `limit` of the newest.
    """

    table: Table
    texts: frozenset[str]
    among: tuple[str, ...]
    wanted: tuple[str, ...]
    limit: int
    where: Where = EVERYWHERE
    unless: Mapping[str, bool] = field(default_factory=dict[str, bool])


def mentioning(engine: Engine, reader: LogReader, asked: Mentions) -> Iterator[dict[str, Any]]:
    """Every row that may mention one of the texts, and some that do not; the oldest first."""
    parts = reader.parts(asked.table.name, asked.where)
    if not parts or not asked.texts:
        return
    time = quote(asked.table.time)
    wanted = list(dict.fromkeys((*asked.wanted, *asked.among, asked.table.time)))
    relation = reader.relation(asked.table, parts, (*wanted, *asked.unless))
    tests = [f"({' or '.join(_mentions(asked))})"]
    tests += [f"{quote(name)} is distinct from {str(value).lower()}" for name, value in asked.unless.items()]
    tests += between(asked.table, asked.where)
    listed = ", ".join(map(quote, wanted))
    newest = f"select {listed} from ({relation}) where {' and '.join(tests)} order by {time} desc limit {asked.limit}"
    try:
        for row in engine.rows(f"select * from ({newest}) order by {time}"):
            yield dict(zip(wanted, row, strict=True))
    except duckdb.Error as error:
        raise LakeError(
            "lake.log_rows_unreadable", table=asked.table.name, reason=str(error).splitlines()[0][:300]
        ) from error


def _mentions(asked: Mentions) -> Iterable[str]:
    probes = {max(_PLAIN.findall(text), key=len, default="") for text in asked.texts}
    if any(len(probe) < _SHORTEST for probe in probes):
        return ["true"]
    # A text that holds another is found with it.
    least = sorted(probe for probe in probes if not any(other in probe for other in probes - {probe}))
    return [f"contains({quote(column)}, {literal(probe)})" for column in asked.among for probe in least]
