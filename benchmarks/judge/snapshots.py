"""Write, open and judge snapshots of many accounts in all Regions; prints tables, asserts nothing.

python benchmarks/judge/snapshots.py                # 10 and 100 accounts x 17 Regions x all tables
python benchmarks/judge/snapshots.py --accounts 30 --rows-a-region 10
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from measured import Figures, do, megabytes, print_noise, print_table, scratch, seconds, yardstick_seconds

SIZES = (10, 100)
KINDS: Mapping[str, tuple[str, ...]] = {
    "read whole": (),
    "half of all units refused": ("--denied-ratio", "0.5"),
    "one Region of 17 selected": ("--selected-regions", "1"),
}
Measured = Mapping[tuple[int, str], tuple[Figures, Figures]]


def measure(accounts: int, kind: str, chosen: argparse.Namespace) -> tuple[Figures, Figures]:
    """Write two snapshots alike, then judge the latter."""
    with scratch(chosen.scratch) as home:
        options = ("--accounts", str(accounts), "--rows-a-region", str(chosen.rows_a_region), *KINDS[kind])
        written, judged = do("write", home, *options), do("judge", home)
    print(f"{accounts} accounts, {kind}: measured", file=sys.stderr)
    return written, judged


def print_writing(measured: Measured) -> None:
    """Print what a snapshot costs on disk, the first and an unchanged second one."""
    head = ("accounts", "", "rows", "parts", "parts MB", "manifest MB (both)", "write s", "unchanged: new parts",
            "unchanged: write s")  # fmt: skip
    print_table(head, [
        (
            str(accounts), kind, f"{written['rows']:,}", f"{written['parts']:,}", megabytes(written["part_bytes"]),
            megabytes(written["manifest_bytes"]), seconds(written, "write"), str(written["new_parts"]),
            seconds(written, "write unchanged"),
        )
        for (accounts, kind), (written, _) in measured.items()
    ])  # fmt: skip


def print_judging(measured: Measured) -> None:
    """Print what opening and judging it costs."""
    head = ("accounts", "", "pass", "fail", "unknown", "open s", "load s", "all rules s", "peak MB")
    print_table(head, [
        (
            str(accounts), kind, f"{judged['pass']:,}", f"{judged['fail']:,}", f"{judged['unknown']:,}",
            seconds(judged, "open"), seconds(judged, "load"), seconds(judged, "all rules"),
            megabytes(judged["peak_memory_bytes"]),
        )
        for (accounts, kind), (_, judged) in measured.items()
    ])  # fmt: skip


def main() -> None:
    """Measure all sizes and kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rows-a-region", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="where to write; default: the folder for temporary files")
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    before = yardstick_seconds()
    measured = {
        (accounts, kind): measure(accounts, kind, chosen) for accounts in sorted(chosen.accounts) for kind in KINDS
    }
    print_writing(measured)
    print_judging(measured)
    print_noise(before)
    if chosen.save:
        chosen.save.write_text(json.dumps([[*key, *figures] for key, figures in measured.items()]))


if __name__ == "__main__":
    main()
