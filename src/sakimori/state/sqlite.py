"""SQLite as the store of one machine: a private file that survives a kill and a power cut.

Write-ahead logging lets readers go on while one process writes. synchronous is FULL, not
the usual NORMAL: with NORMAL a commit that was acknowledged may vanish with the power,
and a run commits once, so the sync costs nothing that anybody notices.
"""

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

from sakimori.model.errors import LakeError
from sakimori.state.write_ahead import write_ahead

_BUSY_SECONDS: Final = 30
_PRAGMAS: Final = (
    "foreign_keys = ON",
    "synchronous = FULL",
    "temp_store = MEMORY",
    "cache_size = -65536",  # KiB: ids are random, and the default of 2 MB thrashes from some ten thousand findings on
)
_PRIVATE_FILE: Final = 0o600
_PRIVATE_DIRECTORY: Final = 0o700

WRITES: Final = "sakimori_writes"
"""The execution option of a connection whose transactions write."""


def sqlite_engine(path: Path) -> Engine:
    """An engine on the file `path`, which is made (0600, missing directories 0700) where it does not exist."""
    _make_private(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    write_ahead(connection)


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that turns writer midway would be refused without waiting."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_private(path: Path) -> None:
    try:
        _make_directories(path.parent)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE))
        except FileExistsError:
            # By name, not by opening it: closing any descriptor of the file would drop this process's locks on it.
            if path.stat().st_mode & 0o077:
                path.chmod(_PRIVATE_FILE)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LakeError("findings.store_failed", store=str(path), reason=reason) from error


def _make_directories(directory: Path) -> None:
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)
