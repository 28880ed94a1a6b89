"""Judge and assess estates of growing size; prints tables, asserts nothing.

python benchmarks/judge/run.py                      # 10,000, 100,000 and 1,000,000 resources
python benchmarks/judge/run.py --resources 10000 --rules 29 --save figures.json
"""

import argparse
import json
import sys
from pathlib import Path

from measured import Figures, do, megabytes, print_noise, print_table, scratch, seconds, yardstick_seconds

SIZES = (10_000, 100_000, 1_000_000)
RULE = "rule "


def measure(resources: int, parent: Path | None) -> dict[str, Figures]:
    """Write the estate, judge it, assess it, and assess it again."""
    with scratch(parent) as home:
        figures = {
            "write": do("write", home, "--resources", str(resources)),
            "judge": do("judge", home),
            "assess": do("assess", home),
            "assess again": do("assess", home),
        }
    print(f"{resources:,} resources measured", file=sys.stderr)
    return figures


def print_judging(measured: dict[int, dict[str, Figures]]) -> None:
    """Print what judging costs, and what reading its verdicts."""
    head = ("resources", "rows", "write s", "verdicts", "open s", "load s", "all rules s", "read verdicts s", "peak MB")
    rows: list[tuple[str, ...]] = []
    for resources, figures in measured.items():
        judged = figures["judge"]
        rows.append((
            f"{resources:,}", f"{figures['write']['rows']:,}", seconds(figures["write"], "write"),
            f"{judged['pass'] + judged['fail'] + judged['unknown']:,}", seconds(judged, "open"),
            seconds(judged, "load"), seconds(judged, "all rules"), seconds(judged, "read verdicts"),
            megabytes(judged["peak_memory_bytes"]),
        ))  # fmt: skip
    print_table(head, rows)


def print_assessing(measured: dict[int, dict[str, Figures]]) -> None:
    """Print what `assess --snapshot` costs: judge, record, summarise, report."""
    head = ("resources", "failing", "assess s", "html s", "json s", "json MB", "store MB", "peak MB", "assess again s")
    rows: list[tuple[str, ...]] = []
    for resources, figures in measured.items():
        first, second = figures["assess"], figures["assess again"]
        rows.append((
            f"{resources:,}", f"{first['failing']:,}", seconds(first, "assess"), seconds(first, "html"),
            seconds(first, "json"), megabytes(first["json_bytes"]), megabytes(first["state_bytes"]),
            megabytes(first["peak_memory_bytes"]), seconds(second, "assess"),
        ))  # fmt: skip
    print_table(head, rows)


def print_rules(measured: dict[int, dict[str, Figures]], count: int) -> None:
    """Print the slowest rules of the largest size, with their wall seconds at every size."""
    largest = measured[max(measured)]["judge"]["wall_seconds"]
    names = sorted((name for name in largest if name.startswith(RULE)), key=lambda name: -largest[name])
    rows = [
        (name.removeprefix(RULE), *(f"{figures['judge']['wall_seconds'][name]:.3f}" for figures in measured.values()))
        for name in names[:count]
    ]
    print_table(("rule", *(f"{resources:,} s" for resources in measured)), rows)


def main() -> None:
    """Measure all sizes, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rules", type=int, default=8, help="how many of the slowest rules to print")
    parser.add_argument("--scratch", type=Path, help="where to write; default: the folder for temporary files")
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    before = yardstick_seconds()
    measured = {resources: measure(resources, chosen.scratch) for resources in sorted(chosen.resources)}
    print_judging(measured)
    print_assessing(measured)
    print_rules(measured, chosen.rules)
    print_noise(before)
    if chosen.save:
        chosen.save.write_text(json.dumps(measured))


if __name__ == "__main__":
    main()
