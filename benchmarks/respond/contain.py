"""The wall from `respond start` to contained, with every approval given beforehand, on the simulated company in 17 Regions.

    python benchmarks/respond/contain.py                 # 50 ms for each call
    python benchmarks/respond/contain.py --latency 0.2 --seed 2

The attack is that of the drill `leaked-key`; LookupEvents is paced as AWS asks for (two a second in each account and Region).
The account is simulated in the same process, which costs it CPU time that AWS would not: the figure is an upper bound.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.app.respond.test_acceptance import Agreeing  # noqa: E402 - the tests are no installed package

from sakimori.app.access import AccessRequest  # noqa: E402
from sakimori.app.clock import utc_now  # noqa: E402
from sakimori.app.drill import DrillRequest, drill  # noqa: E402
from sakimori.app.respond.intake import by_mail  # noqa: E402
from sakimori.app.respond.session import Desk  # noqa: E402
from sakimori.app.settings import read_settings  # noqa: E402
from sakimori.simulate.faults import Fault, Kind  # noqa: E402


def main() -> None:
    """Contain once, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that each call takes")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, drill(DrillRequest(name="leaked-key", home=Path(directory), seed=asked.seed)) as running:  # fmt: skip
        running.simulated.faults.add(Fault(kind=Kind.DELAY, seconds=asked.latency))
        os.environ.update(running.environment)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            os.environ.pop(name, None)
        home = running.request.home
        settings = read_settings(home / "config.toml")
        access = AccessRequest(accounts=settings.accounts, endpoint_url=running.endpoint_url)
        desk = Desk(home=home, access=access, settings=settings, by="bench", clock=utc_now, conversation=Agreeing())
        begun, calls = time.perf_counter(), len(running.simulated.calls)
        trigger = by_mail(running.mail, desk.clock())
        doors = desk.enter(trigger.suspect.key_id)
        with desk.opened(trigger, "single") as log, desk.walk(log, doors) as walk:
            walk.hands.begin(trigger.words)
            walk.contain()
            case = walk.hands.log.case
            assert case.contained_at  # noqa: S101 - else there is nothing to measure
            first = case.steps["R10"].at - case.opened_at
            contained = case.contained_at - case.opened_at
        wall = time.perf_counter() - begun
        print(
            f"key inactive after {first.total_seconds():.1f} s, contained after {contained.total_seconds():.1f} s, whole walk {wall:.1f} s"
        )
        print(
            f"{len(running.simulated.calls) - calls} calls, {len(case.closure['credentials'])} credentials, {len(case.accounts)} accounts"
        )
        print(
            f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, the simulated accounts among them"
        )


if __name__ == "__main__":
    main()
