"""What scanning costs: `python speed.py --peers DIR` makes big inputs and runs every scanner over each, round after round.

Rounds are interleaved: each scanner meets the same neighbours. Before the first, every scanner has scanned a small tree
once, for several compile their rules only then; what that costs is told apart.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from big_trees import write_history, write_package_history, write_tree
from measured import Cost, Yardstick, measure, print_table, save, scratch
from scanners import Scanner, add_options, asked_for, environment
from scoring import ways_to_read

DJANGO = tuple(f"{major}.{minor}" for major in (3, 4, 5) for minor in (0, 1, 2) if (major, minor) != (3, 0))
SLOW = ("detect-secrets", "git-secrets")
"""Run in the first round only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What is scanned, as files or as history, and the secrets that must be found in it."""

    name: str
    root: Path
    secrets: tuple[str, ...]
    is_history: bool


def main() -> None:
    options = _options()
    yardstick = Yardstick()
    with scratch(options.scratch, keep=options.keep) as place:
        asked = asked_for(options, place)
        first = _warmed(asked, place)
        told = {}
        for each in options.inputs:
            prepared = INPUTS[each](place, options)
            costs, found = _rounds(asked, prepared, place, options.rounds, yardstick)
            _print(prepared, costs, found)
            told[each] = {name: [asdict(cost) for cost in every] for name, every in costs.items()}
        print_table(("first run ever", "CPU s"), [(name, f"{cost.cpu_seconds:.2f}") for name, cost in first.items()])
        print(yardstick.said())
        save(options.save, told)


def _warmed(asked: Sequence[Scanner], place: Path) -> Mapping[str, Cost]:
    """Everybody's first run, over next to nothing."""
    small = place / "small"
    write_tree(small, "small", 1, 1)
    return {scanner.name: _run(scanner, scanner.tree, small, place)[0] for scanner in asked}


def _run(
    scanner: Scanner, way: Callable[[Path, Path], Sequence[str]], root: Path, place: Path, secrets: Sequence[str] = ()
) -> tuple[Cost, int]:
    output, report = place / f"{scanner.name}.out", place / f"{scanner.name}.json"
    report.unlink(missing_ok=True)
    cwd = root if scanner.in_target else place
    cost = measure(way(root, report), environment=environment(place / "home"), output=output, cwd=cwd)
    if not secrets:
        return cost, 0
    findings = scanner.read(root, report if report.exists() else output)
    told = "\0".join(form for each in findings for form in ways_to_read(each.string))
    return cost, sum(1 for each in secrets if each in told)


def _rounds(
    asked: Sequence[Scanner], given: Input, place: Path, rounds: int, yardstick: Yardstick
) -> tuple[Mapping[str, list[Cost]], Mapping[str, int]]:
    costs: dict[str, list[Cost]] = {}
    found: dict[str, int] = {}
    for at in range(rounds):
        for scanner in asked:
            way = scanner.history if given.is_history else scanner.tree
            if way and not (at and scanner.name in SLOW):
                yardstick.take()
                cost, found[scanner.name] = _run(scanner, way, given.root, place, given.secrets)
                costs.setdefault(scanner.name, []).append(cost)
    return costs, found


def _print(given: Input, costs: Mapping[str, Sequence[Cost]], found: Mapping[str, int]) -> None:
    """Least and median CPU, and how often that of the fastest peer."""
    best = {name: min(cost.cpu_seconds for cost in every) for name, every in costs.items()}
    fastest = min((value for name, value in best.items() if name != "sakimori" and name not in SLOW), default=0.0)
    print(f"{given.name}\n")
    rows = [
        (
            name,
            f"{best[name]:.2f}",
            f"{statistics.median(cost.cpu_seconds for cost in every):.2f}",
            f"{best[name] / fastest:.2f}" if fastest else "",
            f"{min(cost.wall_seconds for cost in every):.2f}",
            f"{max(cost.memory_bytes for cost in every) / 1e6:,.0f}",
            f"{found[name]} of {len(given.secrets)}" if given.secrets else "",
            "/".join(dict.fromkeys(str(cost.exit_code) for cost in every)),
            str(len(every)),
        )
        for name, every in costs.items()
    ]
    print_table(
        ("scanner", "CPU s", "median", "× fastest peer", "wall s", "peak MB", "planted found", "exit", "runs"), rows
    )


def _tree(place: Path, options: argparse.Namespace) -> Input:
    root = place / "tree"
    secrets = write_tree(root, options.seed, options.megabytes, options.planted)
    files = [each.stat().st_size for each in root.rglob("*") if each.is_file()]
    name = f"A tree of {sum(files) / 1e6:,.0f} MB in {len(files):,} files, {len(secrets) // 2} pairs and as many tokens planted"
    return Input(name=name, root=root, secrets=secrets, is_history=False)


def _history(place: Path, options: argparse.Namespace) -> Input:
    root = place / "history"
    secrets = write_history(root, options.seed, options.commits, options.planted)
    name = f"A generated history of {options.commits:,} commits, {len(secrets) // 2} pairs and as many tokens planted and removed again"
    return Input(name=name, root=root, secrets=secrets, is_history=True)


def _package(place: Path, options: argparse.Namespace) -> Input:
    root = place / "package"
    size = write_package_history(root, options.downloads or place / "downloads", "Django", DJANGO)
    name = f"Django, the wheels of {len(DJANGO)} versions committed one over the other: {size / 1e6:,.0f} MB of unique files"
    return Input(name=name, root=root, secrets=(), is_history=True)


INPUTS: Mapping[str, Callable[[Path, argparse.Namespace], Input]] = {
    "tree": _tree,
    "history": _history,
    "package": _package,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="*", default=list(INPUTS), choices=list(INPUTS))
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--commits", type=int, default=4000)
    parser.add_argument("--planted", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--downloads", type=Path, help="where wheels are kept for another time")
    add_options(parser, "speed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
