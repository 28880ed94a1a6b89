"""Rows of an SQLite file as text: a long value is parted over pages, and no pattern would find it in the bytes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from sakimori.analysis.secrets.decoders.budget import Budget

_LARGEST: Final = 512 << 20
_LONGEST: Final = 64 << 20
"""Bytes of a row: a schema may compute a column of a billion."""
_TOGETHER: Final = 4 << 20
_STEPS: Final = 200_000_000
_ROLLBACK: Final = b"\x01\x01"


def sqlite_text(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Each table as lines of `column=value`, in parts; what cannot be read is told."""
    if len(data) > _LARGEST:
        budget.refuse("too_large", "sqlite")
        return
    # A file in WAL mode can be read without its log only where its header does not ask for one.
    plain = data[:18] + _ROLLBACK + data[20:]
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(plain)
            connection.text_factory = bytes
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.execute("PRAGMA trusted_schema=OFF")
            _bound(connection)
            for table in _tables(connection):
                yield from ((table, part) for part in _rows(connection, table, budget))
        except (sqlite3.Error, OverflowError) as error:
            budget.refuse("damaged", "sqlite", str(error))


def _bound(connection: sqlite3.Connection) -> None:
    """End a query that never ends."""
    steps = 0

    def stop() -> bool:
        nonlocal steps
        steps += 1
        return steps > _STEPS // 10_000

    connection.set_progress_handler(stop, 10_000)


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    return [name.decode("utf-8", "replace") for (name,) in connection.execute(query)]


def _rows(connection: sqlite3.Connection, table: str, budget: Budget) -> Iterator[bytes]:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}"')
    names = [str(column[0]).encode("utf-8", "replace") for column in cursor.description]
    lines: list[bytes] = []
    size = 0
    for row in cursor:
        line = b" ".join(_cell(name, value) for name, value in zip(names, row, strict=True) if value is not None)
        lines.append(line)
        size += len(line)
        if size > _TOGETHER:
            if not budget.may_take(size, table):
                return
            yield b"\n".join(lines)
            lines, size = [], 0
    if lines and budget.may_take(size, table):
        yield b"\n".join(lines)


def _cell(name: bytes, value: object) -> bytes:
    return name + b"=" + (value if isinstance(value, bytes) else str(value).encode())
