"""Compacts and retires again and again, killed at the next point each time, and tells what the lake holds afterwards.

    python killing_upkeep.py HOME WORK [EVERY]

HOME holds a lake of several parts a day. Of the points, every one or each EVERYth is tried. Prints JSON: the number of points of each action, and the faults found.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
from tests.ingest import killing

from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.compaction import compact, forget, old_parts, piles_of, retire
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import RETIRED_FOR, LogWriter

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CUT = date(2026, 10, 2)


def compact_all(home: Path) -> None:
    writer, reader = LogWriter(home, lambda: NOW), LogReader(home)
    compact(writer, reader, {TABLE.name: (TABLE, piles_of(reader, TABLE))})
    reader.close()
    writer.close()


def retire_old(home: Path) -> None:
    writer, reader = LogWriter(home, lambda: NOW), LogReader(home)
    retire(writer, old_parts(reader, TABLE.name, CUT))
    forget(writer, TABLE.name, ["cloudtrail"], CUT)
    reader.close()
    writer.close()


def sweep(home: Path) -> None:
    writer = LogWriter(home, lambda: NOW + timedelta(hours=2))
    writer.sweep(retired_before=NOW + timedelta(hours=2) - RETIRED_FOR)
    writer.close()


def run(home: Path, deadly: int, action: Callable[[Path], None]) -> int:
    """One action in a process of its own; its points if it lived, 0 if it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        points = killing.Points(deadly)
        points.install()
        points.before(pq.ParquetWriter, "write_table")
        points.before(pq.ParquetWriter, "close")
        action(home)
        os.write(writing, str(points.count).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        count = told.read()
    os.waitpid(child, 0)
    return int(count or 0)


def faults_of(
    home: Path, work: Path, action: Callable[[Path], None], *, every: int, keeps_rows: bool
) -> tuple[int, list[str]]:
    whole = work / "whole"
    shutil.copytree(home, whole)
    points = run(whole, 0, action)
    before, expected = killing.held(home), killing.held(whole)
    faults: list[str] = []
    for deadly in range(1, points + 1, every):
        copy = work / "killed"
        shutil.copytree(home, copy)
        run(copy, deadly, action)
        seen = killing.held(copy)
        if seen - before or (keeps_rows and seen != before):
            faults.append(f"point {deadly}: a reader after the kill sees another lake")
        if not run(copy, 0, action):
            faults.append(f"point {deadly}: the second run did not end")
        sweep(copy)
        if killing.held(copy) != expected:
            faults.append(f"point {deadly}: the second run gives another lake")
        if left := killing.strays(copy):
            faults.append(f"point {deadly}: left behind: {left}")
        shutil.rmtree(copy)
    shutil.rmtree(whole)
    return points, faults


def main() -> None:
    home, work = Path(sys.argv[1]), Path(sys.argv[2])
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    compacting, faults = faults_of(home, work, compact_all, every=every, keeps_rows=True)
    retiring, more = faults_of(home, work, retire_old, every=every, keeps_rows=False)
    sys.stdout.write(json.dumps({"compacting": compacting, "retiring": retiring, "faults": faults + more}))


if __name__ == "__main__":
    main()
