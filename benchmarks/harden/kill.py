"""Kills `sakimori harden` a hundred times over apply and undo on the simulated account, and looks at the account for what came of it.

    python benchmarks/harden/kill.py                    # every automatic step, two Regions: some minutes
    python benchmarks/harden/kill.py --kills 20 --only HB10 --only HB11

It is the test `tests/actions/test_kills.py`, with figures instead of a verdict.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.actions.killing import Toll, Torment  # noqa: E402 - the tests are no installed package
from tests.actions.staging import staged  # noqa: E402

from sakimori.actions.catalogue import steps  # noqa: E402


def show(toll: Toll, seconds: float) -> None:
    """What came of it."""
    print(f"{toll.kills} kills in {seconds:.0f} s; {toll.applied} plans applied whole, {toll.undone} taken back whole")
    print("killed after: " + ", ".join(f"{kind} {count}" for kind, count in toll.killed_after.most_common()))
    print(f"intents without a result that were settled by reading: {toll.settled}")
    print(f"places neither as wanted nor as before: {len(toll.wrong)}; commands that failed: {len(toll.failed)}")
    for line in (*toll.wrong, *toll.failed):
        print(f"  {line}")


def main() -> None:
    """Torment the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", action="append", default=[], help="id of a step")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    known = [each for name, each in steps().items() if not chosen.only or name in chosen.only]
    with tempfile.TemporaryDirectory(prefix="sakimori-benchmark-") as directory, staged(Path(directory)) as stage:
        begun = time.monotonic()
        show(Torment(stage, known, chosen.seed).run(chosen.kills), time.monotonic() - begun)


if __name__ == "__main__":
    main()
