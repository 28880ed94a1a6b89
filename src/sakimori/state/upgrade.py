"""The form of the store, brought up to what this program writes.

The look is cheap; alembic is imported only where something is to be done. The upgrade
runs in one writing transaction, so of two programs that start it, one waits and then
finds nothing left to do.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect

from sakimori.model.errors import UsageError

FORM: Final = "0004"
"""The newest revision under `migrations/versions`: four digits that only grow."""

VERSION_TABLE: Final = "sakimori_version"
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def form_of(connection: Connection, store: str) -> str:
    """The revision of the store, "" for an empty database; UsageError for one that is newer or another's."""
    inspector = inspect(connection)
    if not inspector.has_table(VERSION_TABLE):
        if inspector.get_table_names():
            raise UsageError("findings.store_foreign", store=store)
        return ""
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()
    form = "" if found is None else str(found)
    if form and not form.isdigit():
        raise UsageError("findings.store_foreign", store=store)
    if form > FORM:
        raise UsageError("findings.store_newer", store=store)
    return form


def upgrade(connection: Connection) -> None:
    """Bring the store to FORM, within the transaction of `connection`."""
    from alembic import command  # noqa: PLC0415 - slow to import and needed once in a program's life
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    command.upgrade(config, "head")
