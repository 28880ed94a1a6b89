"""Which parts of logs were judged as they came: their names, so that no clock that goes back hides one."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sakimori.lake.log_parts import LogPart
from sakimori.state.write_ahead import write_ahead

_SCHEMA: Final = """
create table if not exists judged (part text primary key) without rowid;
create table if not exists begun (at text not null);
"""


class JudgedParts:
    """The names in one file beside the lake. One connection; use from one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        path.chmod(0o600)
        write_ahead(self._connection)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    @property
    def has_begun(self) -> bool:
        """Whether anybody watched this lake before."""
        return self._connection.execute("select 1 from begun").fetchone() is not None

    def begin(self, there: Iterable[LogPart], at: str) -> None:
        """Begin with what comes from now on: what is there counts as judged."""
        self._connection.execute("begin immediate")
        self._mark(there)
        self._connection.execute("insert into begun values (?)", (at,))
        self._connection.execute("commit")

    def fresh(self, there: Sequence[LogPart]) -> tuple[LogPart, ...]:
        """Those that were not judged yet, in their order."""
        known = {name for (name,) in self._connection.execute("select part from judged")}
        return tuple(part for part in there if part.name not in known)

    def mark(self, judged: Iterable[LogPart], there: Sequence[LogPart]) -> None:
        """These were judged; names of parts that are there no longer are forgotten."""
        names = {part.name for part in there}
        known = [name for (name,) in self._connection.execute("select part from judged")]
        self._connection.execute("begin immediate")
        self._mark(judged)
        self._connection.executemany(
            "delete from judged where part = ?", ((name,) for name in known if name not in names)
        )
        self._connection.execute("commit")

    def _mark(self, parts: Iterable[LogPart]) -> None:
        self._connection.executemany("insert or ignore into judged values (?)", ((part.name,) for part in parts))
