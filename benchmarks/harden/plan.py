"""Calls and seconds of `sakimori harden plan` on the demo's account over all Regions.

python benchmarks/harden/plan.py                # starter, standard, strict
python benchmarks/harden/plan.py --latency 0.05 # each answer 50 ms later
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sakimori.simulate.faults import Fault, Kind  # noqa: E402
from sakimori.simulate.server import SimulatedAccount  # noqa: E402


def main() -> None:
    """Plan each baseline three times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    chosen = parser.parse_args()
    print("| baseline | calls | wall s | CPU s |\n|---|---:|---:|---:|")
    with SimulatedAccount("messy-company") as company, tempfile.TemporaryDirectory() as home:
        if chosen.latency:
            company.faults.add(Fault(kind=Kind.DELAY, seconds=chosen.latency))
        for baseline in ("starter", "standard", "strict"):
            for _ in range(3):
                company.forget_calls()
                command = [sys.executable, "-m", "sakimori", "--home", home, "harden", "plan", "--baseline", baseline, "--format", "json"]  # fmt: skip
                before, begun = os.times(), time.monotonic()
                subprocess.run(command, env=company.environment("owner"), stdout=subprocess.DEVNULL, check=False)
                wall, after = time.monotonic() - begun, os.times()
                cpu = after.children_user + after.children_system - before.children_user - before.children_system
                print(f"| {baseline} | {len(company.calls)} | {wall:.1f} | {cpu:.1f} |")


if __name__ == "__main__":
    main()
