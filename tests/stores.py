"""Places for stores that tests open: a new file, or a new schema of the PostgreSQL server of the tests.

The server is named by SAKIMORI_TEST_POSTGRESQL, as `.ci/with-postgresql` sets it. Where it is named, nothing is
skipped: a driver that is missing or a server that is out of reach fails the test.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import URL, NullPool, create_engine, delete, make_url

from sakimori.findings.tables import METADATA
from sakimori.state.store import Store

ENGINES: Final = ("sqlite", "postgresql")
_SERVER: Final = "SAKIMORI_TEST_POSTGRESQL"


@contextmanager
def new_place(engine: str, directory: Path) -> Iterator[str]:
    """Where nothing is yet, as `open_store` takes it; a schema is gone afterwards."""
    if engine == "sqlite":
        yield str(directory / "home" / "state.db")
        return
    server = make_url(_server())
    schema = f"t{uuid.uuid4().hex}"
    _tell(server, f"CREATE SCHEMA {schema}")
    try:
        here = server.update_query_dict({"options": f"-csearch_path={schema}"})
        yield here.render_as_string(hide_password=False)
    finally:
        _tell(server, f"DROP SCHEMA {schema} CASCADE")


def emptied(store: Store) -> Store:
    """The store without a row: cheaper than a new one for each example of a property."""
    with store.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
    return store


def _server() -> str:
    named = os.environ.get(_SERVER, "")
    if not named:
        pytest.skip(f"{_SERVER} names no server; `.ci/with-postgresql make test` starts one")
    return named


def _tell(server: URL, statement: str) -> None:
    admin = create_engine(server.set(drivername="postgresql+psycopg"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)
