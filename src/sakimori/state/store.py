"""The store of what the program remembers: findings, and whatever other rooms define.

This room knows the engine and how its form changes; which tables stand in it is said by
the rooms that use them, and their history by `migrations/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite

from sakimori.model.errors import UsageError
from sakimori.state.faults import explained
from sakimori.state.postgresql import postgresql_engine, postgresql_url
from sakimori.state.sqlite import WRITES, sqlite_engine
from sakimori.state.turn import turn_of_file, turn_of_server
from sakimori.state.upgrade import FORM, form_of, upgrade


class Store:
    """An open store in this program's form. Its methods raise LakeError where the database fails."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name
        """The path or the address, without a password."""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One writing transaction, the only one at a time: kept whole at the end, dropped whole on an exception."""
        with explained(self.name), self._engine.connect() as fresh:
            connection = fresh.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One reading transaction, which waits for no writer."""
        with explained(self.name), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def turn(self, name: str, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Whether this process may do what `name` says, which one at a time may; it lasts until the block or the process ends."""
        if self._engine.dialect.name == "sqlite":
            held = turn_of_file(self.name, name, wait_seconds)
        else:
            held = turn_of_server(self._engine, name, wait_seconds)
        with explained(self.name), held as has_turn:
            yield has_turn

    def close(self) -> None:
        """Let go of the file or the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_store(place: Path | str) -> Store:
    """The store at `place`, a path or `postgresql://…`, made or brought up to date where needed.

    UsageError where the place is no store of this program's or one of a newer program.
    """
    text = str(place)
    if "://" not in text:
        path = Path(place)
        store = Store(sqlite_engine(path), str(path))
    elif text.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        url = postgresql_url(text)
        store = Store(postgresql_engine(url), url.render_as_string(hide_password=True))
    else:
        raise UsageError("findings.store_address")
    try:
        _bring_up_to_date(store)
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def writing(place: Store | Connection) -> Iterator[Connection]:
    """A writing transaction of the store, or that of a connection of its `begin`, which then ends elsewhere."""
    if isinstance(place, Connection):
        yield place
        return
    with place.begin() as connection:
        yield connection


@contextmanager
def reading(place: Store | Connection) -> Iterator[Connection]:
    """A reading transaction of the store, or that of a connection, which then ends elsewhere."""
    if isinstance(place, Connection):
        yield place
        return
    with place.read() as connection:
        yield connection


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`, alike on both engines."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _bring_up_to_date(store: Store) -> None:
    with store.read() as connection:
        form = form_of(connection, store.name)
    if form == FORM:
        return
    with store.begin() as connection:
        if form_of(connection, store.name) != FORM:
            upgrade(connection)
