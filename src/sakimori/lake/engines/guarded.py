"""Wall 2 around a person's SQL: a locked DuckDB that can reach the listed parts, and nothing else at all.

Where the parts cannot be written by this process, DuckDB reads them itself, under their exact paths. Where they can (as
root, whatever a file's mode; COPY would overwrite one), they are handed over as Arrow datasets, which nobody can write to:
as quick as the other way but for wide texts, which take two to three times as long, and Arrow reads up to a GiB ahead.
"""

import os
import re
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import duckdb

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, quote
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader, Where, between
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError, UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.texts.nearest import nearest

QUERY_SECONDS: Final = 300.0
_LEAST_BYTES: Final = 1 << 30
_BESIDES_BYTES: Final = 3 << 29
"""What a query may take besides what DuckDB counts: Arrow's reading ahead, and values on their way out."""
_BATCH: Final = 10_000
_AGAIN_SECONDS: Final = 0.05
_NO_COLUMN: Final = (
    re.compile(r'Referenced column "([^"]+)" not found'),
    re.compile(r'does not have a column named "([^"]+)"'),
)
_Result = TypeVar("_Result")
_KIND: Final = re.compile(r"^[A-Za-z ]+ (?:Error|Exception): ")


def memory_bytes() -> int:
    """What a query may use: half of what this machine has."""
    try:
        return max(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2, _LEAST_BYTES)
    except (ValueError, OSError, AttributeError):
        return 4 * _LEAST_BYTES


class GuardedEngine(Engine):
    """One DuckDB for one query of a person's: show it its tables, `lock` it, then ask. Use from one thread."""

    def __init__(self, *, memory: int = 0, query_seconds: float = QUERY_SECONDS) -> None:
        """`memory` in bytes, 0 for half of the machine's; `query_seconds` is the time for all rows together."""
        self._memory = memory or memory_bytes()
        super().__init__(memory_limit=f"{self._memory >> 20}MiB", query_seconds=query_seconds)
        self.execute("set python_enable_replacements = false")
        self.execute("set timezone = 'UTC'")
        # The same question gives the same rows in the same order.
        self.execute("set preserve_insertion_order = true")
        self._allowed: list[Path] = []
        self._names: set[str] = set()

    def create(self, table: Table) -> None:
        """An empty relation with the table's columns."""
        super().create(table)
        self._names.update(column.name for column in table.columns)

    def show_log(self, reader: LogReader, table: Table, parts: Sequence[LogPart], where: Where) -> None:
        """The rows of these parts, which are those of `where`, under the table's name: only the times cut through a part."""
        self._names.update(column.name for column in table.columns)
        paths = reader.paths(parts)
        if any(os.access(path, os.W_OK) for path in paths):
            rows = self._datasets(reader, table, parts)
        else:
            self._allowed += paths
            rows = reader.relation(table, parts)
        held = " and ".join(("true", *between(table, where)))
        self.execute(f"create view {quote(table.name)} as select * from ({rows}) where {held}")

    def _datasets(self, reader: LogReader, table: Table, parts: Sequence[LogPart]) -> str:
        """SQL of the rows of parts that only Arrow opens; those of one form have the same columns."""
        ensure_libraries("pyarrow")
        ds: Any = import_module("pyarrow.dataset")  # heavy, without types, and only a root user needs it
        forms: dict[str, list[LogPart]] = {}
        for part in parts:
            forms.setdefault(part.form, []).append(part)
        pieces: list[str] = []
        for number, (form, those) in enumerate(sorted(forms.items())):
            name = f"{table.name} {number} {form}"
            try:
                dataset = ds.dataset([str(path) for path in reader.paths(those)], format="parquet")
            except (OSError, ValueError) as error:
                raise LakeError("lake.log_rows_unreadable", table=table.name, reason=_first_line(error)) from error
            self._connection.register(name, dataset)
            held: set[str] = set(dataset.schema.names)
            columns = ", ".join(
                f"try_cast({quote(column.name)} as {column.type}) as {quote(column.name)}"
                if column.name in held
                else f"null::{column.type} as {quote(column.name)}"
                for column in table.columns
            )
            pieces.append(f"select {columns} from {quote(name)}")
        return " union all ".join(pieces)

    def lock(self) -> None:
        """From here on: no file but the shown parts, no extension, no setting."""
        if self._allowed:
            self.execute(f"set allowed_paths = [{', '.join(literal(str(path)) for path in self._allowed)}]")
        super().lock()

    @contextmanager
    def answer(self, sql: str, parameters: Mapping[str, object] | None = None) -> Generator["Answer"]:
        """The answer to a query that `user_sql` has passed; UsageError where it does not bind, fails, or takes too much."""
        bound = _bound(parameters)

        def described() -> list[tuple[str, str]]:
            _check_statement(self._connection, sql)
            relation = cast("Any", self._connection).sql(sql, params=bound)
            return list(zip(relation.columns, map(str, relation.types), strict=True))

        with ThreadPoolExecutor(max_workers=1) as worker:
            allowed = (self._query_seconds, self._memory + _BESIDES_BYTES)
            limits = _Limits(self._connection, worker, allowed, self._names)
            yield Answer(self._connection, _unrepeated(limits.run(described)), (sql, bound), limits)


