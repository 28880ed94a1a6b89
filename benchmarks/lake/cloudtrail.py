"""CloudTrail files into the lake, beside what else reads them: events per CPU second, memory, seconds.

    python benchmarks/lake/cloudtrail.py                                 # 200,000 events, three rounds
    python benchmarks/lake/cloudtrail.py --events 2000000 --rounds 3     # as in the README
    python benchmarks/lake/cloudtrail.py --logs DIR --only sakimori "DuckDB, types found out"

Every way runs in processes of its own, start-up included, in turns that change with the round. Prints, asserts nothing
but that every way has seen all events.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from logs import HERE, SAKIMORI, add_options, environment, ingest_command, logs_of, scratch_in, told
from measured import Cost, RunError, Yardstick, measure, median_of, megabytes, print_table, save, spread_of

NAIVE: Final = "DuckDB, types found out"
_WORK: Final = str(HERE / "work.py")
_ALL_TIME: Final = ("--from", "2000-01-01", "--to", "2100-01-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to read the logs. `events` counts what it saw by its output; None where nothing is counted."""

    name: str
    does: str
    command: Callable[[Path, Path], Sequence[str]]
    events: Callable[[str], int] | None = lambda output: int(output.strip())


def work(way: str) -> Callable[[Path, Path], Sequence[str]]:
    """A way of work.py."""
    return lambda logs, target: (sys.executable, _WORK, way, str(logs), str(target / "events.parquet"))


def _shell(command: str) -> Callable[[Path, Path], Sequence[str]]:
    return lambda logs, _: ("bash", "-o", "pipefail", "-c", command, "bash", str(logs))


def _rows(output: str) -> int:
    return int(told(output)["rows"])


def ways(trailscraper: Path) -> tuple[Way, ...]:
    """All ways, ours first."""
    return (
        Way(name="sakimori", does="lake, on all cores", command=lambda logs, _: ingest_command(logs, 0), events=_rows),
        Way(name="sakimori --workers 1", does="lake", command=lambda logs, _: ingest_command(logs, 1), events=_rows),
        Way(name="floor: isal + typed msgspec", does="nothing", command=work("floor")),
        Way(name=NAIVE, does="one sorted Parquet file", command=work("duckdb-auto")),
        Way(name="DuckDB, schema told", does="one sorted Parquet file", command=work("duckdb-schema")),
        Way(name="trailscraper select", does="JSON, one text", command=_selected(trailscraper)),
        Way(
            name="zcat and jq -c '.Records[]'",
            does="JSON lines",
            command=_shell("find \"$1\" -name '*.json.gz' -print0 | xargs -0 zcat | jq -c '.Records[]' | wc -l"),
        ),
    )


def _selected(program: Path) -> Callable[[Path, Path], Sequence[str]]:
    words = " ".join((str(program), "select", "--log-dir", '"$1"', *_ALL_TIME))
    # One text without a line end: its events are counted by a field that each has once.
    return _shell(f"{words} | tr , '\\n' | grep -c '\"eventID\": '")


def starts() -> tuple[Way, ...]:
    """What is paid before the first event."""
    return (
        Way(
            name="start: sakimori ingest --help",
            does="",
            command=lambda _, __: (*SAKIMORI, "ingest", "--help"),
            events=None,
        ),
        Way(name="start: its imports, in each worker", does="", command=work("start"), events=None),
    )


def install(program: Path) -> None:
    """trailscraper from PyPI, into an environment of its own, if it is not there yet."""
    if program.exists():
        return
    folder = program.parents[1]
    venv.create(folder, with_pip=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt"))
    subprocess.run(pip, check=True)


def run_once(way: Way, logs: Path, scratch: Path, expected: int | None) -> tuple[Cost, int]:
    """One run, and how many events it saw; a home and a target of its own."""
    target = scratch / "target"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    cost = measure(way.command(logs, target), environment=environment(target / "home"))
    seen = way.events(cost.output) if way.events else 0
    if way.events and expected is not None and seen != expected:
        raise RunError(f"{way.name} saw {seen:,} of {expected:,} events")
    return cost, seen


def main() -> None:
    """Measure all ways in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, events=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], help="names of ways")
    parser.add_argument("--without", nargs="+", default=[], help="names of ways")
    parser.add_argument("--once", nargs="*", default=["trailscraper select"], help="ways for the first round only")
    parser.add_argument(
        "--trailscraper-venv", type=Path, default=Path(tempfile.gettempdir()) / "trailscraper-venv",
        help="where trailscraper is, or will be",
    )  # fmt: skip
    chosen = parser.parse_args()
    program = chosen.trailscraper_venv.absolute() / "bin" / "trailscraper"
    chosen_ways = [
        way
        for way in (*ways(program), *starts())
        if (not chosen.only or way.name in chosen.only) and way.name not in chosen.without
    ]
    if any("trailscraper" in way.name for way in chosen_ways):
        install(program)
    yardstick, costs = Yardstick(), dict[str, list[Cost]]()
    with ExitStack() as stack:
        scratch = scratch_in(stack, chosen.scratch)
        logs = logs_of(chosen, scratch)
        count = None
        for number in range(chosen.rounds):
            for way in chosen_ways if number % 2 == 0 else reversed(chosen_ways):
                if number and way.name in chosen.once:
                    continue
                print(f"round {number + 1}: {way.name}", file=sys.stderr)
                yardstick.take()
                cost, seen = run_once(way, logs.folder, scratch, count)
                count = seen if way.events else count
                costs.setdefault(way.name, []).append(cost)
        print(f"{count or 0:,} events, {len(logs.files()):,} files, {megabytes(logs.packed_bytes())} MB packed\n")
    print_figures(chosen_ways, costs, count or 0)
    print(yardstick.said())
    save(chosen.save, {name: [asdict(cost) for cost in each] for name, each in costs.items()})


def print_figures(chosen: Sequence[Way], costs: dict[str, list[Cost]], count: int) -> None:
    """Print a line for each way."""
    naive = median_of(costs[NAIVE], "cpu_seconds") if NAIVE in costs else None
    rows: list[tuple[str, ...]] = []
    for way in chosen:
        each = costs[way.name]
        cpu = median_of(each, "cpu_seconds")
        rows.append((
            way.name, way.does, spread_of(each, "cpu_seconds"), f"{count / cpu / 1000:.1f}" if way.events else "",
            f"{naive / cpu:.1f} ×" if naive and way.events else "", spread_of(each, "wall_seconds"),
            megabytes(median_of(each, "largest_bytes")), megabytes(median_of(each, "together_bytes")),
        ))  # fmt: skip
    head = (
        "", "writes", "CPU s", "thousand events a CPU s", "beside naive DuckDB", "wall s", "MB, largest process", "MB, all",
    )  # fmt: skip
    print_table(head, rows)


if __name__ == "__main__":
    main()
