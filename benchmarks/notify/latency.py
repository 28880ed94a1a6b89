"""How soon a message arrives, and how many a second, at a webhook on this machine.

    .ci/with-postgresql python benchmarks/notify/latency.py                # SQLite and PostgreSQL: some minutes
    python benchmarks/notify/latency.py --messages 200 --waiting 100 1000  # SQLite alone, less

The place that receives is a process of its own; when something arrived is told by its clock, which is that of the machine.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert  # noqa: E402
from tests.outputs.notify.sinks import HttpSink  # noqa: E402 - the tests are no installed package
from tests.outputs.notify.teller import SIGNING, routes, seen  # noqa: E402
from tests.stores import new_place  # noqa: E402

from sakimori.findings.detections import record_detections  # noqa: E402
from sakimori.findings.inbox import Quiet  # noqa: E402
from sakimori.findings.inbox_tables import MESSAGE  # noqa: E402
from sakimori.model.words import Severity  # noqa: E402
from sakimori.outputs.notify import planning  # noqa: E402
from sakimori.outputs.notify.credentials import Secret  # noqa: E402
from sakimori.outputs.notify.delivery import Delivery  # noqa: E402
from sakimori.outputs.notify.rounds import Pulse, go_round  # noqa: E402
from sakimori.outputs.notify.webhook import Webhook  # noqa: E402
from sakimori.state.store import Store, open_store  # noqa: E402

BATCH: Final = 5_000
BEGIN: Final = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOOK: Final = tuple(each for each in routes() if each.name == "hook")


@dataclass(slots=True)
class Clock:
    """Of the program: it is set, so that what is measured is no storm where none is wanted."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Bench:
    """One store, and one webhook that takes what it is sent."""

    store: Store
    url: str
    clock: Clock

    def record(self, names: Sequence[str]) -> float:
        """When the transaction was over."""
        told = [seen(name, Severity.HIGH, self.clock()) for name in names]
        record_detections(self.store, told, self.clock())
        return time.time()

    def plan(self, of_routes: Sequence[Any] = HOOK) -> None:
        """As `Notifier.plan`."""
        count = 1
        while count:
            with self.store.begin() as connection:
                here = planning.Planning(connection, of_routes, self.clock(), Quiet())
                count = here.consider()
                if not count:
                    go_round(here, Pulse)

    def deliver(self) -> int:
        """How many were sent."""
        hook = Webhook(Secret(f"{self.url}/hook"), Secret(SIGNING), now=self.clock)
        known = {each.name: each for each in HOOK}
        return Delivery(self.store, known, {"hook": hook}.get, self.clock).deliver().sent

    def age(self, rows: int) -> None:
        """A ledger of messages that were sent long ago."""
        old = {
            "route": "hook", "kind": "case", "severity": "high", "state": "sent", "body": "{}" + " " * 2000, "tries": 1,
            "reference": "r", "reason": "", "instead_of": "", "not_before": BEGIN - timedelta(days=90),
        }  # fmt: skip
        for begin in range(0, rows, BATCH):
            many = [
                old | {
                    "key": f"{number:032x}", "case_id": f"SKM-old-{number}",
                    "created_at": BEGIN - timedelta(days=90) + timedelta(seconds=number),
                }
                for number in range(begin, min(rows, begin + BATCH))
            ]  # fmt: skip
            with self.store.begin() as connection:
                connection.execute(insert(MESSAGE), many)


def soon(bench: Bench, pipe: Connection, messages: int) -> None:
    """One case after the other: recorded, planned, delivered."""
    for number in range(messages):
        bench.clock.at += timedelta(minutes=1)
        pipe.send((f"soon{number}", bench.record([f"soon{number}"])))
        bench.plan()
        bench.deliver()


def many(bench: Bench, pipe: Connection, waiting: int) -> None:
    """So many cases at once, of which each is told."""
    planning.STORM_SPAN = timedelta()  # type: ignore[misc] - what is measured here is what a storm would spare
    bench.clock.at += timedelta(days=2)
    bench.record([f"many{waiting}x{number}" for number in range(waiting)])
    begun = time.perf_counter()
    bench.plan()
    planned = time.perf_counter()
    sent = bench.deliver()
    pipe.send((waiting, sent, planned - begun, time.perf_counter() - planned))


def work(place: str, url: str, chosen: argparse.Namespace, pipe: Connection) -> None:
    """The program that tells."""
    with open_store(place) as store:
        bench = Bench(store, url, Clock())
        bench.age(chosen.old)
        bench.plan()
        soon(bench, pipe, chosen.messages)
        for waiting in chosen.waiting:
            many(bench, pipe, waiting)
        pipe.send(None)


def measured(place: str, chosen: argparse.Namespace) -> tuple[list[float], list[tuple[int, int, float, float]]]:
    """Milliseconds from the commit to the receipt, and what each number of waiting messages took."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    committed: dict[str, float] = {}
    figures: list[tuple[int, int, float, float]] = []
    with HttpSink() as sink:
        process = context.Process(target=work, args=(place, sink.url, chosen, theirs), daemon=True)
        process.start()
        theirs.close()
        while (told := ours.recv()) is not None:
            if isinstance(told[0], str):
                committed[told[0]] = told[1]
            else:
                figures.append(told)
        process.join()
        arrived: dict[str, float] = {}
        for each in sink.taken:
            name = each.json["headline"].split(":")[1]
            arrived.setdefault(name, each.at)
    if len(sink.taken) != chosen.messages + sum(chosen.waiting):
        raise SystemExit("something was lost, or doubled")
    return [1000 * (arrived[name] - at) for name, at in committed.items()], figures


def yardstick() -> str:
    """The same arithmetic, again: how much of the machine others use."""
    wall, cpu = time.perf_counter(), time.process_time()
    sum(number * number for number in range(1_000_000))
    return f"{1000 * (time.perf_counter() - wall):.0f} ms wall, {1000 * (time.process_time() - cpu):.0f} ms CPU, load {os.getloadavg()[0]:.1f}"


def main() -> None:
    """Measure each engine, with an empty ledger and an old one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--waiting", type=int, nargs="*", default=[500, 5_000])
    parser.add_argument("--old", type=int, nargs="*", default=[0, 100_000], help="messages sent long ago")
    chosen = parser.parse_args()
    print("yardstick before:", yardstick())
    for engine in ("sqlite", *(("postgresql",) if "SAKIMORI_TEST_POSTGRESQL" in os.environ else ())):
        for old in chosen.old:
            with (
                tempfile.TemporaryDirectory(prefix="sakimori-benchmark-") as directory,
                new_place(engine, Path(directory)) as place,
            ):
                figures = argparse.Namespace(**(vars(chosen) | {"old": old}))
                show(f"{engine}, {old:,} old messages", *measured(place, figures))
    print("yardstick after:", yardstick())


def show(title: str, latencies: Sequence[float], figures: Sequence[tuple[int, int, float, float]]) -> None:
    """One engine."""
    hundredths = statistics.quantiles(latencies, n=100)
    print(f"\n{title}: {len(latencies)} messages, median {statistics.median(latencies):.1f} ms, p99 {hundredths[98]:.1f} ms, longest {max(latencies):.1f} ms")  # fmt: skip
    for waiting, sent, planned, delivered in figures:
        print(f"  {waiting:,} at once: planned {waiting / planned:,.0f}/s, delivered {sent / delivered:,.0f}/s ({planned:.1f} s, {delivered:.1f} s)")  # fmt: skip


if __name__ == "__main__":
    main()