class Answer:
    """Columns and rows of one query, which runs when the rows are asked for, one way or the other, once."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: tuple[tuple[str, str], ...],
        query: tuple[str, dict[str, object] | None],
        limits: "_Limits",
    ) -> None:
        self._connection = connection
        self._query = query
        self._limits = limits
        self.columns = columns
        """Name and type of each; a name that the query gives twice gets a number."""

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, streamed."""
        self._limits.run(lambda: self._connection.execute(*self._query))
        while chunk := self._limits.run(lambda: self._connection.fetchmany(_BATCH)):
            yield from chunk

    def arrow(self) -> tuple[Any, Iterator[Any]]:
        """A pyarrow Schema, and the rows as its RecordBatches, streamed: their columns have the names of `columns`."""
        names = [name for name, _ in self.columns]
        sql, bound = self._query

        def opened() -> Any:
            relation = cast("Any", self._connection).sql(sql, params=bound)
            # Older versions of DuckDB have it under another name.
            read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
            return read(_BATCH)

        reader = self._limits.run(opened)
        empty = reader.schema.empty_table().rename_columns(names)
        return empty.schema, self._batches(reader, names)

    def _batches(self, reader: Any, names: list[str]) -> Iterator[Any]:
        while (batch := self._limits.run(lambda: next(reader, None))) is not None:
            yield batch.rename_columns(names)


def _bound(parameters: Mapping[str, object] | None) -> dict[str, object] | None:
    """The values as DuckDB takes them; None where there are none."""
    named = parameters or {}
    return {
        name: list(cast("Sequence[object]", value)) if isinstance(value, tuple) else value
        for name, value in named.items()
    } or None


def _check_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """DuckDB's own parser must see one SELECT too."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise UsageError("query.not_a_query", found=sql[:80])


def _unrepeated(columns: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, kind in columns:
        unique, number = name, 1
        while unique in found:
            number += 1
            unique = f"{name}_{number}"
        found[unique] = kind
    return tuple(found.items())


# -- limits -------------------------------------------------------------------------


class _Limits:
    """Time and memory of one query, over all the calls in which it runs; and its failures as sentences.

    The calls run in a thread of their own: DuckDB hears neither Ctrl-C nor a clock while it works.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, worker: Executor, limits: tuple[float, int], names: set[str]
    ) -> None:
        self._connection = connection
        self._worker = worker
        self._seconds, memory = limits
        self._left = self._seconds
        self._names = names
        self._ceiling = held + memory if (held := _held_bytes()) else 0

    def run(self, call: Callable[[], _Result]) -> _Result:
        """What one call of DuckDB's gives, inside the limits."""
        begun = time.monotonic()
        with _memory_below(self._ceiling):
            running = self._worker.submit(call)
            try:
                done, _ = wait([running], timeout=max(self._left, 0))
            except KeyboardInterrupt:
                self._stop(running)
                raise
            if not done:
                self._stop(running)
                raise UsageError("query.too_slow", seconds=self._seconds)
            self._left -= time.monotonic() - begun
            try:
                return running.result()
            except (duckdb.Error, MemoryError, OSError) as error:
                raise self._failure(error) from error

    def _stop(self, running: "Future[Any]") -> None:
        """Interrupt it, again and again: an interrupt that comes before the work has begun is lost."""
        while not wait([running], timeout=_AGAIN_SECONDS).done:
            self._connection.interrupt()

    def _failure(self, error: Exception) -> UsageError | LakeError:
        if isinstance(error, MemoryError | duckdb.OutOfMemoryException) or "ArrowMemoryError" in str(error):
            return UsageError("query.too_much_memory")
        if isinstance(error, OSError | duckdb.IOException):
            return LakeError("query.part_unreadable", reason=_first_line(error))
        if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
            return self._unbound(error)
        return UsageError("query.failed", reason=_first_line(error))

    def _unbound(self, error: duckdb.Error) -> UsageError:
        for form in _NO_COLUMN:
            if found := form.search(str(error)):
                return UsageError("query.no_such_column", name=found[1], near=nearest(found[1].lower(), self._names))
        return UsageError("query.does_not_bind", reason=_first_line(error))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _KIND.sub("", lines[0])[:300]


def _held_bytes() -> int:
    """The bytes of memory that this process may write to, by the kernel's count; 0 where it does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


@contextmanager
def _memory_below(ceiling: int) -> Generator[None]:
    """Let no allocation go beyond so many bytes: DuckDB counts what it sorts and groups, but not single values.

    The limit is the whole process's while the call runs.
    """
    if not ceiling:
        yield
        return
    import resource  # noqa: PLC0415 - no such module on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [limit for limit in (ceiling, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
