"""What one scan costs, with all processes that it starts. The yardstick and the memory of a tree are other benchmarks'."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.append(str(Path(__file__).resolve().parents[1]))
from assess_vs_prowler.measured import TreeMemory
from detect.measured import Yardstick, print_table, save

__all__ = ["Cost", "Yardstick", "measure", "print_table", "save", "scratch"]
_SAMPLE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds and bytes of one run. CPU is user and system time, of children that ended too; memory is the whole tree's."""

    exit_code: int
    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int


def measure(
    command: Sequence[str], *, environment: Mapping[str, str], output: Path, cwd: Path | None = None,
    timeout_seconds: float = 3600.0,
) -> Cost:  # fmt: skip
    """Run to the end, what it prints into `output`. Scanners end with many codes where they found something: none is refused."""
    with output.open("wb") as printed, output.with_suffix(".errors").open("wb") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(environment), cwd=cwd, stdin=subprocess.DEVNULL, stdout=printed, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        # The whole session: workers would outlive the one that is killed.
        alarm = threading.Timer(timeout_seconds, os.killpg, (process.pid, signal.SIGKILL))
        alarm.start()
        sampler = TreeMemory(process.pid, every_seconds=_SAMPLE_SECONDS)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - began
        alarm.cancel()
        sampler.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        exit_code=process.returncode,
        wall_seconds=wall_seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        memory_bytes=max(usage.ru_maxrss * 1024, sampler.peak_bytes),
    )


@contextmanager
def scratch(parent: Path | None, *, keep: bool = False) -> Generator[Path]:
    """A directory that is gone afterwards, unless it is to be kept."""
    directory = Path(tempfile.mkdtemp(prefix="sakimori-secrets-", dir=parent))
    try:
        yield directory
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
