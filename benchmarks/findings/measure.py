"""What a run with many findings costs, and how soon the store answers, on SQLite and on PostgreSQL.

    .ci/with-postgresql python benchmarks/findings/measure.py                       # 100,000 findings on both
    python benchmarks/findings/measure.py --findings 10000                          # SQLite alone
    python benchmarks/findings/measure.py --ask "findings list --severity high --format json" --ask "…"

PostgreSQL is measured where SAKIMORI_TEST_POSTGRESQL names a server of this machine whose superuser it is (its CPU time is
read from /proc). Every run is a process of its own; of each the best of the rounds counts, by CPU time.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import NullPool, create_engine, make_url

HERE: Final = Path(__file__).parent
SERVER: Final = os.environ.get("SAKIMORI_TEST_POSTGRESQL", "")
ASKED: Final = ("findings list --format json",)
"""What is asked by default; `--state PLACE` is added to each."""
DAYS: Final = ("into an empty store", "all again, nothing changed", "all again, 1 % changed")
"""The runs, one a day."""
FAILED: Final = (1, 2)


# -- places --------------------------------------------------------------------


@contextmanager
def sqlite_place() -> Generator[str]:
    """A new file."""
    with tempfile.TemporaryDirectory(prefix="sakimori-benchmark-") as directory:
        yield str(Path(directory) / "state.db")


@contextmanager
def postgresql_place() -> Generator[str]:
    """A new schema."""
    schema = f"b{uuid.uuid4().hex}"
    ask_server(f"CREATE SCHEMA {schema}")
    try:
        here = make_url(SERVER).update_query_dict({"options": f"-csearch_path={schema}"})
        yield here.render_as_string(hide_password=False)
    finally:
        ask_server(f"DROP SCHEMA {schema} CASCADE")


def ask_server(statement: str) -> Any:
    """Run it; the first value, if it gives rows."""
    url = make_url(SERVER).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        result = connection.exec_driver_sql(statement)
        return result.scalar() if result.returns_rows else None


def server_cpu_seconds() -> float:
    """CPU time of the server and of its processes that have ended (proc(5): utime, stime, cutime, cstime)."""
    pid = ask_server("SELECT pg_read_file('postmaster.pid')").split()[0]
    time.sleep(0.5)  # the process of the last connection is about to end
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


PLACES: Final = {"SQLite": sqlite_place, **({"PostgreSQL": postgresql_place} if SERVER else {})}


# -- recording -----------------------------------------------------------------


def recorded(engine: str, place: str, count: int, day: int) -> dict[str, Any]:
    """One run recorded, with the server's CPU time."""
    before = server_cpu_seconds() if engine == "PostgreSQL" else 0.0
    command = (sys.executable, str(HERE / "record.py"), place, str(count), str(day))
    figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    figures["server_seconds"] = server_cpu_seconds() - before if engine == "PostgreSQL" else 0.0
    return figures


# -- asking --------------------------------------------------------------------


def asked(place: str, words: Sequence[str], times: int) -> dict[str, float]:
    """Seconds of a whole command, and of `sakimori --help`: what of them is the start of any program of this kind."""
    told = [_seconds((*words, "--state", place)) for _ in range(times)]
    start = [_seconds(("--help",)) for _ in range(times)]
    return {"median": statistics.median(told), "greatest": max(told), "start": statistics.median(start)}


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        (sys.executable, "-m", "sakimori", *words),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode in FAILED:
        raise SystemExit(f"sakimori {' '.join(words[:4])} ended with {done.returncode}: {done.stderr[:500]}")
    return time.perf_counter() - began


# -- figures -------------------------------------------------------------------


def yardstick() -> str:
    """How busy the machine is: the same arithmetic as always."""
    wall, cpu = time.perf_counter(), time.process_time()
    sum(number * number for number in range(2_000_000))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; yardstick {wall * 1000:.0f} ms wall, {cpu * 1000:.0f} ms CPU"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table in Markdown."""
    print(f"| {' | '.join(head)} |\n|---{'|---:' * (len(head) - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


def round_of(engine: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """All runs into one new place, then all questions to it."""
    with PLACES[engine]() as place:
        runs = {said: recorded(engine, place, chosen.findings, day) for day, said in enumerate(DAYS)}
        asks = {words: asked(place, words.split(), chosen.times) for words in chosen.ask}
    return {"engine": engine, "runs": runs, "asks": asks}


def show_runs(rounds: Sequence[dict[str, Any]]) -> None:
    """Of each run the round that took the least CPU time."""
    rows: list[tuple[str, ...]] = []
    for engine in PLACES:
        for said in DAYS:
            of_run = [each["runs"][said] for each in rounds if each["engine"] == engine]
            best = min(of_run, key=lambda run: run["cpu_seconds"] + run["server_seconds"])
            rows.append((
                f"{engine}, {said}", f"{best['cpu_seconds']:.2f}", f"{best['server_seconds']:.2f}",
                f"{best['wall_seconds']:.2f}", f"{best['peak_bytes'] / 1e6:,.0f}", f"{best['verdicts_bytes'] / 1e6:,.0f}",
                f"{best['new']:,}", f"{best['still_open']:,}", f"{best['fixed']:,}",
            ))  # fmt: skip
    head = (
        "", "CPU s", "server's CPU s", "wall s", "MB, peak", "of them before recording", "new", "still open", "fixed",
    )  # fmt: skip
    print_table(head, rows)


def show_asks(rounds: Sequence[dict[str, Any]]) -> None:
    """Of each question the round with the least median."""
    rows: list[tuple[str, ...]] = []
    for engine in PLACES:
        for words in rounds[0]["asks"]:
            of_words = [each["asks"][words] for each in rounds if each["engine"] == engine]
            best = min(of_words, key=lambda ask: ask["median"])
            figures = (f"{best[name] * 1000:,.0f}" for name in ("median", "greatest", "start"))
            rows.append((f"{engine}, `{words}`", *figures))
    print_table(("", "ms, median", "ms, greatest", "ms, `--help`"), rows)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument(
        "--ask", action="append", metavar="WORDS", help=f"words after sakimori ({ASKED[0]}); repeatable"
    )
    parser.add_argument("--times", type=int, default=5, help="that each is asked in each round (5; 0: not at all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    chosen.ask = (chosen.ask or list(ASKED)) if chosen.times else []
    before = yardstick()
    rounds = [round_of(engine, chosen) for _ in range(chosen.rounds) for engine in PLACES]
    show_runs(rounds)
    if chosen.ask:
        show_asks(rounds)
    print(f"before: {before}\nafter: {yardstick()}")
    if chosen.save:
        chosen.save.write_text(json.dumps(rounds, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
