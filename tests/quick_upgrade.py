"""An empty store made by the statements that made the first one of its engine, without reckoning them out again.

Working out the migrations takes tens of milliseconds, and nearly every test opens a store. `tests/state` and
processes of their own go the whole way.
"""

from typing import Any

from sqlalchemy import Connection, event, inspect

from sakimori.state.upgrade import VERSION_TABLE, upgrade

_made: dict[str, list[tuple[str, Any]]] = {}


def quick_upgrade(connection: Connection) -> None:
    """What `upgrade` does."""
    engine = connection.dialect.name
    if inspect(connection).has_table(VERSION_TABLE):
        upgrade(connection)
    elif engine in _made:
        for statement, parameters in _made[engine]:
            connection.exec_driver_sql(statement, parameters)
    else:
        _made[engine] = _heard(connection)


def _heard(connection: Connection) -> list[tuple[str, Any]]:
    """The writing statements of a real upgrade, which is carried out."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_context: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            heard.append((statement, parameters or None))

    event.listen(connection, "before_cursor_execute", hear)
    try:
        upgrade(connection)
    finally:
        event.remove(connection, "before_cursor_execute", hear)
    return heard
