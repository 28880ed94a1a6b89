"""What one run of a command costs: wall time, CPU time and peak memory of its whole process tree."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
SAMPLE_SECONDS: Final = 0.2
_STATE_FIELDS_BEFORE_UTIME: Final = 11  # man 5 proc: utime is field 14, counted here from field 3


class RunError(Exception):
    """A measured command ended with an error, or not in time; its figures would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds and bytes of one run. CPU is user and system time, children that ended included."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int

    def followed_by(self, later: "Cost") -> "Cost":
        """Return the cost of both, one after the other."""
        return Cost(
            wall_seconds=self.wall_seconds + later.wall_seconds,
            cpu_seconds=self.cpu_seconds + later.cpu_seconds,
            peak_memory_bytes=max(self.peak_memory_bytes, later.peak_memory_bytes),
        )


def measure(command: Sequence[str], *, environment: Mapping[str, str], log: Path, timeout_seconds: float) -> Cost:
    """Run the command to its end, its output into `log`. RunError unless it exits with 0 in time."""
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        alarm = threading.Timer(timeout_seconds, process.kill)
        alarm.start()
        sampler = TreeMemory(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - began
        alarm.cancel()
        sampler.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RunError(f"{command[0]} ended with {process.returncode}; its output: {log}")
    # ru_maxrss (KiB on Linux) is exact but of the largest process only; the samples add the tree up.
    return Cost(
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_memory_bytes=max(usage.ru_maxrss * 1024, sampler.peak_bytes),
    )


def cpu_seconds_of(pid: int) -> float:
    """CPU time that a running process has used so far, without its children."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[_STATE_FIELDS_BEFORE_UTIME]) + int(fields[_STATE_FIELDS_BEFORE_UTIME + 1])
    return ticks / os.sysconf("SC_CLK_TCK")


def yardstick_seconds() -> float:
    """Time the same arithmetic as always: how busy the machine is just now."""
    began = time.perf_counter()
    sum(number * number for number in range(2_000_000))
    return time.perf_counter() - began


class TreeMemory(threading.Thread):
    """Samples the resident memory of a process and its descendants, summed."""

    def __init__(self, pid: int, *, every_seconds: float = SAMPLE_SECONDS) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._every_seconds = every_seconds
        self._done = threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        page_bytes = os.sysconf("SC_PAGE_SIZE")
        while not self._done.wait(self._every_seconds):
            pages = sum(_resident_pages(pid) for pid in _tree(self._pid))
            self.peak_bytes = max(self.peak_bytes, pages * page_bytes)

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


def _resident_pages(pid: int) -> int:
    try:
        return int((PROC / str(pid) / "statm").read_text().split()[1])
    except OSError:  # the process has ended since it was listed
        return 0
