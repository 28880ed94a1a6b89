"""A person's SQL over the lake: what it answers, and what was looked through for it."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sakimori.app.known_tables import kinds_of, known_tables
from sakimori.app.searched import InventoryRead, Searched
from sakimori.aws.partitions import silent_regions
from sakimori.ingest.cloudtrail.table import TABLE as CLOUDTRAIL
from sakimori.lake.contested import contested_count
from sakimori.lake.coverage import Doubts, coverage_of, say_doubts
from sakimori.lake.engines.guarded import QUERY_SECONDS, Answer, GuardedEngine
from sakimori.lake.facts import Facts
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where
from sakimori.lake.part_notes import incomplete_rows
from sakimori.lake.pruning import narrowest
from sakimori.lake.snapshot import Lake
from sakimori.lake.unfinished import unfinished
from sakimori.lake.user_sql import UserSql, Value, check_user_sql
from sakimori.lake.validations import Validation, validations
from sakimori.model.errors import UsageError
from sakimori.texts.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest:
    """What is asked. `where` limits the logs (not the inventory) whatever the SQL says."""

    home: Path
    sql: str
    where: Where = EVERYWHERE
    parameters: Mapping[str, Value] = field(default_factory=dict[str, Value])
    query_seconds: float = QUERY_SECONDS
    memory: int = 0


class QueryAnswer:
    """Columns and rows of a query, streamed, and what was looked through (counted when it is asked for)."""

    def __init__(self, answer: Answer, searched: Callable[[], Searched], doubts: Callable[[], Doubts]) -> None:
        self._answer = answer
        self._searched = searched
        self._doubts = doubts

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Name and type of each column."""
        return self._answer.columns

    @cached_property
    def searched(self) -> Searched:
        """What was looked through."""
        return self._searched()

    def doubts(self, language: Language) -> tuple[str, ...]:
        """What rows that were found say nothing of: what may be missing, and what is contested. No day is counted for it."""
        return say_doubts(self._doubts(), language)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, once."""
        return self._answer.rows()

    def arrow(self) -> tuple[Any, Iterator[Any]]:
        """Schema and record batches of pyarrow, instead of `rows`."""
        return self._answer.arrow()


@contextmanager
def ask(request: QueryRequest, *, clock: Callable[[], datetime]) -> Generator[QueryAnswer]:
    """The answer to a query, open while the block runs; UsageError where the SQL may not be run, or fails."""
    now = clock()
    query = check_user_sql(request.sql, known_tables(), now=now, parameters=request.parameters)
    reader = LogReader(request.home)
    engine = GuardedEngine(memory=request.memory, query_seconds=request.query_seconds)
    try:
        inventory = _load_inventory(engine, request.home, query)
        _show_logs(engine, reader, query, request.where)
        engine.lock()
        with engine.answer(query.sql, query.parameters) as answer:
            yield QueryAnswer(
                answer,
                lambda: _searched(reader, query, request.where, now, inventory),
                lambda: _doubts(reader, query, request.where),
            )
    finally:
        engine.close()
        reader.close()


def rows_held(home: Path) -> Mapping[str, int]:
    """How many rows the lake holds of each log, by table."""
    reader = LogReader(home)
    try:
        logs = [name for name, table in known_tables().items() if table.time]
        return {name: sum(part.row_count for part in reader.parts(name)) for name in logs}
    finally:
        reader.close()


def _show_logs(engine: GuardedEngine, reader: LogReader, query: UserSql, where: Where) -> None:
    for name, own in query.where.items():
        both = narrowest(where, own)
        parts = reader.parts(name, both) if both else ()
        engine.show_log(reader, known_tables()[name], parts, where)


def _load_inventory(engine: GuardedEngine, home: Path, query: UserSql) -> tuple[InventoryRead, ...]:
    names = [name for name in query.tables if name not in query.where]
    if not names:
        return ()
    facts = _facts(home, names)
    found: list[InventoryRead] = []
    for name in names:
        units = [unit for (table, _, _), unit in facts.units.items() if table == name]
        if not units:
            raise UsageError("query.not_collected", table=name)
        engine.load_parts(known_tables()[name], facts.parts.get(name, ()))
        gaps = sum(len(unit.gaps) for unit in units)
        found.append(InventoryRead(table=name, snapshot=facts.snapshot, as_of=facts.as_of, gap_count=gaps))
    return tuple(found)


def _facts(home: Path, names: list[str]) -> Facts:
    if not (home / "lake" / "manifest.db").exists():
        raise UsageError("query.not_collected", table=names[0])
    lake = Lake(home)
    try:
        if not lake.snapshots():
            raise UsageError("query.not_collected", table=names[0])
        return lake.open(lake.find_holding(names))
    finally:
        lake.close()


# -- what was looked through -----------------------------------------------------


def _searched(
    reader: LogReader, query: UserSql, where: Where, now: datetime, inventory: tuple[InventoryRead, ...]
) -> Searched:
    asked = {name: narrowest(where, own) or where for name, own in query.where.items()}
    logs = tuple(coverage_of(reader, name, asked[name], now, kinds_of(name)) for name in sorted(asked))
    silent = [
        region
        for coverage in logs
        if coverage.table == CLOUDTRAIL.name and not asked[coverage.table].regions
        for region in silent_regions(coverage.regions)
    ]
    found = _validations(reader, asked[CLOUDTRAIL.name]) if CLOUDTRAIL.name in asked else ()
    return Searched(logs=logs, inventory=inventory, silent_regions=tuple(silent), validations=found)


def _doubts(reader: LogReader, query: UserSql, where: Where) -> Doubts:
    if reader.manifest is None:
        return Doubts()
    kinds = dict.fromkeys(kind for name in query.where for kind in kinds_of(name))
    contested = sum(
        contested_count(reader.manifest, name, narrowest(where, own) or where) for name, own in query.where.items()
    )
    incomplete = sum(
        incomplete_rows(reader.manifest, name, narrowest(where, own) or where) for name, own in query.where.items()
    )
    left = unfinished(reader.manifest, tuple(kinds))
    return Doubts(unfinished=left, contested_count=contested, incomplete_count=incomplete)


def _validations(reader: LogReader, where: Where) -> tuple[Validation, ...]:
    return tuple(
        each
        for each in (validations(reader.manifest) if reader.manifest else ())
        if (not where.accounts or each.account in where.accounts)
        and (not where.regions or each.region in where.regions)
    )
