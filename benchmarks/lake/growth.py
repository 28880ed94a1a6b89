"""How an ingest grows: seconds, events per CPU second, memory and disk at 200,000, 2 and 10 million events.

    python benchmarks/lake/growth.py                                # 10 million: 2 GB of logs, 1.5 GB of lake
    python benchmarks/lake/growth.py --events 200000 2000000
    python benchmarks/lake/growth.py --logs DIR DIR                 # folders that are there

Each size goes into a lake of its own, on all cores, and then once more: a second run has only to see that nothing is new.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from logs import Logs, environment, generated, held_in, ingest_command, scratch_in, told
from measured import Cost, Yardstick, measure, megabytes, print_table

SIZES = (200_000, 2_000_000, 10_000_000)


def measure_one(logs: Logs, home: Path, workers: int) -> dict[str, Any]:
    """Ingest, and ingest again."""
    given = environment(home)
    command = ingest_command(logs.folder, workers)
    first = measure(command, environment=given)
    second = measure(command, environment=given)
    if told(second.output)["rows"]:
        raise SystemExit("the second run took something again")
    held = held_in(home)
    if held.rows != told(first.output)["rows"]:
        raise SystemExit("the manifest does not count what the run told")
    return {
        "files": len(logs.files()), "packed_bytes": logs.packed_bytes(), "held": asdict(held), "first": asdict(first),
        "second": asdict(second),
    }  # fmt: skip


def print_figures(measured: Sequence[dict[str, Any]]) -> None:
    """Print a line for each size."""
    rows: list[tuple[str, ...]] = []
    for figures in measured:
        first, second, held = Cost(**figures["first"]), Cost(**figures["second"]), figures["held"]
        peaks = sorted(first.peaks.values(), reverse=True)
        rows.append((
            f"{held['rows']:,}", f"{figures['files']:,}", megabytes(figures["packed_bytes"]),
            f"{first.wall_seconds:.1f}", f"{first.cpu_seconds:.1f}", f"{held['rows'] / first.cpu_seconds / 1000:.1f}",
            " ".join(megabytes(peak) for peak in peaks[:4]), megabytes(first.together_bytes), f"{held['parts']:,}",
            f"{held['part_bytes'] / held['rows']:.1f}", f"{second.wall_seconds:.2f}",
        ))  # fmt: skip
    head = (
        "events", "files", "MB packed", "wall s", "CPU s", "thousand events a CPU s", "MB of each process", "MB, all",
        "parts", "bytes an event", "again, wall s",
    )  # fmt: skip
    print_table(head, rows)


def main() -> None:
    """Measure all sizes, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    parser.add_argument("--logs", type=Path, nargs="+", help="folders of CloudTrail files, instead of generating them")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--scratch", type=Path, help="where to write; default: the folder for temporary files")
    parser.add_argument("--keep", type=Path, help="the lake of the largest size, for questions.py")
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    yardstick, measured = Yardstick(), list[dict[str, Any]]()
    for place in chosen.logs or sorted(chosen.events):
        with ExitStack() as stack:
            scratch = scratch_in(stack, chosen.scratch)
            folder = place if isinstance(place, Path) else generated(scratch / "logs", place)
            yardstick.take()
            measured.append(measure_one(Logs(folder=folder.absolute()), scratch / "home", chosen.workers))
            yardstick.take()
            print(f"{measured[-1]['held']['rows']:,} events measured", file=sys.stderr)
            if chosen.keep:
                shutil.rmtree(chosen.keep, ignore_errors=True)
                shutil.move(scratch / "home", chosen.keep)
    print_figures(measured)
    print(yardstick.said())
    if chosen.save:
        chosen.save.write_text(json.dumps(measured, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
