"""From the arrival of a file to the detection's line under `sakimori watch`; and whether kills lose or double one.

    python benchmarks/detect/watch_latency.py                     # ten minutes of load, then five with kills
    python benchmarks/detect/watch_latency.py --minutes 60        # the hour
    python benchmarks/detect/watch_latency.py --place folder      # a folder instead of a bucket of the simulated account

The lake holds the day before. Then a file comes every ten seconds, as the month's trail delivered them; every third bears an
attacker's event. Latency is counted from the moment at which the file is there (PutObject has returned) to the line on stdout.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow.dataset
from arrivals import Arrivals
from lakes import EVENTS, month_of
from measured import SAKIMORI, Yardstick, environment, print_table, save
from places import Bucket, Folder, Place
from watching import Watching

from sakimori.app.clock import utc_now
from sakimori.findings.detections import find_detections
from sakimori.state.store import open_store

_FIRST_CYCLE_SECONDS: Final = 120.0
_GRACE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Pace:
    """One phase: for how long, and how often what comes. With kills every file bears an attack."""

    name: str
    minutes: float
    file_every_seconds: float
    attack_every: int
    seed: int

    @property
    def is_killed(self) -> bool:
        """Whether the watch is killed again and again."""
        return self.name == "kills"


@dataclass(slots=True)
class Load:
    """What was put, and when (seconds since 1970): by event, the moment at which its file was there."""

    attacks: dict[str, float] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One phase. `doubled` are attackers with two detections of one rule; a line may be told again after a kill."""

    name: str
    minutes: float
    files: int
    events: int
    attacks: int
    kills: int
    latencies: tuple[float, ...]
    unseen: int
    lost: int
    doubled: int
    told_again: int
    untold: int
    events_lost: int
    events_doubled: int
    cpu_seconds: float
    largest_bytes: int


