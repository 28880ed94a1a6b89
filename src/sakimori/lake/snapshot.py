"""Snapshots: writing one unit by unit, and opening a whole one.

A snapshot that is `running` is never read; it can be resumed by a later run with the
same request. It becomes `complete` in one transaction, when every part is on disk.
"""

import hashlib
import json
import secrets
import shutil
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.manifest import (
    Manifest,
    account_from_json,
    account_to_json,
    pack_lines,
    unit_from_json,
    unit_to_json,
    unpack_lines,
)
from sakimori.lake.rows import Row, encode_rows
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.errors import LakeError, UsageError
from sakimori.state.durable import sync

RESUMABLE_FOR: Final = timedelta(hours=6)
_KEPT_UNFINISHED: Final = timedelta(days=7)
_SCRATCH: Final = ".writing-"
"""Directories in which a part is written; what a killed writer left of them goes when its request is written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotLine:
    """One line of `sakimori snapshots`."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    accounts: tuple[Account, ...]
    row_count: int
    gap_count: int

    @property
    def is_complete(self) -> bool:
        """Whether it may be judged."""
        return self.finished_at is not None


class Lake:
    """The lake under one home: `lake/manifest.db` and the parts beside it. Use from one thread."""

    def __init__(self, home: Path) -> None:
        self._root = home / "lake"
        _make_directory(home)
        _make_directory(self._root)
        self._manifest = Manifest(self._root / "manifest.db")

    def close(self) -> None:
        """Release the manifest."""
        self._manifest.close()

    # -- writing ---------------------------------------------------------

    @contextmanager
    def writer(self, request: Mapping[str, object], now: datetime) -> Generator["SnapshotWriter"]:
        """A writer for this request: of its unfinished snapshot if a killed run left one, or else of a new one.

        Raises LakeError while another process writes the same request.
        """
        digest = json.dumps(request, sort_keys=True, default=str)
        with _only_writer(self._root, digest) as name:
            found = self._manifest.query(
                "select id from snapshot where state = 'running' and request = ? and started_at > ? order by started_at desc limit 1",
                digest,
                (now - RESUMABLE_FOR).isoformat(),
            )
            identifier = found[0][0] if found else self._start(digest, now)
            writer = SnapshotWriter(self._root, self._manifest, identifier, name)
            try:
                yield writer
            finally:
                writer.close()

    def _start(self, digest: str, now: datetime) -> str:
        identifier = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        with self._manifest.begin() as connection:
            connection.execute(
                "delete from snapshot where state = 'running' and started_at < ?",
                ((now - _KEPT_UNFINISHED).isoformat(),),
            )
            connection.execute(
                "insert into snapshot values (?, ?, ?, null, 'running')", (identifier, digest, now.isoformat())
            )
        return identifier

    # -- reading ---------------------------------------------------------

    def snapshots(self) -> tuple[SnapshotLine, ...]:
        """All snapshots, the newest first."""
        lines: list[SnapshotLine] = []
        for identifier, started, finished in self._manifest.query(
            "select id, started_at, finished_at from snapshot order by started_at desc"
        ):
            holdings = self._manifest.query("select row_count, units from holding where snapshot = ?", identifier)
            lines.append(
                SnapshotLine(
                    id=identifier,
                    started_at=datetime.fromisoformat(started),
                    finished_at=datetime.fromisoformat(finished) if finished else None,
                    accounts=_accounts(self._manifest, identifier),
                    row_count=sum(count for count, _ in holdings),
                    gap_count=sum(len(unit["gaps"]) for _, units in holdings for unit in json.loads(units)),
                )
            )
        return tuple(lines)

    def find(self, name: str) -> str:
        """The id of a complete snapshot: `latest`, an id or its beginning, or the last one of a day (2026-11-23, UTC).

        UsageError where there is none.
        """
        for identifier, started, _ in self._complete():
            if name == "latest" or identifier.startswith(name) or started.startswith(name):
                return identifier
        raise UsageError("lake.no_such_snapshot", name=name)

    def find_holding(self, tables: Iterable[str]) -> str:
        """The newest complete snapshot that holds these tables, or else the newest of all; UsageError if there is none."""
        wanted = set(tables)
        for identifier, _, request in self._complete():
            if wanted <= set(json.loads(request)["tables"]):
                return identifier
        return self.find("latest")

    def find_with_rows(self, tables: Iterable[str]) -> str:
        """The newest complete snapshot in which each of these tables has rows, "" if there is none."""
        wanted = set(tables)
        for identifier, _, request in self._complete():
            if wanted <= set(json.loads(request)["tables"]):
                held = self._manifest.query(
                    "select distinct table_name from holding where snapshot = ? and row_count > 0", identifier
                )
                if wanted <= {name for (name,) in held}:
                    return identifier
        return ""

    def find_covering(self, accounts: Mapping[str, Sequence[str]], tables: Iterable[str], not_before: datetime) -> str:
        """The newest complete snapshot of these accounts (with their Regions) that holds these tables, "" if none."""
        for identifier, started, request in self._complete():
            held = json.loads(request)
            if (
                datetime.fromisoformat(started) >= not_before
                and held["accounts"] == {account: list(regions) for account, regions in accounts.items()}
                and set(tables) <= set(held["tables"])
            ):
                return identifier
        return ""

    def _complete(self) -> list[tuple[str, str, str]]:
        rows = self._manifest.query(
            "select id, started_at, request from snapshot where state = 'complete' order by started_at desc, id desc"
        )
        return [(identifier, started, request) for identifier, started, request in rows]

    def open(self, identifier: str) -> Facts:
        """The facts of a complete snapshot; LakeError if a part is gone or the manifest does not make sense."""
        try:
            if not self._manifest.query("select 1 from snapshot where id = ? and state = 'complete'", identifier):
                raise UsageError("lake.no_such_snapshot", name=identifier)
            return _facts(self._root, self._manifest, identifier)
        except (ValueError, KeyError, TypeError) as error:
            raise LakeError(
                "lake.manifest_unreadable", path=self._root / "manifest.db", reason=type(error).__name__
            ) from error


