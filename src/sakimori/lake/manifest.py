"""The lake's manifest: snapshots and what they hold, rows on their way into parts, and which logs were taken.

One SQLite file (WAL) beside the parts. Readers list parts from here, never by globbing.
A unit is staged here, durably, as soon as it is read, so that a kill loses nothing that
was read; it leaves again when its part is on disk and named in the same transaction.
"""

import json
import sqlite3
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.errors import LakeError
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind
from sakimori.state.write_ahead import write_ahead

_VERSION: Final = 4
_SCHEMA: Final = """
create table if not exists snapshot (id text primary key, request text not null, started_at text not null,
  finished_at text, state text not null check (state in ('running', 'complete')));
create table if not exists account (snapshot text not null references snapshot(id) on delete cascade, id text not null,
  data text not null, primary key (snapshot, id)) without rowid;
create table if not exists holding (snapshot text not null references snapshot(id) on delete cascade, account text not null,
  table_name text not null, part text not null, row_count integer not null, units text not null,
  primary key (snapshot, account, table_name)) without rowid;
create table if not exists staged (snapshot text not null references snapshot(id) on delete cascade, account text not null,
  table_name text not null, region text not null, unit text not null, lines blob not null,
  primary key (snapshot, account, table_name, region));
create index if not exists snapshot_by_time on snapshot (state, started_at);
create table if not exists log_part (part text primary key, table_name text not null, account text not null, region text not null,
  day text not null, row_count integer not null, byte_count integer not null, first_at integer not null, last_at integer not null,
  form text not null, made_at text not null, retired_at text) without rowid;
create index if not exists log_part_by_place on log_part (table_name, account, region, day);
create table if not exists log_object (source text not null, location text not null, version text not null, digest text not null,
  state text not null check (state in ('whole', 'partial', 'duplicate')), row_count integer not null, byte_count integer not null,
  parser integer not null, account text not null, region text not null, first_at integer, last_at integer,
  content_digest text not null, taken_at text not null, primary key (source, location, version)) without rowid;
create index if not exists log_object_by_digest on log_object (source, digest);
create table if not exists log_refused (source text not null, location text not null, version text not null, position integer not null,
  reason text not null, detail text not null, size integer not null, seen_at text not null,
  primary key (source, location, version, position, reason)) without rowid;
create table if not exists log_delivery (table_name text not null, account text not null, region text not null, day text not null,
  file_count integer not null, row_count integer not null, delay_seconds_max real, delay_seconds_sum real not null,
  delay_count integer not null, primary key (table_name, account, region, day)) without rowid;
create table if not exists log_proof (table_name text not null, account text not null, region text not null, kind text not null,
  first_at integer not null, last_at integer not null, detail text not null,
  primary key (table_name, account, region, kind, first_at)) without rowid;
create table if not exists log_contested (table_name text not null, account text not null, region text not null, day text not null,
  identity text not null, seen_at text not null, primary key (table_name, account, region, day, identity)) without rowid;
create table if not exists log_part_note (part text primary key, marks blob, compared_at text, incomplete_count integer not null,
  is_early integer not null);
create table if not exists log_given_up (source text not null, location text not null, version text not null, typed text not null,
  began_at text not null, primary key (source, location, version)) without rowid;
create table if not exists log_looked_at (source text not null, location text not null, reason text not null, looked_at text not null,
  primary key (source, location)) without rowid;
create index if not exists log_contested_by_identity on log_contested (table_name, identity);
create table if not exists log_cursor (name text primary key, value text not null, moved_at text not null) without rowid;
"""

_BOUND: Final = 500
"""Values that one statement is given."""
_WAIT_SECONDS: Final = 300
"""For others that write: commits of two ingests follow each other closely, and SQLite queues nobody."""


class Manifest:
    """The manifest of one lake. One connection; use from one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _open(path)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    @contextmanager
    def begin(self) -> Generator[sqlite3.Connection]:
        """One durable transaction: all of it, or nothing."""
        try:
            self._connection.execute("begin immediate")
            yield self._connection
            # A full disk shows itself here, where the log is written.
            self._connection.execute("commit")
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            if isinstance(error, sqlite3.Error):
                raise LakeError("lake.manifest_failed", reason=str(error)) from error
            raise

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a read."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LakeError("lake.manifest_unreadable", path=self._path, reason=str(error)) from error

    def each(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a read one by one, however many there are."""
        try:
            yield from self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise LakeError("lake.manifest_unreadable", path=self._path, reason=str(error)) from error

    def taken(self, source: str, locations: Sequence[str]) -> Mapping[tuple[str, str], str]:
        """What was taken of this source from these locations: location and version, and the state of the object."""
        return {
            (location, version): state
            for some in portions(locations)
            for location, version, state in self.query(
                f"select location, version, state from log_object where source = ? and location in ({marks_for(some)})",
                source,
                *some,
            )
        }


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values, so many at a time as one statement is given."""
    return (values[start : start + _BOUND] for start in range(0, len(values), _BOUND))


def marks_for(values: Sequence[str]) -> str:
    """The places of these values in a statement."""
    return ", ".join("?" for _ in values)


def _open(path: Path) -> sqlite3.Connection:
    with ExitStack() as opening:
        try:
            connection = opening.enter_context(
                closing(sqlite3.connect(path, isolation_level=None, timeout=_WAIT_SECONDS))
            )
            path.chmod(0o600)
            _prepare(connection, path)
        except (sqlite3.Error, OSError) as error:
            raise LakeError("lake.manifest_unreadable", path=path, reason=str(error)) from error
        opening.pop_all()
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Settings of the connection, and the tables in this program's form; LakeError for those of a newer one."""
    write_ahead(connection)
    # NORMAL in WAL survives a kill of the process at any moment; only a power cut may
    # take the last units, which the next run reads again.
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma foreign_keys = on")
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > _VERSION:
        raise LakeError("lake.newer", path=path)
    if version < _VERSION:
        # Another process may have made the tables since.
        connection.executescript(f"begin exclusive; {_SCHEMA} pragma user_version = {_VERSION}; commit;")


def pack_lines(lines: Sequence[bytes]) -> bytes:
    """JSON lines, compressed for the stage."""
    return zlib.compress(b"\n".join(lines), 1)


def unpack_lines(blob: bytes) -> list[bytes]:
    """The lines that `pack_lines` took."""
    return [line for line in zlib.decompress(blob).split(b"\n") if line]


def unit_to_json(unit: Unit) -> str:
    """A unit as it stands in the manifest."""
    return json.dumps(
        {
            "table": unit.table,
            "account": unit.account,
            "region": unit.region,
            "as_of": unit.as_of.astimezone(UTC).isoformat(),
            "rows": unit.row_count,
            "gaps": [asdict(gap) for gap in unit.gaps],
        },
        ensure_ascii=False,
    )


def unit_from_json(data: Mapping[str, Any]) -> Unit:
    """The unit that `unit_to_json` wrote."""
    return Unit(
        table=data["table"],
        account=data["account"],
        region=data["region"],
        as_of=datetime.fromisoformat(data["as_of"]),
        row_count=data["rows"],
        gaps=tuple(Gap(**{**gap, "kind": GapKind(gap["kind"])}) for gap in data["gaps"]),
    )


def account_to_json(account: Account) -> str:
    """An account as it stands in the manifest."""
    return json.dumps(asdict(account), ensure_ascii=False)


def account_from_json(text: str) -> Account:
    """The account that `account_to_json` wrote."""
    data: dict[str, Any] = json.loads(text)
    data["regions"], data["selected"] = tuple(data["regions"]), tuple(data["selected"])
    return Account(**data)
