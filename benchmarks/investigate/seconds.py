"""Seconds and memory of `sakimori investigate key` over lakes that hold a thief's events: cold, and again at once.

    python benchmarks/investigate/seconds.py /tmp/lake1m /tmp/lake10m --rounds 3

*Cold* is a new process after every part and the manifest were dropped from the page cache, its start included; *warm* is another
new process right after it. The answer is checked: all of the thief's events, credentials and machines must be in it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from plant import KEY


def drop(home: Path) -> None:
    """Drop the lake's files from the page cache."""
    for path in (home / "lake").rglob("*"):
        if path.is_file():
            number = os.open(path, os.O_RDONLY)
            os.fsync(number)
            os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(number)


def once(home: Path, key: str, more: list[str]) -> tuple[float, float, float, dict[str, Any]]:
    """Wall and CPU seconds, the largest MB, and the answer."""
    command = [
        sys.executable,
        "-m",
        "sakimori",
        "--home",
        str(home),
        "investigate",
        "key",
        key,
        "--format",
        "json",
        *more,
    ]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    answer = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status:
        sys.exit(f"{command} ended with {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(answer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("homes", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--since", default="")
    given = parser.parse_args()
    more = ["--since", given.since] if given.since else []
    for home in given.homes:
        runs: dict[str, list[tuple[float, float, float]]] = {"cold": [], "warm": []}
        answer: dict[str, Any] = {}
        for _ in range(given.rounds):
            drop(home)
            for times in runs.values():
                *figures, answer = once(home, given.key, more)
                times.append((figures[0], figures[1], figures[2]))
        closure = answer["closure"]
        print(f"{home}: {answer['coverage'][0]['events']:,} events, {answer['event_count']:,} of the closure, ", end="")
        print(f"{len(closure['credentials'])} credentials, {len(answer['list_a'])} made, cut: {answer['is_cut']}")
        for name, times in runs.items():
            wall, cpu, memory = (statistics.median(each[number] for each in times) for number in range(3))
            least, most = min(each[0] for each in times), max(each[0] for each in times)
            print(f"  {name}: {wall:.1f} s ({least:.1f}-{most:.1f}), {cpu:.1f} CPU s, {memory:.0f} MB")


if __name__ == "__main__":
    main()
