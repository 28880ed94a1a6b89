"""Where the measured logs come from: a folder that is there, or one made by generate.py; and how sakimori is run on it."""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
SAKIMORI: Final = (sys.executable, "-c", "from sakimori.cli.main import main; main()")
MOST_OF_ONE_SEED: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """CloudTrail files under one folder."""

    folder: Path

    def files(self) -> list[Path]:
        """All of them, in the order of their names."""
        return sorted(self.folder.rglob("*.json.gz"))

    def packed_bytes(self) -> int:
        """Their size as they lie there."""
        return sum(path.stat().st_size for path in self.files())


def add_options(parser: argparse.ArgumentParser, *, events: int) -> None:
    """What every benchmark here may be told about its logs."""
    parser.add_argument("--events", type=int, default=events, help=f"how many to generate ({events:,})")
    parser.add_argument("--logs", type=Path, help="a folder of CloudTrail files, instead of generating them")
    parser.add_argument("--scratch", type=Path, help="where to write; default: the folder for temporary files")
    parser.add_argument("--save", type=Path, help="all figures as JSON")


def scratch_in(stack: ExitStack, parent: Path | None) -> Path:
    """A directory that is gone when the stack is left."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sakimori-benchmark-", dir=parent)))


def logs_of(chosen: argparse.Namespace, scratch: Path) -> Logs:
    """The folder that was named, or new logs under the scratch directory."""
    return Logs(folder=(chosen.logs or generated(scratch / "logs", chosen.events)).absolute())


def generated(folder: Path, events: int) -> Path:
    """Generate so many events, on all cores where they are many: two million of each seed, each of other days."""
    portions = [min(MOST_OF_ONE_SEED, events - done) for done in range(0, events, MOST_OF_ONE_SEED)]
    waiting = list(enumerate(portions))
    running: list[subprocess.Popen[bytes]] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            seed, count = waiting.pop(0)
            place = folder / f"seed-{seed}" if len(portions) > 1 else folder
            print(f"generating {count:,} events in {place}", file=sys.stderr)
            command = (
                sys.executable, str(HERE / "generate.py"), "cloudtrail", str(place), "--events", str(count),
                "--seed", str(seed + 1),
            )  # fmt: skip
            running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        done = running.pop(0)
        if done.wait():
            raise SystemExit("generate.py failed")
    return folder


def environment(home: Path) -> dict[str, str]:
    """What sakimori needs: a home of its own, and where the package is where it is not installed."""
    places = [str(Path(place).absolute()) for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(places), "SAKIMORI_HOME": str(home)}


def ingest_command(logs: Path, workers: int, *, program: tuple[str, ...] = SAKIMORI) -> tuple[str, ...]:
    """`sakimori ingest cloudtrail`; 0 workers means as many as there are cores."""
    more = ("--workers", str(workers)) if workers else ()
    return (*program, "ingest", "cloudtrail", str(logs), "--format", "json", *more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a lake holds of CloudTrail, by its manifest; `part_bytes` lie in `parts` files."""

    rows: int
    parts: int
    part_bytes: int


def held_in(home: Path) -> Held:
    """What the manifest under a home says."""
    with closing(sqlite3.connect(home / "lake" / "manifest.db")) as connection:
        rows, parts, size = connection.execute(
            "select coalesce(sum(row_count), 0), count(*), coalesce(sum(byte_count), 0) from log_part "
            "where table_name = 'aws_cloudtrail_event' and retired_at is null"
        ).fetchone()
    return Held(rows=rows, parts=parts, part_bytes=size)


def told(output: str) -> Mapping[str, Any]:
    """The tally that an ingest printed."""
    return json.loads(output)
