"""Kills a program that tells people, two hundred times, and counts by what the places received what was lost and doubled.

    .ci/with-postgresql python benchmarks/notify/kill.py                   # SQLite and PostgreSQL: five minutes
    python benchmarks/notify/kill.py --kills 50 --at-once 2                # SQLite alone, two programs on one store

It is the test `tests/outputs/notify/test_kills.py`, with figures instead of a verdict.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.outputs.notify.killing import Toll, Torment  # noqa: E402 - the tests are no installed package
from tests.outputs.notify.teller import ROUTES  # noqa: E402
from tests.stores import new_place  # noqa: E402

NAMES: Final = {
    "bot": "Slack by token (keyed)",
    "mail": "SMTP",
    "hook": "webhook",
    "slack-hook": "Slack by webhook",
}


def show(engine: str, toll: Toll, seconds: float) -> None:
    """A table of what came of it."""
    print(f"\n{engine}: {toll.kills} kills in {seconds:.0f} s, {toll.recorded} words of cases acknowledged before one")
    print("killed at: " + ", ".join(f"{point} {count}" for point, count in toll.kills_at.most_common()))
    print("| | shown | lost | doubled, same key | doubled, other key | invented |\n|---|---:|---:|---:|---:|---:|")
    for route in ROUTES:
        counts = (
            toll.shown[route],
            len(toll.lost[route]),
            toll.doubled[route],
            toll.doubled_otherwise[route]
            if route in {"mail", "hook"}
            else "–",  # a Slack message tells its key alone, or none
            len(toll.invented[route]),
        )
        print(f"| {NAMES[route]} | {' | '.join(map(str, counts))} |")


def main() -> None:
    """Torment each engine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=1, help="programs that work on one store at the same time")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for engine in ("sqlite", *(("postgresql",) if "SAKIMORI_TEST_POSTGRESQL" in os.environ else ())):
        with (
            tempfile.TemporaryDirectory(prefix="sakimori-benchmark-") as directory,
            new_place(engine, Path(directory)) as place,
        ):
            begun = time.monotonic()
            toll = Torment(place, chosen.seed, chosen.at_once).run(chosen.kills)
            show(engine, toll, time.monotonic() - begun)


if __name__ == "__main__":
    main()