class SnapshotWriter:
    """One snapshot being written. `stage` each unit as it is read, `seal` each finished table, then `finish`."""

    def __init__(self, root: Path, manifest: Manifest, identifier: str, name: str) -> None:
        """`name` tells this writer's scratch directories from those of other requests."""
        self._root = root
        self._manifest = manifest
        # Most parts hold a handful of rows, for which one thread is quickest, and others read AWS meanwhile.
        self._engine = Engine(threads=1)
        self._name = name
        self.id = identifier

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def already_read(self) -> frozenset[tuple[str, str, str]]:
        """Units (table, account, region) that a killed run has read without a gap: they need not be read again.

        A sealed table with a gap is read again whole: its part is written anew from what is staged.
        """
        staged = self._manifest.query("select unit from staged where snapshot = ?", self.id)
        sealed = self._manifest.query("select units from holding where snapshot = ?", self.id)
        tables = [[json.loads(text)] for (text,) in staged]
        tables.extend(json.loads(text) for (text,) in sealed)
        return frozenset(
            (unit["table"], unit["account"], unit["region"])
            for units in tables
            if not any(unit["gaps"] for unit in units)
            for unit in units
        )

    def accounts(self, accounts: Iterable[Account]) -> None:
        """The accounts of this snapshot."""
        with self._manifest.begin() as connection:
            connection.executemany(
                "insert or replace into account values (?, ?, ?)",
                [(self.id, account.id, account_to_json(account)) for account in accounts],
            )

    def stage(self, readings: Sequence[tuple[Table, Unit, Sequence[Row]]]) -> None:
        """What was read, durably, in one transaction."""
        rows = [self._staged(table, unit, encode_rows(table, rows)) for table, unit, rows in readings]
        with self._manifest.begin() as connection:
            connection.executemany("insert or replace into staged values (?, ?, ?, ?, ?, ?)", rows)

    def _staged(self, table: Table, unit: Unit, lines: Sequence[bytes]) -> tuple[object, ...]:
        told = unit_to_json(replace(unit, row_count=len(lines)))
        return (self.id, unit.account, table.name, unit.region, told, pack_lines(lines))

    def seal(self, table: Table, account: str) -> None:
        """Turn the staged units of one table of one account into a part. Does nothing where none is staged."""
        staged = self._manifest.query(
            "select unit, lines from staged where snapshot = ? and account = ? and table_name = ? order by region",
            self.id,
            account,
            table.name,
        )
        if not staged:
            return
        lines = sorted(line for _, blob in staged for line in unpack_lines(blob))
        part = self._write_part(table, lines) if lines else ""
        units = f"[{','.join(unit for unit, _ in staged)}]"
        with self._manifest.begin() as connection:
            connection.execute(
                "insert or replace into holding values (?, ?, ?, ?, ?, ?)",
                (self.id, account, table.name, part, len(lines), units),
            )
            connection.execute(
                "delete from staged where snapshot = ? and account = ? and table_name = ?",
                (self.id, account, table.name),
            )

    def note(self, unit: Unit) -> None:
        """Add a unit without rows to what the snapshot holds of its table."""
        with self._manifest.begin() as connection:
            held = connection.execute(
                "select part, row_count, units from holding where snapshot = ? and account = ? and table_name = ?",
                (self.id, unit.account, unit.table),
            ).fetchone() or ("", 0, "[]")
            units = [*json.loads(held[2]), json.loads(unit_to_json(unit))]
            connection.execute(
                "insert or replace into holding values (?, ?, ?, ?, ?, ?)",
                (self.id, unit.account, unit.table, held[0], held[1], json.dumps(units, ensure_ascii=False)),
            )

    def facts(self) -> Facts:
        """What is sealed of this snapshot so far."""
        return _facts(self._root, self._manifest, self.id)

    def finish(self, now: datetime) -> None:
        """Make the snapshot readable."""
        with self._manifest.begin() as connection:
            connection.execute(
                "update snapshot set state = 'complete', finished_at = ? where id = ?", (now.isoformat(), self.id)
            )

    def _write_part(self, table: Table, lines: Sequence[bytes]) -> str:
        form = ",".join(f"{column.name} {column.type}" for column in table.columns)
        digest = hashlib.sha256(f"{table.name}({form})\n".encode())
        for line in lines:
            digest.update(line + b"\n")
        part = digest.hexdigest()[:40]
        target = self._root / table.name / f"{part}.parquet"
        if not target.is_file():
            self._write_parquet(table, lines, target)
        return part

    def _write_parquet(self, table: Table, lines: Sequence[bytes], target: Path) -> None:
        _make_directory(target.parent)
        try:
            with tempfile.TemporaryDirectory(dir=self._root, prefix=f"{_SCRATCH}{self._name}-") as scratch:
                source, written = Path(scratch) / "rows.ndjson", Path(scratch) / "part.parquet"
                source.write_bytes(b"\n".join(lines) + b"\n")
                self._engine.write_parquet(table, source, written)
                written.chmod(0o400)
                sync(written)
                written.replace(target)
                sync(target.parent)
        except OSError as error:
            raise LakeError("lake.not_writable", path=target, reason=error.strerror or str(error)) from error


