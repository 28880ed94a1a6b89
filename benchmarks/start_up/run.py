"""CPU milliseconds of `sakimori --help` beside what any click program must spend: the best of twenty, in alternation."""

import resource
import subprocess
import sys

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import click, yaml'": ["-c", "import click, yaml"],
    "sakimori --help": ["-m", "sakimori", "--help"],
}


def spent() -> float:
    """CPU seconds of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print best, median and worst of each."""
    costs: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(20):
        for name, arguments in COMMANDS.items():
            before = spent()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            costs[name].append(spent() - before)
    for name, found in costs.items():
        best, median, worst = min(found), sorted(found)[len(found) // 2], max(found)
        print(f"{name:32} best {best * 1000:6.1f}  median {median * 1000:6.1f}  worst {worst * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
