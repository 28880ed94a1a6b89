"""Events a CPU second: matching in the lake and in the stream, detect as a user runs it, straight from files, beside others.

    python benchmarks/detect/speed.py --scratch DIR                                    # a million events: half an hour
    python benchmarks/detect/speed.py --scratch DIR --large 10000000                   # and ten million
    python benchmarks/detect/speed.py --scratch DIR --sigma SIGMAHQ/rules/cloud/aws    # and others, with those rules
    python benchmarks/detect/speed.py --scratch DIR --only stream files

Every run is a process of its own; of each way the best of the rounds counts, by CPU time, children's included (of the larger lake
and of peers that take minutes: one round). Months and lakes stay in DIR and are used again.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lakes import lake_of, month_of, rows_in, slice_of, untaught
from measured import SAKIMORI, Cost, RunError, Yardstick, best_of, environment, measure, print_table, save
from rulebooks import calls_in, write_rulebook

HERE: Final = Path(__file__).parent
SIZES: Final = (10, 100, 300, 1000)
DAYS: Final = 28
MILLION: Final = 1_000_000
PEERS: Final = {
    "panther": "Panther's engine, Panther's backend",
    "panther-functions": "its functions without the engine",
    "sigma-rule-matcher": "sigma-rule-matcher",
    "azuma": "azuma",
    "zargunlite": "zargunlite (as Zircolite)",
    "pysigma-sqlite": "pySigma, SQLite backend",
    "pysigma-duckdb": "pySigma, DuckDB backend, one thread",
}

SLOW: Final = frozenset({"panther", "panther-functions", "sigma-rule-matcher", "azuma"})
"""Minutes a run: one round of each."""


@dataclass(slots=True)
class Bench:
    """What all parts share."""

    chosen: argparse.Namespace
    scratch: Path
    yardstick: Yardstick = field(default_factory=Yardstick)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def month(self) -> Path:
        """The month of a million events."""
        return self.chosen.month or month_of(self.scratch / "month", MILLION, DAYS)

    @property
    def networks(self) -> Path:
        """Its address table."""
        return self.month / "networks.csv"

    def lake(self, events: int) -> Path:
        """A home with so many events in its lake; the larger one has as many days more."""
        if events == MILLION:
            return lake_of(self.month, self.scratch / "lake")
        home = self.scratch / f"lake-{events}"
        if (home / "lake" / "manifest.db").exists():
            return home
        folder = self.chosen.large_month or self.scratch / f"month-{events}"
        return lake_of(month_of(folder, events, DAYS * events // MILLION), home)

    @property
    def lakes(self) -> tuple[int, ...]:
        """The sizes of lakes that are asked for."""
        return (MILLION, *((self.chosen.large,) if self.chosen.large else ()))

    def rulebook(self, size: int) -> Path:
        """A folder with so many rules."""
        target = self.scratch / "rules" / str(size)
        if not target.exists():
            write_rulebook(size, target, calls_in(self.lake(MILLION)))
        return target

    def slice(self, events: int) -> Path:
        """The first events of the month, as files."""
        target = self.scratch / f"slice-{events}"
        if not target.exists():
            slice_of(self.month, events, target)
        return target

    def work(self, way: str, place: Path, rules: Path | None, rounds: int) -> dict[str, Any]:
        """The best of some runs of work.py."""
        command = [sys.executable, str(HERE / "work.py"), way, str(place), "--networks", str(self.networks)]
        return self.told(command + (["--rules", str(rules)] if rules else []), rounds)

    def told(self, command: Sequence[str], rounds: int) -> dict[str, Any]:
        """What the best of some runs printed."""
        costs = [self.run(command) for _ in range(rounds)]
        runs = [{**cost.told(), "largest_bytes": cost.largest_bytes} for cost in costs]
        return min(runs, key=lambda run: run["cpu_seconds"])

    def run(self, command: Sequence[str], home: Path | None = None) -> Cost:
        """One run."""
        self.yardstick.take()
        print(" ".join(Path(each).name for each in command[1:])[:160], file=sys.stderr)
        return measure(command, environment=environment(home) if home else None)


# -- the parts -----------------------------------------------------------------


def matching(bench: Bench) -> None:
    """The engine over the lake, habits learnt before: with the reading of it, with all columns in memory, and the conditions alone."""
    rows: list[tuple[str, ...]] = []
    for events in bench.lakes:
        home = untaught(bench.lake(events), bench.scratch / "homes" / f"matching-{events}")
        # Learns the habits that the built-in rules ask for: copies of them ask for no others.
        bench.work("judge", home, None, 1)
        rounds = bench.chosen.rounds if events == MILLION else 1
        for rules in (None, *map(bench.rulebook, bench.chosen.sizes)):
            found = bench.work("judge", home, rules, rounds)
            alone = bench.work("match", home, rules, rounds)
            if found["hits"] != alone["hits"]:
                raise SystemExit(f"with the columns in memory {rules} matched other events")
            conditions = bench.work("conditions", home, rules, rounds)
            name = f"{rules.name if rules else 'built in'} {events}"
            bench.figures |= {f"judging {name}": found, f"in memory {name}": alone, f"matching {name}": conditions}
            rows.append((
                f"{found['events']:,}", _named(found, rules), f"{found['cpu_seconds']:.1f}", _rate(found),
                f"{alone['cpu_seconds']:.1f}", _rate(alone), f"{conditions['cpu_seconds']:.2f}", _rate(conditions), f"{sum(found['hits'].values()):,}",
                f"{found['detections']:,}", f"{found['largest_bytes'] / 1e6:,.0f}",
            ))  # fmt: skip
    print_table(
        (
            "events", "rules", "read and judge, CPU s", "thousand events a CPU s", "judge in memory, CPU s",
            "thousand events a CPU s", "conditions alone, CPU s", "thousand events a CPU s", "events matched", "detections", "MB, largest",
        ),
        rows,
    )  # fmt: skip


def detect(bench: Bench) -> None:
    """`sakimori detect` as a user runs it: start, rules, habits, matching, recording, JSON."""
    rows: list[tuple[str, ...]] = []
    for events in bench.lakes:
        costs: dict[str, list[Cost]] = {"first": [], "second": []}
        for _ in range(bench.chosen.rounds if events == MILLION else 1):
            home = untaught(bench.lake(events), bench.scratch / "homes" / f"detect-{events}")
            for each in costs.values():
                command = (*SAKIMORI, "detect", "--networks", str(bench.networks), "--format", "json")
                each.append(bench.run(command, home))
        count = rows_in(bench.lake(events))
        rows += [(f"{count:,}", f"the {which} time", *_cost(best_of(each), count)) for which, each in costs.items()]
        bench.figures |= {f"detect {which} {events}": _plain(each) for which, each in costs.items()}
    print_table(("events", "detect", "CPU s", "wall s", "thousand events a CPU s", "MB, largest"), rows)


def stream(bench: Bench) -> None:
    """The dispatcher over one event at a time; and the same as `detect --stream` does it."""
    place = bench.slice(bench.chosen.events)
    runs = [("stream", rules) for rules in (None, *map(bench.rulebook, bench.chosen.sizes))]
    rows: list[tuple[str, ...]] = []
    for way, rules in (("single", None), *runs):
        found = bench.work(way, place, rules, bench.chosen.rounds)
        bench.figures[f"{way} {rules.name if rules else 'built in'}"] = found
        whole = found["cpu_seconds"] + found["read_seconds"]
        rows.append((
            "as `detect --stream`" if way == "single" else _named(found, rules), f"{found['cpu_seconds']:.1f}", _rate(found),
            f"{found['read_seconds']:.1f}", f"{found['events'] / whole / 1000:.1f}",
        ))  # fmt: skip
    print_table(("rules", "CPU s", "thousand events a CPU s", "JSON, CPU s", "thousand with it"), rows)


def files(bench: Bench) -> None:
    """Straight over files, beside bringing the same files into a lake."""
    ways = {
        "ingest": ("ingest", "cloudtrail", str(bench.month / "AWSLogs"), "--format", "json"),
        "detect --input": (
            "detect", "--input", str(bench.month / "AWSLogs"), "--networks", str(bench.networks), "--format", "json",
        ),
    }  # fmt: skip
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for _ in range(bench.chosen.rounds):
        for name, words in ways.items():
            with tempfile.TemporaryDirectory(dir=bench.scratch) as home:
                costs[name].append(bench.run((*SAKIMORI, *words), Path(home)))
    count = rows_in(bench.lake(MILLION))
    least = best_of(costs["ingest"])
    rows = [
        (name, *_cost(best_of(each), count), f"{best_of(each).cpu_seconds / least.cpu_seconds:.2f} ×",
         f"{best_of(each).wall_seconds / least.wall_seconds:.2f} ×")
        for name, each in costs.items()
    ]  # fmt: skip
    bench.figures |= {name: _plain(each) for name, each in costs.items()}
    head = ("", "CPU s", "wall s", "thousand events a CPU s", "MB, largest", "CPU beside ingest", "wall beside ingest")
    print_table(head, rows)


def peers(bench: Bench) -> None:
    """Others beside us: the same files, the same Sigma rules."""
    if not bench.chosen.sigma:
        print("others: no --sigma, so there are no rules to give them\n")
        return
    place, rules = bench.slice(bench.chosen.events), bench.chosen.sigma.absolute()
    python = _installed(bench.chosen.peers_venv)
    ours = _ours(bench, place, rules)
    found = {**ours, **{
        said: bench.told((python, str(HERE / "peers.py"), way, str(place), str(rules)), 1 if way in SLOW else bench.chosen.rounds)
        for way, said in PEERS.items() if way in bench.chosen.peers
    }}  # fmt: skip
    bench.figures["peers"] = found
    best = found["sakimori, lake"]
    rows = [
        (
            said, str(each["rules"] - len(each.get("refused", {}))), f"{sum(each['hits'].values()):,}",
            f"{each['cpu_seconds']:.2f}", _rate(each), f"{_a_second(best) / _a_second(each):,.1f} ×",
            f"{_whole(each):.1f}", f"{_whole(each) / _whole(best):,.1f} ×",
        )
        for said, each in found.items()
    ]  # fmt: skip
    head = (
        "", "rules that ran", "events matched", "matching, CPU s", "thousand events a CPU s", "the lake is faster by",
        "read, load, match: CPU s", "beside the lake",
    )  # fmt: skip
    print_table(head, rows)


def _ours(bench: Bench, place: Path, rules: Path) -> dict[str, dict[str, Any]]:
    """The lake, its ingest as loading; and the stream."""
    loads: list[Cost] = []
    for number in range(bench.chosen.rounds):
        home = bench.scratch / "homes" / f"peers-{number}"
        _emptied(home)
        loads.append(bench.run((*SAKIMORI, "ingest", "cloudtrail", str(place), "--format", "json"), home))
    bench.work("judge", home, rules, 1)
    lake = bench.work("judge", home, rules, bench.chosen.rounds)
    lake["load_seconds"] = best_of(loads).cpu_seconds
    return {"sakimori, lake": lake, "sakimori, stream": bench.work("stream", place, rules, bench.chosen.rounds)}


def _emptied(home: Path) -> None:
    for path in sorted(home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    home.mkdir(parents=True, exist_ok=True)


def _installed(folder: Path) -> str:
    """The interpreter of the peers' environment, filled from PyPI if it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            (str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")), check=True
        )
    return str(python)


