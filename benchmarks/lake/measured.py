"""What one command costs, with all processes that it starts; how busy the machine was meanwhile; tables of figures."""

import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
SAMPLE_SECONDS: Final = 0.2


class RunError(Exception):
    """A measured command ended with an error, or not in time; its figures would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds and bytes of one run. CPU is user and system time, of children that ended too.

    `largest_bytes` is the peak of the largest process (exact); `together_bytes` that of all at one moment, pages that
    several share counted once (sampled). `output` is what it printed.
    """

    wall_seconds: float
    cpu_seconds: float
    largest_bytes: int
    together_bytes: int
    peaks: Mapping[int, int] = field(default_factory=dict[int, int])
    output: str = ""


def measure(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, timeout_seconds: float = 3600.0
) -> Cost:
    """Run the command to its end. RunError unless it exits with 0 in time."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment and dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    # The whole session: workers would outlive the one that is killed.
    alarm = threading.Timer(timeout_seconds, os.killpg, (process.pid, signal.SIGKILL))
    alarm.start()
    sampler = _TreeMemory(process.pid)
    sampler.start()
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall_seconds = time.perf_counter() - began
    alarm.cancel()
    sampler.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RunError(f"{' '.join(command)[:300]} ended with {process.returncode}")
    # ru_maxrss is in KiB on Linux, and of the largest process of the tree only.
    return Cost(
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        largest_bytes=usage.ru_maxrss * 1024,
        together_bytes=max(sampler.together_bytes, usage.ru_maxrss * 1024),
        peaks=sampler.peaks,
        output=output.decode(errors="replace"),
    )


class _TreeMemory(threading.Thread):
    """Samples the memory of a process and its descendants: the peak of each, and of all together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.together_bytes = 0
        self.peaks: dict[int, int] = {}

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            pids = list(_tree(self._pid))
            self.together_bytes = max(self.together_bytes, sum(_field(pid, "smaps_rollup", "Pss") for pid in pids))
            for pid in pids:
                self.peaks[pid] = max(self.peaks.get(pid, 0), _field(pid, "status", "VmHWM"))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in (PROC / str(pid) / "task").glob("*/children"):
        try:
            listed = children.read_text().split()
        except OSError:  # the thread has ended since it was listed
            continue
        for child in listed:
            yield from _tree(int(child))


def _field(pid: int, file: str, name: str) -> int:
    """A size of a process in bytes; 0 where it has ended."""
    try:
        lines = (PROC / str(pid) / file).read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


# -- noise ---------------------------------------------------------------------


class Yardstick:
    """The same arithmetic and the same walk through memory, timed again and again: how busy the machine is.

    CPU seconds too: where neighbours use caches and memory, a second of CPU time does less.
    """

    def __init__(self) -> None:
        self._wall: list[float] = []
        self._cpu: list[float] = []
        # Small: a child's peak is told as no less than what its parent held when it began.
        self._memory = list(range(200_000))

    def take(self) -> None:
        """Time it once more."""
        wall, cpu = time.perf_counter(), time.process_time()
        sum(number * number for number in range(1_000_000))
        for _ in range(20):
            sum(self._memory[::-7])
        self._wall.append(time.perf_counter() - wall)
        self._cpu.append(time.process_time() - cpu)

    def said(self) -> str:
        """Least, median and greatest in milliseconds, and the load."""
        wall, cpu = ("/".join(f"{1000 * value:.0f}" for value in _spread(each)) for each in (self._wall, self._cpu))
        return (
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}; "
            f"yardstick {wall} ms of wall time, {cpu} ms of CPU time (least/median/greatest of {len(self._wall)})"
        )


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), statistics.median(values), max(values)


# -- figures -------------------------------------------------------------------


def median_of(costs: Sequence[Cost], name: str) -> float:
    """The median of one figure of several runs."""
    return statistics.median(getattr(cost, name) for cost in costs)


def spread_of(costs: Sequence[Cost], name: str, digits: int = 1) -> str:
    """The median of one figure, and its least and greatest where there are several."""
    least, middle, greatest = _spread([getattr(cost, name) for cost in costs])
    if len(costs) == 1:
        return f"{middle:,.{digits}f}"
    return f"{middle:,.{digits}f} ({least:,.{digits}f}–{greatest:,.{digits}f})"


def megabytes(count: float) -> str:
    """A number of bytes in MB."""
    return f"{count / 1e6:,.0f}"


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
