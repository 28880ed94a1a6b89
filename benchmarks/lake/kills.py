"""Ingesters killed again and again: nothing may be lost, nothing doubled, and no reader may see half a batch.

    python benchmarks/lake/kills.py                     # 100 random kills, two ingesters at once, every point: 15 minutes
    python benchmarks/lake/kills.py --kills 10 --no-points

What the lake holds is compared with what plain Python finds in the source files (`gzip`, `json`, `Counter`): every event
with how often it is there, and the events of each account, Region and day. This one does assert: it ends with 1 at a fault.
"""

import argparse
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from held import events_in, strays_in, visible_batches
from logs import environment, generated, ingest_command, scratch_in
from measured import save

HERE: Final = Path(__file__).parent
KILLING: Final = HERE.parents[1] / "tests" / "ingest" / "killing.py"
_SMALL_BATCHES: Final = (
    sys.executable, "-c",
    "import sakimori.ingest.engine as engine; engine.BATCH_BYTES = 1 << 20; from sakimori.cli.main import main; main()",
)  # fmt: skip
"""The program itself, but that it commits after every megabyte of logs and not after ten: more moments to be killed at."""


_BETWEEN_LOOKS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Expected:
    """What the source files hold, by the independent reader."""

    events: Counter[tuple[str, str]]
    places: Counter[tuple[str, str, str]]
    files: dict[str, frozenset[tuple[str, str]]]


@dataclass(slots=True)
class Outcome:
    """What many kills gave. `looks` are those of the reader that watched."""

    kills: int = 0
    runs: int = 0
    looks: int = 0
    faults: list[str] = field(default_factory=list[str])


def expected_of(logs: Path) -> Expected:
    """Read every file with what Python brings: an event is its account and its id."""
    events, places, files = Counter[tuple[str, str]](), Counter[tuple[str, str, str]](), dict[str, Any]()
    for path in sorted(logs.rglob("*.json.gz")):
        records = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        found = [(record["recipientAccountId"], record["eventID"]) for record in records]
        files[str(path.resolve())] = frozenset(found)
        for record, event in zip(records, found, strict=True):
            if event not in events:
                places[record["recipientAccountId"], record["awsRegion"], record["eventTime"][:10]] += 1
            events[event] += 1
    return Expected(events=events, places=places, files=files)


def faults_of(home: Path, expected: Expected, name: str, *, is_swept: bool = True) -> list[str]:
    """What is wrong with the lake after a run to the end. What a kill left lying is swept by the next run, not by one beside it."""
    found = events_in(home)
    lost = len(set(expected.events) - set(found.events))
    invented = len(set(found.events) - set(expected.events))
    doubled = sum(count - 1 for count in found.events.values() if count > 1)
    faults = [f"{name}: {lost} lost, {doubled} doubled, {invented} invented"] if lost or doubled or invented else []
    if found.places != expected.places:
        faults.append(f"{name}: other counts by account, Region and day")
    if is_swept and (left := strays_in(home)):
        faults.append(f"{name}: left behind: {left[:3]}")
    return faults


class Reader(threading.Thread):
    """Looks at the lake from this process again and again: of each file all events or none, and each once."""

    def __init__(self, home: Path, expected: Expected, outcome: Outcome) -> None:
        super().__init__(daemon=True)
        self._home, self._expected, self._outcome = home, expected, outcome
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.is_set():
            time.sleep(_BETWEEN_LOOKS)
            seen = visible_batches(self._home)
            if seen is None or not seen.objects:
                continue
            self._outcome.looks += 1
            wanted = {event for location in seen.objects for event in self._expected.files[location]}
            doubled = sum(count > 1 for count in seen.events.values())
            if doubled or set(seen.events) != wanted:
                self._outcome.faults.append(
                    f"a reader saw {doubled} doubled events, {len(wanted - set(seen.events))} missing, "
                    f"{len(set(seen.events) - wanted)} of files that were not taken"
                )

    def stop(self) -> None:
        self._done.set()
        self.join()