# -- figures -------------------------------------------------------------------


def _named(found: dict[str, Any], rules: Path | None) -> str:
    return f"{found['rules']:,}" if rules else f"{found['rules']:,}, all that are built in"


def _a_second(found: dict[str, Any]) -> float:
    return found["events"] / found["cpu_seconds"]


def _rate(found: dict[str, Any]) -> str:
    return f"{_a_second(found) / 1000:,.1f}"


def _whole(found: dict[str, Any]) -> float:
    return sum(found.get(name, 0.0) for name in ("read_seconds", "load_seconds", "cpu_seconds"))


def _cost(cost: Cost, count: int) -> tuple[str, ...]:
    return (
        f"{cost.cpu_seconds:.1f}", f"{cost.wall_seconds:.1f}", f"{count / cost.cpu_seconds / 1000:,.1f}",
        f"{cost.largest_bytes / 1e6:,.0f}",
    )  # fmt: skip


def _plain(costs: Iterable[Cost]) -> list[dict[str, float]]:
    return [
        {"cpu_seconds": each.cpu_seconds, "wall_seconds": each.wall_seconds, "largest_bytes": each.largest_bytes}
        for each in costs
    ]


PARTS: Final[dict[str, Callable[[Bench], None]]] = {
    "matching": matching, "detect": detect, "stream": stream, "files": files, "peers": peers,
}  # fmt: skip


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--scratch", type=Path, help="where months, lakes and rules are and stay; default: gone afterwards"
    )
    parser.add_argument("--month", type=Path, help="a month that is there, instead of one that is simulated")
    parser.add_argument("--large", type=int, default=0, help="events of a second, larger lake")
    parser.add_argument("--large-month", type=Path, help="its month, if it is there")
    parser.add_argument("--events", type=int, default=200_000, help="of the slice for stream and others (200,000)")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="of rulebooks (10 100 300 1000)")
    parser.add_argument("--sigma", type=Path, help="a folder of Sigma rules for CloudTrail")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=tuple(PEERS))
    parser.add_argument("--peers-venv", type=Path, default=Path(tempfile.gettempdir()) / "detection-peers-venv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=tuple(PARTS))
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        scratch = chosen.scratch or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sakimori-speed-")))
        scratch.mkdir(parents=True, exist_ok=True)
        bench = Bench(chosen, scratch.absolute())
        for name in chosen.only:
            print(f"## {name}\n")
            PARTS[name](bench)
            save(chosen.save, bench.figures)
    print(bench.yardstick.said())


if __name__ == "__main__":
    try:
        main()
    except RunError as error:
        raise SystemExit(str(error)) from error
