"""What one command costs, with all processes that it starts; how busy the machine was meanwhile; tables of figures."""

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SAKIMORI: Final = (sys.executable, "-m", "sakimori")
FAILED: Final = (1, 2)
"""Exit codes of sakimori after which figures would say nothing; it ends with others where it found something."""


class RunError(Exception):
    """A measured command failed, or was not done in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds and bytes of one run. CPU is user and system time, of children that ended too; `output` is what it printed."""

    wall_seconds: float
    cpu_seconds: float
    largest_bytes: int
    output: str = ""

    def told(self) -> dict[str, Any]:
        """What it printed as JSON in its last line."""
        return json.loads(self.output.strip().splitlines()[-1])


def measure(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, timeout_seconds: float = 7200.0
) -> Cost:
    """Run the command to its end. RunError where it failed or took too long."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment and dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    # The whole session: workers would outlive the one that is killed.
    alarm = threading.Timer(timeout_seconds, os.killpg, (process.pid, signal.SIGKILL))
    alarm.start()
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.perf_counter() - began
    alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode in FAILED or process.returncode < 0:
        raise RunError(f"{' '.join(command)[:300]} ended with {process.returncode}")
    # ru_maxrss is in KiB on Linux, and of the largest process of the tree only.
    return Cost(
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        largest_bytes=usage.ru_maxrss * 1024,
        output=output.decode(errors="replace"),
    )


def cpu_seconds() -> float:
    """CPU time of this process with all of its threads, and of its children that ended."""
    both = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


def environment(home: Path) -> dict[str, str]:
    """What sakimori needs: a home of its own, and where the package is where it is not installed."""
    places = [str(Path(place).absolute()) for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(places), "SAKIMORI_HOME": str(home)}


class Yardstick:
    """The same arithmetic and the same walk through memory, timed again and again: how busy the machine is.

    CPU seconds too: where neighbours use caches and memory, a second of CPU time does less.
    """

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._cpu: list[float] = []
        self._loads: list[float] = []
        self._memory = list(range(200_000))

    def take(self) -> None:
        """Time it once more."""
        wall, cpu = time.perf_counter(), time.process_time()
        sum(number * number for number in range(1_000_000))
        for _ in range(20):
            sum(self._memory[::-7])
        self._wall.append(time.perf_counter() - wall)
        self._cpu.append(time.process_time() - cpu)
        self._loads.append(os.getloadavg()[0])

    def said(self) -> str:
        """Least, median and greatest in milliseconds, and the load."""
        wall, cpu = ("/".join(f"{1000 * value:.0f}" for value in _spread(each)) for each in (self._wall, self._cpu))
        loads = "/".join(f"{value:.1f}" for value in _spread(self._loads))
        return (
            f"{os.cpu_count()} cores, load {loads}, Python {sys.version.split()[0]}; yardstick {wall} ms of wall time, "
            f"{cpu} ms of CPU time (least/median/greatest of {len(self._wall)})"
        )


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), statistics.median(values), max(values)


def best_of(costs: Sequence[Cost]) -> Cost:
    """The run that took the least CPU time: what others do to the caches only ever adds to it."""
    return min(costs, key=lambda cost: cost.cpu_seconds)


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print("| " + " | ".join(head) + " |")
    print("|---" + "|---:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def save(path: Path | None, figures: object) -> None:
    """Keep all figures as JSON."""
    if path:
        path.write_text(json.dumps(figures, indent=1, default=str), encoding="utf-8")