def _facts(root: Path, manifest: Manifest, identifier: str) -> Facts:
    [(started,)] = manifest.query("select started_at from snapshot where id = ?", identifier)
    parts: dict[str, list[Path]] = {}
    units: list[Unit] = []
    for table, part, held in manifest.query(
        "select table_name, part, units from holding where snapshot = ?", identifier
    ):
        if part:
            path = root / table / f"{part}.parquet"
            if not path.is_file():
                raise LakeError("lake.part_missing", path=path, snapshot=identifier)
            parts.setdefault(table, []).append(path)
        units.extend(unit_from_json(unit) for unit in json.loads(held))
    accounts = _accounts(manifest, identifier)
    if not accounts:
        raise ValueError(identifier)
    return Facts(
        snapshot=identifier,
        as_of=datetime.fromisoformat(started),
        accounts=accounts,
        parts={table: tuple(paths) for table, paths in parts.items()},
        units=Facts.index(units),
    )


def _accounts(manifest: Manifest, identifier: str) -> tuple[Account, ...]:
    rows = manifest.query("select data from account where snapshot = ? order by id", identifier)
    return tuple(account_from_json(data) for (data,) in rows)


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LakeError("lake.not_writable", path=path, reason=error.strerror or str(error)) from error


@contextmanager
def _only_writer(root: Path, digest: str) -> Generator[str]:
    """Hold a lock file of this request and give its name; the kernel drops the lock when the process dies."""
    import fcntl  # noqa: PLC0415 - POSIX only, and only writers need it

    name = hashlib.sha256(digest.encode()).hexdigest()[:16]
    with _lock_file(root / f".{name}.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LakeError("lake.busy") from error
        for left in root.glob(f"{_SCRATCH}{name}-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield name


def _lock_file(path: Path) -> TextIO:
    try:
        return path.open("w")
    except OSError as error:
        raise LakeError("lake.not_writable", path=path, reason=error.strerror or str(error)) from error
