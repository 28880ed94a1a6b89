"""Write-ahead logging of an SQLite file, switched on whoever else opens the file at the same moment."""

import sqlite3
import time
from typing import Final

_PAUSE_SECONDS: Final = 0.01
_TRIES: Final = 3_000


def write_ahead(connection: sqlite3.Connection) -> None:
    """Switch it on; sqlite3.OperationalError where another process keeps the file locked for half a minute.

    A new file is switched once, under a lock for which SQLite does not wait, whatever timeout the connection has.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
