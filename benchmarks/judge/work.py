"""One measured piece of work in a process of its own; prints its figures as one line of JSON.

python benchmarks/judge/work.py write HOME --resources 10000
python benchmarks/judge/work.py write HOME --accounts 10
python benchmarks/judge/work.py judge HOME
python benchmarks/judge/work.py assess HOME
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from itertools import product
from pathlib import Path

from estate import ALL_REGIONS, Estate, large, wide, write_snapshot
from synthetic_rows import AS_OF

from sakimori.analysis.catalogue import catalogue
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.lake.engines.duck import Engine
from sakimori.lake.snapshot import Lake
from sakimori.model.words import Status
from sakimori.outputs.report.formats import write_report
from sakimori.rules.judge import Judge
from sakimori.rules.rulebook import load_rulebook


class Figures:
    """Seconds of each stage, wall and CPU of all threads, and whatever else was counted."""

    def __init__(self) -> None:
        self.wall_seconds: dict[str, float] = {}
        self.cpu_seconds: dict[str, float] = {}
        self.counts: dict[str, object] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what stands inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall_seconds[name] = time.perf_counter() - wall
        self.cpu_seconds[name] = time.process_time() - cpu

    def line(self) -> str:
        """Everything as one line of JSON, with the peak memory of this process."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux
        return json.dumps(
            {
                "wall_seconds": self.wall_seconds,
                "cpu_seconds": self.cpu_seconds,
                "peak_memory_bytes": peak,
                **self.counts,
            }
        )


def write(figures: Figures, home: Path, estate: Estate) -> None:
    """Write the estate twice, the second time unchanged; making the rows is timed apart."""
    at = AS_OF.replace(tzinfo=UTC)
    with figures.stage("make rows"):
        for number in range(estate.account_count):
            for _ in estate.readings(number, at):
                pass
    with figures.stage("write"):
        write_snapshot(estate, home, at)
    files, size = _on_disk(home)
    with figures.stage("write unchanged"):
        write_snapshot(estate, home, at + timedelta(days=1))
    after, _ = _on_disk(home)
    figures.counts |= {
        "rows": estate.row_count, "parts": files, "part_bytes": size, "new_parts": after - files,
        "manifest_bytes": (home / "lake" / "manifest.db").stat().st_size,
    }  # fmt: skip


def _on_disk(home: Path) -> tuple[int, int]:
    parts = [path.stat().st_size for path in (home / "lake").glob("*/*.parquet")]
    return len(parts), sum(parts)


def judge(figures: Figures, home: Path) -> None:
    """Judge the latest snapshot by all built-in rules, and read the failing verdicts."""
    with figures.stage("rules"):
        book = load_rulebook(catalogue())
    lake = Lake(home)
    with figures.stage("open"):
        facts = lake.open(lake.find("latest"))
    lake.close()
    engine = Engine()
    tables = {name for rule in book.rules.values() for name in rule.tables}
    with figures.stage("load"):
        judged = Judge.load(engine, catalogue(), facts, tables)
    results = {}
    with figures.stage("all rules"):
        for rule in book.rules.values():
            with figures.stage(f"rule {rule.id}"):
                results[rule.id] = judged.judge(rule, book.queries[rule.id], rule.parameters_of("seed"))
    counts = {status: sum(result.count(status) for result in results.values()) for status in Status}
    figures.counts |= {str(status): count for status, count in counts.items()}
    figures.counts["errors"] = [str(result.error) for result in results.values() if result.error]
    with figures.stage("read verdicts"):
        for result, status in product(results.values(), Status):
            for _ in judged.verdicts(result, status):
                pass


def assess_and_report(figures: Figures, home: Path) -> None:
    """Assess the latest snapshot, record it, and write the reports."""
    with figures.stage("assess"):
        result = assess(AssessRequest(home=home, snapshot="latest"), (), clock=utc_now)
    for form in ("html", "json"):
        with figures.stage(form):
            write_report(result.assessment, form, home / f"report.{form}", "en")
    figures.counts |= {
        "verdicts": len(result.assessment.verdicts),
        "failing": sum(rule.failed for rule in result.assessment.rules),
        "new": len(result.assessment.changes.new),
        "json_bytes": (home / "report.json").stat().st_size,
        "state_bytes": (home / "state.db").stat().st_size,
    }


def estate_of(chosen: argparse.Namespace) -> Estate:
    """Return the estate that the options describe."""
    if chosen.resources:
        return large(chosen.resources)
    return wide(
        chosen.accounts, chosen.rows_a_region, selected=chosen.selected_regions, denied_ratio=chosen.denied_ratio
    )


def main() -> None:
    """Do one piece of work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=("write", "judge", "assess"))
    parser.add_argument("home", type=Path)
    parser.add_argument("--resources", type=int)
    parser.add_argument("--accounts", type=int)
    parser.add_argument("--rows-a-region", type=int, default=3)
    parser.add_argument("--selected-regions", type=int, default=len(ALL_REGIONS))
    parser.add_argument("--denied-ratio", type=float, default=0.0)
    chosen = parser.parse_args()
    figures = Figures()
    with figures.stage("total"):
        if chosen.work == "write":
            write(figures, chosen.home, estate_of(chosen))
        elif chosen.work == "judge":
            judge(figures, chosen.home)
        else:
            assess_and_report(figures, chosen.home)
    figures.counts["load_average"] = os.getloadavg()[0]
    sys.stdout.write(figures.line() + "\n")


if __name__ == "__main__":
    main()
