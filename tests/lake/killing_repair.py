"""Repairs again and again, killed at the next point each time, and tells what the lake holds afterwards.

    python killing_repair.py BUCKET HOME WORK

HOME holds a lake of the files of BUCKET, some of its parts damaged. Prints JSON: the number of points, and the faults found.
"""

import json
import os
import shutil
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.ingest import killing

from sakimori.app.lake_repair import carry_out_repairs, plan_repairs
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects

NOW = datetime(2026, 11, 1, tzinfo=UTC)
State = tuple[frozenset[str], frozenset[str]]


def repair_all(home: Path) -> None:
    carry_out_repairs(home, plan_repairs(home, ()), clock=lambda: NOW)


def run(home: Path, deadly: int) -> int:
    """One repair in a process of its own; its points if it lived, 0 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        points = killing.Points(deadly)
        points.install()
        repair_all(home)
        os.write(writing, str(points.count).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        count = told.read()
    os.waitpid(child, 0)
    return int(count or 0)


def state_of(home: Path) -> State:
    """The parts that are in use, and the files that are taken."""
    connection = sqlite3.connect(home / "lake" / "manifest.db")
    parts = connection.execute("select part from log_part where retired_at is null").fetchall()
    taken = connection.execute("select location from log_object").fetchall()
    connection.close()
    return frozenset(name for (name,) in parts), frozenset(location for (location,) in taken)


def expected_of(bucket: Path, work: Path) -> dict[str, int]:
    whole = work / "expected"
    take(bucket, whole)
    found = dict(killing.held(whole))
    shutil.rmtree(whole)
    return found


def take(bucket: Path, home: Path) -> None:
    ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), local_objects(str(bucket)), clock=lambda: NOW)


def main() -> None:
    bucket, home, work = map(Path, sys.argv[1:])
    expected = expected_of(bucket, work)
    whole = work / "whole"
    shutil.copytree(home, whole)
    before = state_of(whole)
    points = run(whole, 0)
    after = state_of(whole)
    faults: list[str] = []
    for deadly in range(1, points + 1):
        copy = work / "killed"
        shutil.copytree(home, copy)
        run(copy, deadly)
        if state_of(copy) not in (before, after):
            faults.append(f"point {deadly}: half of it is done")
        if not run(copy, 0) or state_of(copy) != after:
            faults.append(f"point {deadly}: the second run did not end as the first would have")
        take(bucket, copy)
        if killing.held(copy) != expected:
            faults.append(f"point {deadly}: the files that were forgotten do not give the same lake")
        shutil.rmtree(copy)
    sys.stdout.write(json.dumps({"points": points, "faults": faults}))


if __name__ == "__main__":
    main()
