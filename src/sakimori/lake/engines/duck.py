"""DuckDB as the lake's engine: one in-memory connection a process, Parquet in, Parquet out.

A connection that runs rules is locked first: it holds the facts in its own memory and
can reach no file, no network, no setting. (`allowed_paths` on a process that runs as
root would let COPY overwrite a part, whatever the file's mode; a copy in memory cannot.)
"""

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from sakimori.lake.engines.spelling import literal, plain_path, quote
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError, RuleError

MEMORY_LIMIT: Final = "4GB"
QUERY_SECONDS: Final = 120.0


class Engine:
    """One in-memory DuckDB. Not thread-safe: one thread, one engine."""

    def __init__(
        self, *, memory_limit: str = MEMORY_LIMIT, threads: int = 0, query_seconds: float = QUERY_SECONDS
    ) -> None:
        """`threads` 0 means one for each core; one is quickest where tables hold a handful of rows.

        `query_seconds` is the time that `run` gives one statement.
        """
        self._connection = duckdb.connect(  # noqa: TID251 - this is the door
            ":memory:",
            config={
                **({"threads": str(threads)} if threads else {}),
                "memory_limit": memory_limit,
                # Nothing is ever spilled: facts of an account have no business in a working directory.
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "preserve_insertion_order": "false",
            },
        )
        # Without a script (`python -c`, a notebook) it would be drawn on standard output, into the report.
        self._connection.execute("set enable_progress_bar = false")
        self._query_seconds = query_seconds
        self._in_transaction = False

    def close(self) -> None:
        """Free the memory."""
        self._connection.close()

    def _do(
        self, sql: str, parameters: Sequence[object] | dict[str, object] | None = None
    ) -> duckdb.DuckDBPyConnection:
        with _interrupts():
            return self._connection.execute(sql, parameters)

    def create(self, table: Table) -> None:
        """An empty relation with the table's columns."""
        columns = ", ".join(f"{quote(column.name)} {column.type}" for column in table.columns)
        self._do(f"create or replace table {quote(table.name)} ({columns})")

    def load_parts(self, table: Table, paths: Sequence[Path]) -> int:
        """The rows of Parquet parts, and how many; a column that an older part lacks is NULL, one that nobody declares any more is dropped."""
        self.create(table)
        if not paths:
            return 0
        files = "[" + ", ".join(literal(plain_path(path)) for path in paths) + "]"
        # A home called `region=x` must not become a column: what a path is called says nothing of what a part holds.
        source = f"read_parquet({files}, union_by_name = true, hive_partitioning = false)"
        try:
            try:
                return self._inserted(f"insert into {quote(table.name)} by name select * from {source}")
            except (duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException):
                # Written when other columns were declared, or with values that today's types do not take.
                return self._inserted(
                    f"insert into {quote(table.name)} select {self._taken(table, source)} from {source}"
                )
        except duckdb.Error as error:
            raise LakeError("lake.part_damaged", table=table.name, reason=_first_line(error)) from error

    def _inserted(self, sql: str) -> int:
        return int(self._do(sql).fetchall()[0][0])

    def _taken(self, table: Table, source: str) -> str:
        """The table's columns out of a source that has others or others' types."""
        held = {row[0] for row in self._do(f"describe select * from {source}").fetchall()}
        return ", ".join(
            f"try_cast({quote(column.name)} as {column.type})" if column.name in held else "null"
            for column in table.columns
        )

    def load_lines(self, table: Table, file: Path) -> None:
        """The rows of a file of JSON lines as `lake.rows.encode_rows` writes them."""
        self.create(table)
        self._do(f"insert into {quote(table.name)} select * from {_json_source(table, file)}")

    def insert(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        """A few rows, for examples and tests; columns that a row leaves out are NULL."""
        names = [column.name for column in table.columns]
        marks = f"({', '.join('?' for _ in names)})"
        if rows:
            self._do(
                f"insert into {quote(table.name)} values {', '.join(marks for _ in rows)}",
                [row.get(name) for row in rows for name in names],
            )

    def insert_texts(self, relation: str, rows: Sequence[Sequence[str]], *, batch: int = 100_000) -> None:
        """Rows of texts, all of one length, into a relation of our own."""
        for start in range(0, len(rows), batch):
            # Bound as lists: over as many literals the parser takes twenty times as long.
            columns = [list(column) for column in zip(*rows[start : start + batch], strict=True)]
            self._do(f"insert into {relation} select {', '.join('unnest(?)' for _ in columns)}", columns)

    def write_parquet(self, table: Table, lines: Path, target: Path) -> None:
        """A file of JSON lines as Parquet (zstd), in the table's types."""
        try:
            self._do(
                f"copy (select * from {_json_source(table, lines)}) to {literal(str(target))} (format parquet, compression zstd)"
            )
        except duckdb.Error as error:
            raise LakeError("lake.not_writable", path=target, reason=_first_line(error)) from error

    def lock(self) -> None:
        """From here on: no file, no extension, no setting; only what is in memory."""
        self._do("set enable_external_access = false")
        self._do("set lock_configuration = true")

    def execute(self, sql: str) -> None:
        """A statement of our own (never a user's)."""
        self._do(sql)

    def run(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """What a statement around a query that `rules.check_query` has passed gives; RuleError if it fails or takes too long."""
        with _time_limit(self._connection, self._query_seconds) as expired:
            try:
                return self._do(sql, dict(parameters) if parameters else None).fetchall()
            except duckdb.Error as error:
                if expired.is_set():
                    raise RuleError("rules.too_slow", seconds=self._query_seconds) from error
                raise RuleError("rules.query_failed", reason=_first_line(error)) from error

    def rows(self, sql: str, *, batch: int = 10_000) -> Iterator[tuple[Any, ...]]:
        """The rows of a query of our own, streamed; several may be read at the same time.

        Inside `transaction` a query is read whole at once.
        """
        if self._in_transaction:
            yield from self._do(sql).fetchall()
            return
        cursor = self._connection.cursor()
        try:
            with _interrupts():
                cursor.execute(sql)
            while chunk := _chunk(cursor, batch):
                yield from chunk
        finally:
            cursor.close()

    def columns(self, sql: str, parameters: Mapping[str, object] | None = None) -> tuple[tuple[str, str], ...]:
        """Name and type of each column that the query gives, without running it; RuleError where it does not bind."""
        try:
            described = self._do(f"describe {sql}", dict(parameters) if parameters else None).fetchall()
        except duckdb.Error as error:
            raise RuleError("rules.query_does_not_bind", reason=_first_line(error)) from error
        return tuple((row[0], row[1]) for row in described)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Whatever happens inside is rolled back at the end: examples leave nothing behind."""
        self._do("begin transaction")
        self._in_transaction = True
        try:
            yield
        finally:
            self._in_transaction = False
            self._do("rollback")


def _chunk(cursor: duckdb.DuckDBPyConnection, size: int) -> list[tuple[Any, ...]]:
    with _interrupts():
        return cursor.fetchmany(size)


@contextmanager
def _interrupts() -> Generator[None]:
    """Ctrl-C stays Ctrl-C: while a statement runs, duckdb makes a RuntimeError of it."""
    try:
        yield
    except RuntimeError as error:
        if str(error) != "Query interrupted":
            raise
        raise KeyboardInterrupt from error


@contextmanager
def _time_limit(connection: duckdb.DuckDBPyConnection, seconds: float) -> Generator[threading.Event]:
    expired = threading.Event()

    def stop() -> None:
        expired.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _json_source(table: Table, file: Path) -> str:
    columns = ", ".join(f"{literal(column.name)}: {literal(column.type)}" for column in table.columns)
    return (
        f"read_json({literal(plain_path(file))}, hive_partitioning = false, format = 'newline_delimited', columns = {{{columns}}}, "
        "maximum_object_size = 67108864)"
    )


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0][:300]
