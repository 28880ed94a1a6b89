"""What is measured: months, lakes of them, homes in which nothing was learnt yet, and a slice of some hundred thousand events."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from measured import SAKIMORI, environment

from sakimori.lake.log_reader import EVERYWHERE, LogReader

_DELIVERED: Final = re.compile(r"_(\d{8}T\d{4}Z)_")
EVENTS: Final = "aws_cloudtrail_event"


def month_of(folder: Path, events: int, days: int) -> Path:
    """A quiet month of so many events and days, written by `sakimori simulate month` if the folder is not there yet."""
    if not folder.exists():
        print(f"simulating {events:,} events over {days} days in {folder}", file=sys.stderr)
        command = (
            *SAKIMORI, "simulate", "month", "--directory", str(folder), "--events", str(events), "--days", str(days),
        )  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def lake_of(month: Path, home: Path) -> Path:
    """A home whose lake holds the month; filled if there is none yet."""
    if not (home / "lake" / "manifest.db").exists():
        print(f"taking {month} into {home}", file=sys.stderr)
        home.mkdir(parents=True, exist_ok=True)
        command = (*SAKIMORI, "ingest", "cloudtrail", str(month / "AWSLogs"), "--format", "json")
        subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    return home


def untaught(home: Path, target: Path) -> Path:
    """A copy of the home in which no habits were learnt and nothing was found; parts of the log are linked, not copied."""
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted((home / "lake").rglob("*")):
        if path.is_dir() or path.name.startswith("habits.db"):
            continue
        copy = target / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            os.link(path, copy)
        else:
            shutil.copy(path, copy)
    return target


def rows_in(home: Path) -> int:
    """How many events the lake holds."""
    with closing(LogReader(home)) as reader:
        return sum(part.row_count for part in reader.parts(EVENTS, EVERYWHERE))


def slice_of(month: Path, count: int, target: Path) -> int:
    """The first files of the month, linked, that hold at least so many events together; gives how many they hold."""
    held = 0
    for path in _in_order(month):
        if held >= count:
            break
        held += len(json.loads(gzip.decompress(path.read_bytes()))["Records"])
        link = target / path.relative_to(month)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path.absolute())
    return held


def _in_order(month: Path) -> Iterator[Path]:
    """As they were delivered."""
    found = [
        (match[1], path) for path in (month / "AWSLogs").rglob("*.json.gz") if (match := _DELIVERED.search(path.name))
    ]
    return (path for _, path in sorted(found))
