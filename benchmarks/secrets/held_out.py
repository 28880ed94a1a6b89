"""Recall and precision by kind on texts that no detector's author has seen: `python held_out.py --peers DIR`.

The texts are made anew from a seed (`--seed`; without one, from the clock). Secrets are scored by the string itself.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from measured import Cost, Yardstick, measure, print_table, save, scratch
from scanners import Finding, Scanner, add_options, asked_for, environment
from scoring import Score, score

from texts import Truths, write
from texts import save as save_truths

Scored = Mapping[str, tuple[Score, Cost]]


def main() -> None:
    options = _options()
    yardstick = Yardstick()
    with scratch(options.scratch, keep=options.keep) as place:
        asked = asked_for(options, place)
        root = place / "texts"
        truths = write(root, options.seed, options.times)
        save_truths(truths, place / "truth.json")
        kinds = {each.kind for each in truths.secrets}
        print(
            f"Seed `{options.seed}`: {len(truths.secrets)} secrets of {len(kinds)} kinds, "
            f"{len(truths.near_misses)} near misses of {len({each.kind for each in truths.near_misses})} kinds, "
            f"{sum(1 for each in root.rglob('*') if each.is_file())} files.\n"
        )
        scored = score_all(asked, truths, root, place, yardstick)
        print_all(truths, scored)
        print(yardstick.said())
        save(options.save, {name: [asdict(each) for each in both] for name, both in scored.items()})


def score_all(asked: Iterable[Scanner], truths: Truths, root: Path, place: Path, yardstick: Yardstick) -> Scored:
    """Each scanner's score over the tree; of one that is less sure of some, without these too."""
    scored: dict[str, tuple[Score, Cost]] = {}
    for scanner in asked:
        yardstick.take()
        findings, cost = run(scanner, root, place)
        scored[scanner.name] = (score(truths, findings), cost)
        sure = [each for each in findings if each.confidence != "low"]
        if len(sure) < len(findings):
            scored[f"{scanner.name}, without low confidence"] = (score(truths, sure), cost)
    return scored


def run(scanner: Scanner, root: Path, place: Path) -> tuple[Sequence[Finding], Cost]:
    """Scan the tree once; what was found, by its values, and what it cost."""
    output, report = place / f"{scanner.name}.out", place / f"{scanner.name}.json"
    command = (scanner.values or scanner.tree)(root, report)
    cost = measure(
        command, environment=environment(place / "home"), output=output, cwd=root if scanner.in_target else place
    )
    return tuple(scanner.read(root, report if report.exists() else output)), cost


def print_all(truths: Truths, scored: Scored) -> None:
    """All tables: the sum, by kind, by surroundings, false alarms by what alarmed."""
    names = list(scored)
    print_table(
        ("scanner", "found", "recall", "false alarms", "precision", "pieces", "exit code", "wall s (CPU s)"),
        [
            (
                name, f"{sum(each.found.values())} of {sum(each.all.values())}", f"{each.recall:.3f}", str(each.false_alarms),
                f"{each.precision:.3f}", str(each.pieces), str(cost.exit_code), f"{cost.wall_seconds:.2f} ({cost.cpu_seconds:.2f})",
            )
            for name, (each, cost) in scored.items()
        ],
    )  # fmt: skip
    every = sorted({each.kind for each in truths.secrets})
    print_table(("kind", "planted", *names), _rows(every, [(each.all, each.found) for each, _ in scored.values()]))
    forms = sorted({each.form for each in truths.secrets})
    print_table(
        ("surroundings", "planted", *names),
        _rows(forms, [(each.all_in_form, each.found_in_form) for each, _ in scored.values()]),
    )
    misses = sorted(
        {each.kind for each in truths.near_misses} | {kind for each, _ in scored.values() for kind in each.alarmed}
    )
    print_table(
        ("false alarms", "planted", *names),
        _rows(misses, [(each.near_misses, each.alarmed) for each, _ in scored.values()]),
    )


def _rows(keys: Sequence[str], counted: Sequence[tuple[Mapping[str, int], Mapping[str, int]]]) -> list[tuple[str, ...]]:
    return [(key, str(counted[0][0].get(key, 0)), *(str(found.get(key, 0)) for _, found in counted)) for key in keys]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=6, help="how often each kind is planted")
    add_options(parser, "held")
    return parser.parse_args()


if __name__ == "__main__":
    main()