def main() -> None:
    """Both phases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--kill-minutes", type=float, default=5.0)
    parser.add_argument("--place", choices=("bucket", "folder"), default="bucket")
    parser.add_argument("--file-every", type=float, default=10.0, help="seconds between two files")
    parser.add_argument("--attack-every", type=int, default=3, help="files from one attack to the next")
    parser.add_argument("--poll", default="5s", help="--every of watch")
    parser.add_argument("--month", type=Path, help="a month that is there, instead of one that is simulated")
    parser.add_argument("--begin", default="2026-10-14T01:00:00Z", help="the moment of the month that is now")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    yardstick = Yardstick()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sakimori-watch-")))
        chosen.month = chosen.month or month_of(scratch / "month", 1_000_000, 28)
        paces = (
            Pace("calm", chosen.minutes, chosen.file_every, chosen.attack_every, chosen.seed),
            Pace("kills", chosen.kill_minutes, chosen.file_every, 1, chosen.seed),
        )
        outcomes = [_phase(chosen, scratch / pace.name, pace, yardstick) for pace in paces if pace.minutes]
    _print(outcomes)
    print(yardstick.said())
    save(chosen.save, [asdict(each) for each in outcomes])


def _phase(chosen: argparse.Namespace, scratch: Path, pace: Pace, yardstick: Yardstick) -> Outcome:
    arrivals = Arrivals(chosen.month, datetime.fromisoformat(chosen.begin), pace.seed)
    home = scratch / "home"
    home.mkdir(parents=True)
    behind = arrivals.behind(scratch / "behind", utc_now())
    print(f"{pace.name}: {behind:,} events of the day before", file=sys.stderr)
    command = (*SAKIMORI, "ingest", "cloudtrail", str(scratch / "behind"), "--format", "json")
    subprocess.run(command, env=environment(home), check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as stack:
        place: Place = stack.enter_context(Bucket()) if chosen.place == "bucket" else Folder(scratch / "arriving")
        networks = ("--networks", str(chosen.month / "networks.csv"))
        words = ("watch", place.source, "--every", chosen.poll, "--format", "jsonl", *networks)
        watching = Watching((*SAKIMORI, *words), {**environment(home), **place.environment()})
        watching.begin()
        if not watching.wait_for_beat(_FIRST_CYCLE_SECONDS):
            raise SystemExit(f"the watch did not begin: {watching.errors[-3:]}")
        load, ended = Load(), threading.Event()
        killer = threading.Thread(target=_kill_again_and_again, args=(watching, ended, pace.seed), daemon=True)
        if pace.is_killed:
            killer.start()
        _put(arrivals, place, load, pace, yardstick)
        ended.set()
        if pace.is_killed:
            killer.join()
        _await_all(watching, load)
        watching.stop()
    for line in watching.errors:
        print(f"  {line}", file=sys.stderr)
    return _outcome(pace, load, watching, home)


def _put(arrivals: Arrivals, place: Place, load: Load, pace: Pace, yardstick: Yardstick) -> None:
    """Put files for as long as it is to last, each at a moment of its own within its turn: no beat with the polls."""
    rng = random.Random(pace.seed)
    begin = time.monotonic()
    for number, arrival in enumerate(arrivals.ahead(utc_now, pace.attack_every)):
        due = begin + (number + rng.random()) * pace.file_every_seconds
        if due - begin > pace.minutes * 60:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        place.put(arrival.key, arrival.body)
        if arrival.attack:
            load.attacks[arrival.attack] = time.time()
        load.events += arrival.event_ids
        load.files += 1
        if number % 6 == 0:
            yardstick.take()


def _kill_again_and_again(watching: Watching, ended: threading.Event, seed: int) -> None:
    rng = random.Random(seed)
    while not ended.wait(rng.uniform(2, 20)):
        watching.kill()
        watching.begin()


def _await_all(watching: Watching, load: Load) -> None:
    """Until every attack was told, or too much time has passed."""
    end = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < end and load.attacks.keys() - _first_told(watching).keys():
        time.sleep(1)
    # What the last cycle found beside the attacks is to be told too.
    time.sleep(10)


def _first_told(watching: Watching) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in watching.told:
        for event_id in line.detection["event_ids"]:
            found.setdefault(event_id, line.at)
    return found


def _outcome(pace: Pace, load: Load, watching: Watching, home: Path) -> Outcome:
    told = _first_told(watching)
    with open_store(home / "state.db") as store:
        stored = [each.detection for each in find_detections(store)]
    seen = {event_id for each in stored for event_id in each.event_ids}
    intruders = Counter((each.rule, each.principal) for each in stored if "intruder-" in each.principal)
    lines = Counter(line.detection["id"] for line in watching.told)
    table = pyarrow.dataset.dataset(home / "lake" / EVENTS, format="parquet").to_table(columns=["event_id"])
    rows = Counter(table["event_id"].to_pylist())
    return Outcome(
        name=pace.name,
        minutes=pace.minutes,
        files=load.files,
        events=len(load.events),
        attacks=len(load.attacks),
        kills=watching.kills,
        latencies=tuple(told[event_id] - at for event_id, at in load.attacks.items() if event_id in told),
        unseen=len(load.attacks.keys() - told.keys()),
        lost=len(load.attacks.keys() - seen),
        doubled=sum(1 for count in intruders.values() if count > 1),
        told_again=sum(1 for count in lines.values() if count > 1),
        untold=len({each.id for each in stored} - lines.keys()),
        events_lost=sum(1 for event_id in load.events if not rows[event_id]),
        events_doubled=sum(1 for event_id in load.events if rows[event_id] > 1),
        cpu_seconds=watching.cpu_seconds,
        largest_bytes=watching.largest_bytes,
    )


def _print(outcomes: list[Outcome]) -> None:
    def figure(of: str, outcome: Outcome) -> str:
        values = outcome.latencies
        match of:
            case "median":
                return f"{statistics.median(values):.1f}" if values else ""
            case "worst":
                return f"{max(values):.1f}" if values else ""
            case "cpu":
                return f"{outcome.cpu_seconds / outcome.minutes:.1f}"
            case "memory":
                return f"{outcome.largest_bytes / 1e6:,.0f}"
            case _:
                return f"{getattr(outcome, of):,}"

    said = {
        "minutes": "minutes", "files": "files", "events": "events in them", "attacks": "attacks", "kills": "kills",
        "median": "seconds from file to line, median", "worst": "seconds from file to line, worst",
        "unseen": "attacks never told", "lost": "attacks not in the store", "doubled": "attackers twice in the store",
        "untold": "detections never told", "told_again": "detections told again", "events_lost": "events lost",
        "events_doubled": "events doubled", "cpu": "CPU seconds of the watch a minute", "memory": "MB, largest",
    }  # fmt: skip
    print_table(
        ("", *(each.name for each in outcomes)),
        [(text, *(figure(of, each) for each in outcomes)) for of, text in said.items()],
    )
    for each in outcomes:
        print(f"{each.name}: {json.dumps([round(value, 1) for value in each.latencies])}")


if __name__ == "__main__":
    main()
