"""What a call costs: sakimori's door beside boto3, the same calls, against a server on loopback that does nothing.

    python benchmarks/calls/run.py --rounds 3

The callers take turns. It prints figures and asserts nothing.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CALLERS: Final = ("door", "boto3")


def measured(caller: str, calls: int, url: str) -> tuple[float, float, float]:
    """CPU and wall seconds, and peak memory in MB, of one process from start to exit."""
    environment = {
        **os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE",
        "AWS_SECRET_ACCESS_KEY": "fake", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen((sys.executable, str(HERE / "callers.py"), caller, str(calls)), env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{caller} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - started, used.ru_maxrss / 1024


def main() -> None:
    """Print a line for each caller, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    runs: dict[str, list[tuple[float, float, float]]] = {caller: [] for caller in CALLERS}
    with subprocess.Popen((sys.executable, str(HERE / "stand_in.py")), stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().strip() if server.stdout else ""
        try:
            for number in range(chosen.rounds):
                for caller in CALLERS if number % 2 == 0 else reversed(CALLERS):
                    runs[caller].append(measured(caller, chosen.calls, url))
        finally:
            server.kill()
    for caller, found in runs.items():
        cpu, wall, memory = zip(*found, strict=True)
        print(
            f"{caller:6} {chosen.calls} calls: CPU {statistics.median(cpu):.2f} s ({min(cpu):.2f}-{max(cpu):.2f}), "
            f"{statistics.median(cpu) / chosen.calls * 1000:.2f} ms a call, wall {statistics.median(wall):.2f} s, {max(memory):.0f} MB"
        )
    ratio = statistics.median(run[0] for run in runs["boto3"]) / statistics.median(run[0] for run in runs["door"])
    print(f"boto3 takes {ratio:.1f} times the CPU; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
