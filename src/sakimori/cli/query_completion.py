"""What Tab offers in the shell of `sakimori query`."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sakimori.lake.table import Table

_KEYWORDS: Final = (
    "select", "from", "where", "group by", "order by", "having", "limit", "join", "left join", "using", "on", "with", "as",
    "and", "or", "not", "in", "is null", "is not null", "between", "like", "ilike", "case", "when", "then", "else", "end",
    "distinct", "desc", "union all", "count(*)", "sum(", "min(", "max(", "avg(", "any_value(", "contains(", "starts_with(",
    "regexp_matches(", "regexp_extract(", "date_trunc(", "time_bucket(", "now()", "interval", "coalesce(", "split_part(",
    "lower(", "json_extract_string(", "try_cast(", "filter (where", "qualify", "row_number() over (",
)  # fmt: skip
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def completions(line: str, word: str, tables: Mapping[str, Table], others: Iterable[str]) -> list[str]:
    """Words that begin as `word` does, in alphabetical order: columns of the tables in the line, tables, keywords, others.

    A column after an alias (`e.event_`) is offered with it. A line without a table offers columns of logs.
    """
    lead, dot, rest = word.rpartition(".")
    if dot and lead.isidentifier():
        columns = {f"{lead}.{column}" for column in _columns(line, tables) if column.startswith(rest.lower())}
        return sorted({*columns, *(other for other in others if other.startswith(word))})
    known = {*others, *tables, *_KEYWORDS, *_columns(line, tables)} if word else {*others, *_KEYWORDS}
    return sorted(each for each in known if each.startswith(word.lower()))


def _columns(line: str, tables: Mapping[str, Table]) -> set[str]:
    named = [tables[name] for name in _WORD.findall(line.lower()) if name in tables]
    chosen = named or [table for table in tables.values() if table.time]
    return {column.name for table in chosen for column in table.columns}
