"""Pieces of work run one after the other, each in a process of its own, and their figures as tables."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

WORK: Final = Path(__file__).with_name("work.py")
Figures = Mapping[str, Any]


def do(work: str, home: Path, *options: str) -> Figures:
    """Do one piece of work; what `work.py` printed of it. CalledProcessError where it failed."""
    command = [sys.executable, str(WORK), work, str(home), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def yardstick_seconds() -> float:
    """Time the same arithmetic as always: how busy the machine is just now."""
    began = time.perf_counter()
    sum(number * number for number in range(2_000_000))
    return time.perf_counter() - began


@contextmanager
def scratch(parent: Path | None) -> Generator[Path]:
    """A directory that is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="sakimori-benchmark-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def seconds(figures: Figures, stage: str) -> str:
    """Wall and CPU seconds of a stage."""
    return f"{figures['wall_seconds'][stage]:.2f} ({figures['cpu_seconds'][stage]:.2f})"


def megabytes(count: float) -> str:
    """A number of bytes in MB."""
    return f"{count / 1e6:,.1f}"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print("| " + " | ".join(head) + " |")
    print("|---" + "|---:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def print_noise(before: float) -> None:
    """Print what tells how far the figures may be trusted."""
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"yardstick {before * 1000:.0f} ms before, {yardstick_seconds() * 1000:.0f} ms after"
    )