def start(logs: Path, home: Path, workers: int) -> subprocess.Popen[bytes]:
    """An ingest with its workers, in a process group of its own."""
    return subprocess.Popen(
        ingest_command(logs, workers, program=_SMALL_BATCHES), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def kill_group(process: subprocess.Popen[bytes]) -> bool:
    """Kill it with its workers; whether it was still running."""
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return was_running


def finish(logs: Path, home: Path, workers: int) -> str:
    """Run to the end; what went wrong."""
    ended = start(logs, home, workers).wait()
    return "" if ended == 0 else f"a run to the end ended with {ended}"


def lay_out(logs: Path, place: Path) -> Path:
    """The logs, and a tenth of the files once more under other names: the same bytes must be taken once."""
    shutil.copytree(logs, place / "trail")
    for path in sorted((place / "trail").rglob("*.json.gz"))[::10]:
        target = place / "again" / path.relative_to(place / "trail")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return place


def random_kills(logs: Path, scratch: Path, expected: Expected, chosen: argparse.Namespace) -> Outcome:
    """So many kills at random moments, over as many lakes as it takes; every lake is then run to its end and compared."""
    outcome, drawn, whole = Outcome(), random.Random(chosen.seed), 0.0
    while outcome.kills < chosen.kills:
        home = scratch / f"home-{outcome.runs}"
        if not whole:
            whole = _seconds_of_a_run(logs, home, chosen.workers)
            outcome.faults += faults_of(home, expected, "a run without kills")
            shutil.rmtree(home)
        reader = Reader(home, expected, outcome)
        reader.start()
        # Kills of one lake, at moments from before the first import to after the last commit, until one comes too late.
        was_killed = True
        while was_killed and outcome.kills < chosen.kills:
            process = start(logs, home, chosen.workers)
            time.sleep(drawn.uniform(0.0, whole))
            was_killed = kill_group(process)
            outcome.kills += was_killed
        if wrong := finish(logs, home, chosen.workers):
            outcome.faults.append(wrong)
        reader.stop()
        outcome.faults += faults_of(home, expected, f"lake {outcome.runs}")
        outcome.runs += 1
        shutil.rmtree(home)
        print(f"\r{outcome.kills} kills, {outcome.runs} lakes, {len(outcome.faults)} faults", end="", file=sys.stderr)
    print(file=sys.stderr)
    return outcome


def _seconds_of_a_run(logs: Path, home: Path, workers: int) -> float:
    began = time.perf_counter()
    finish(logs, home, workers)
    return time.perf_counter() - began


def two_at_once(logs: Path, scratch: Path, expected: Expected, chosen: argparse.Namespace) -> Outcome:
    """Two ingesters of the same files; in every round but the first one of them, or both, are killed; then a run to the end."""
    outcome, drawn = Outcome(), random.Random(chosen.seed + 1)
    for number in range(chosen.rounds):
        home = scratch / f"both-{number}"
        reader = Reader(home, expected, outcome)
        reader.start()
        both = [start(logs, home, chosen.workers) for _ in range(2)]
        victims = drawn.choice((both[:1], both)) if number else []
        for process in victims:
            time.sleep(drawn.uniform(0.3, 4.0))
            outcome.kills += kill_group(process)
        for process in both:
            if process not in victims and process.wait():
                outcome.faults.append(f"round {number}: an ingester ended with {process.returncode}")
        # Whoever was not killed has finished the work alone.
        if len(victims) == 1:
            outcome.faults += faults_of(home, expected, f"round {number}, before another run", is_swept=False)
        if wrong := finish(logs, home, chosen.workers):
            outcome.faults.append(wrong)
        reader.stop()
        outcome.faults += faults_of(home, expected, f"round {number}")
        outcome.runs += 1
        shutil.rmtree(home)
        print(f"\rtwo at once: {outcome.runs} rounds, {len(outcome.faults)} faults", end="", file=sys.stderr)
    print(file=sys.stderr)
    return outcome


def every_point(scratch: Path) -> dict[str, Any]:
    """A kill at every write, rename and commit: tests/ingest/killing.py on a few small files."""
    logs = scratch / "small"
    subprocess.run(
        (sys.executable, str(HERE / "generate.py"), "cloudtrail", str(logs), "--events", "6000", "--days", "2"),
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    command = (sys.executable, str(KILLING), str(logs), str(scratch / "points"))
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main() -> None:
    """Kill, compare, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--logs", type=Path, help="a folder of CloudTrail files, instead of generating them")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=10, help="of two ingesters at once")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-points", action="store_true", help="leave out the kill at every point")
    parser.add_argument("--scratch", type=Path, help="where to write; default: the folder for temporary files")
    parser.add_argument("--save", type=Path)
    chosen = parser.parse_args()
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        scratch = scratch_in(stack, chosen.scratch)
        logs = lay_out(chosen.logs or generated(scratch / "generated", chosen.events), scratch / "logs")
        expected = expected_of(logs)
        print(f"{len(expected.events):,} events in {len(expected.files)} files, by plain Python\n")
        for name, work in (("random kills", random_kills), ("two ingesters at once", two_at_once)):
            outcome = work(logs, scratch, expected, chosen)
            found[name] = asdict(outcome)
            said = f"{outcome.kills} kills, {outcome.runs} lakes, {outcome.looks} looks of a reader"
            _say(name, said, outcome.faults)
        if not chosen.no_points:
            found["every point"] = told = every_point(scratch)
            _say("every point", f"{told['points']} points, {told['events']:,} events", told["faults"])
    save(chosen.save, found)
    raise SystemExit(any(each["faults"] for each in found.values()))


def _say(name: str, what: str, faults: list[str]) -> None:
    print(f"{name}: {what}; " + ("lost 0, doubled 0" if not faults else f"{len(faults)} FAULTS"), flush=True)
    for fault in faults[:20]:
        print(f"  {fault}")


if __name__ == "__main__":
    main()
