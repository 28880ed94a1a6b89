"""PostgreSQL as the store of a team."""

from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sakimori.model.errors import UsageError
from sakimori.model.extras import ensure_libraries
from sakimori.state.sqlite import WRITES

_CONNECT_SECONDS: Final = 10
_LOCK_SECONDS: Final = 60
_WRITER: Final = 0x73616B69
"""The advisory lock that makes writers of one store wait for each other, as SQLite does."""


def postgresql_url(text: str) -> URL:
    """The address `text`, to be reached through psycopg; UsageError, which does not repeat it, where it is none."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise UsageError("findings.store_address") from error
    return url.set(drivername="postgresql+psycopg")


def postgresql_engine(url: URL) -> Engine:
    """An engine on `url`; connects at the first use."""
    ensure_libraries("psycopg")
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "sakimori"},
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """As in SQLite, a reader sees one state throughout. A writer sees what was committed while it waited for the lock.

    Both whatever the server's `default_transaction_isolation` is; SET TRANSACTION comes before any query.
    """
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    if not options.get(WRITES, False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
    # By schema: an advisory lock is the whole database's, in which several stores may lie.
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER}, hashtext(current_schema()))")
