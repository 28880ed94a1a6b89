"""Runs an ingest again and again, kills it at the next point each time, lets it be run again, and tells what the lake holds.

    python killing.py SOURCE WORK [--every N]

A point is every moment at which something reaches the disk: a statement of the manifest, a sync, a rename, a removal, a
directory, a written part. Prints JSON: the number of points, and the faults found.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import sakimori.lake.manifest as manifest_module
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Points:
    """Counts the points, and ends the process at one of them as a kill -9 would."""

    def __init__(self, deadly: int) -> None:
        self.count = 0
        self._deadly = deadly

    def pass_by(self, *_: Any) -> None:
        self.count += 1
        if self.count == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Any, name: str) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            self.pass_by()
            found = original(*arguments, **named)
            self.pass_by()
            return found

        setattr(owner, name, watched)

    def install(self) -> None:
        for owner, name in (
            (os, "fsync"),
            (Path, "replace"),
            (Path, "unlink"),
            (Path, "mkdir"),
            (shutil, "rmtree"),
            (pq, "write_table"),
        ):
            self.before(owner, name)
        connect = sqlite3.connect

        def traced(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **named)
            connection.set_trace_callback(self.pass_by)
            return connection

        manifest_module.sqlite3.connect = traced


def run(source: Path, home: Path, deadly: int) -> int:
    """One ingest in a process of its own; its points if it lived, 0 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        points = Points(deadly)
        points.install()
        ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), local_objects(str(source)), clock=lambda: NOW)
        os.write(writing, str(points.count).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        count = told.read()
    os.waitpid(child, 0)
    return int(count or 0)


def held(home: Path) -> Counter[str]:
    """Every event that the manifest's parts hold, with how often; read without any of the program's own code."""
    connection = sqlite3.connect(home / "lake" / "manifest.db")
    rows = connection.execute(
        "select table_name, account, region, day, part from log_part where retired_at is null"
    ).fetchall()
    connection.close()
    found: Counter[str] = Counter()
    for table, account, region, day, part in rows:
        path = home / "lake" / table / f"account={account}" / f"region={region}" / f"day={day}" / f"{part}.parquet"
        found.update(pq.ParquetFile(path).read(columns=["event_id"], use_threads=False).column(0).to_pylist())
    return found


def strays(home: Path) -> list[str]:
    """Files in the lake that the manifest does not name, and scratch directories that somebody left."""
    connection = sqlite3.connect(home / "lake" / "manifest.db")
    known = {row[0] for row in connection.execute("select part from log_part")}
    connection.close()
    lake = home / "lake"
    return [str(path) for path in lake.rglob("*.parquet") if path.stem not in known] + [
        str(path) for path in lake.glob(".ingesting-*")
    ]


def faults_after(source: Path, home: Path, deadly: int, expected: Counter[str]) -> list[str]:
    run(source, home, deadly)
    faults: list[str] = []
    if (home / "lake" / "manifest.db").exists():
        try:
            seen = held(home)
        except sqlite3.OperationalError:
            seen = Counter()  # killed before the tables were made
        if any(count > 1 for count in seen.values()) or set(seen) - set(expected):
            faults.append(f"point {deadly}: a reader after the kill sees what is not there once")
    if not run(source, home, 0):
        faults.append(f"point {deadly}: the second run did not end")
    if held(home) != expected:
        faults.append(f"point {deadly}: the second run gives another lake")
    if left := strays(home):
        faults.append(f"point {deadly}: left behind: {left}")
    return faults


def main() -> None:
    source, work = Path(sys.argv[1]), Path(sys.argv[2])
    every = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    whole = work / "whole"
    points = run(source, whole, 0)
    expected = held(whole)
    faults: list[str] = []
    for deadly in range(1, points + 1, every):
        home = work / f"killed-{deadly}"
        faults += faults_after(source, home, deadly, expected)
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(json.dumps({"points": points, "events": sum(expected.values()), "faults": faults}))


if __name__ == "__main__":
    main()
