"""Noise and recall, always as a pair; and what becomes of both where nobody is who he was.

    python benchmarks/detect/noise_and_recall.py --attacked MONTH --quiet MONTH --homes DIR

MONTH holds AWSLogs, truth.json and networks.csv, as `sakimori simulate month` and held_out/write.py write them. Below DIR each
month gets a home (`attacked`, `quiet`, `attacked-shuffled`, `quiet-shuffled`) that is kept; one that holds a lake is not filled again.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from judged import Event, Judged, events_of, ingested, judged
from measured import print_table, save
from noise import KINDS, Noise, kinds_of, noise_of
from recall import ALERT, Noticed, is_near, names_of, noticed
from shuffled import shuffle
from truths import Scenario, read_truth

from sakimori.model.words import Severity
from sakimori.rules.detections.load import load_detections


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A quiet month and one with attacks in it, judged by the same rules."""

    quiet: Judged
    noise: Noise
    noticed: tuple[Noticed, ...]
    by_chance: int
    """Scenarios that an alert of the quiet month is near to: its principal, while the scenario would have lasted."""


def main() -> None:
    """Judge the months, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attacked", type=Path, required=True)
    parser.add_argument("--quiet", type=Path, required=True)
    parser.add_argument(
        "--homes", type=Path, help="where the lakes are, or will be; without it they are gone afterwards"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the shuffling")
    parser.add_argument("--without-control", action="store_true", help="no shuffled months")
    parser.add_argument("--save", type=Path, help="all figures as JSON")
    chosen = parser.parse_args()
    kinds = kinds_of(load_detections().detections)
    with ExitStack() as stack:
        homes = chosen.homes or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sakimori-noise-")))
        plain = _pair(chosen.attacked, chosen.quiet, homes, "", kinds)
        _print_noticed(plain.noticed)
        _print_noise(plain)
        control = None
        if not chosen.without_control:
            control = _shuffled(chosen, homes, kinds)
            _print_kinds(plain.quiet, control.quiet, kinds)
        _print_pairs(plain, control)
    save(chosen.save, {"plain": _plain(plain), "shuffled": control and _plain(control)})


def _shuffled(chosen: argparse.Namespace, homes: Path, kinds: Mapping[str, str]) -> Pair:
    months: list[Path] = []
    for month, name in ((chosen.attacked, "attacked"), (chosen.quiet, "quiet")):
        copy = homes / f"{name}-shuffled-month"
        if not copy.exists():
            print(f"shuffling {month}", file=sys.stderr)
            shuffle(month, copy, chosen.seed)
        months.append(copy)
    return _pair(months[0], months[1], homes, "-shuffled", kinds)


def _pair(attacked: Path, quiet: Path, homes: Path, mark: str, kinds: Mapping[str, str]) -> Pair:
    home = ingested(attacked, homes / f"attacked{mark}")
    scenarios = read_truth(attacked / "truth.json")
    events = events_of(home, frozenset[str]().union(*(each.event_ids for each in scenarios)))
    found = judged(attacked, home).found.detections
    rules = {name for name, kind in kinds.items() if kind in ("act", "fact", "who", "first seen")}
    calm = judged(quiet, ingested(quiet, homes / f"quiet{mark}"))
    return Pair(
        quiet=calm,
        noise=noise_of(calm),
        noticed=tuple(noticed(scenario, found, events, rules) for scenario in scenarios),
        by_chance=sum(_is_near_to_any(scenario, events, calm) for scenario in scenarios),
    )


def _is_near_to_any(scenario: Scenario, events: Mapping[str, Event], calm: Judged) -> bool:
    names = names_of(scenario, events)
    return any(each.severity.rank >= ALERT and is_near(each, scenario, names) for each in calm.found.detections)


# -- printing ------------------------------------------------------------------


def _print_noticed(each_noticed: Sequence[Noticed]) -> None:
    head = ("scenario", "events", "found", "minutes", "first alert", "alerts", "steps touched", "events touched")
    rows = [
        (
            each.scenario.name, f"{len(each.scenario.event_ids):,}", str(each.gravest) if each.gravest else "no",
            "" if each.minutes is None else f"{each.minutes:.0f}", each.first_rule, f"{each.alerts:,}",
            f"{each.steps} of {len(each.scenario.steps)}", f"{each.events:,}",
        )
        for each in each_noticed
    ]  # fmt: skip
    print_table(head, rows)


def _print_noise(pair: Pair) -> None:
    noise, month = pair.noise, pair.quiet
    account, day, count = noise.worst
    print(
        f"{month.found.event_count:,} quiet events, {month.accounts} accounts, {month.days} days, {month.found.rule_count} rules: "
        f"{noise.alerts:,} alerts; more than one on {noise.days_above_one:.0%} of the account-days, "
        f"most on {day} in {account} ({count:,})\n"
    )
    rows = [(rule, str(severity), f"{alerts:,}", f"{a_day:.2f}") for rule, severity, alerts, a_day in noise.noisiest]
    print_table(("noisiest rules", "severity", "alerts", "an account-day"), rows)


def _print_pairs(plain: Pair, control: Pair | None) -> None:
    severities = [each for each in reversed(Severity) if plain.noise.a_million_events[each]]
    head = ("", "as it is", *(("shuffled",) if control else ()))
    pairs = [plain, *((control,) if control else ())]
    rows = [
        ("noise: alerts an account-day", *(f"{each.noise.an_account_day:.2f}" for each in pairs)),
        *(
            (
                f"{severity} detections a million events",
                *(f"{each.noise.a_million_events[severity]:,.0f}" for each in pairs),
            )
            for severity in severities
        ),
        (
            "recall: scenarios found",
            *(f"{sum(one.is_found for one in each.noticed)} of {len(each.noticed)}" for each in pairs),
        ),
        ("near to an alert of the quiet month", *(str(each.by_chance) for each in pairs)),
        ("minutes to the first alert, median", *(_median([one.minutes for one in each.noticed]) for each in pairs)),
        ("steps touched", *(_share(each, "steps") for each in pairs)),
        ("events touched", *(_share(each, "events") for each in pairs)),
        ("alerts about a scenario, median", *(_median([one.alerts for one in each.noticed]) for each in pairs)),
    ]
    print_table(head, rows)


def _median(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.0f}" if known else ""


def _share(pair: Pair, what: str) -> str:
    wholes = {"steps": lambda scenario: len(scenario.steps), "events": lambda scenario: len(scenario.event_ids)}
    whole = sum(wholes[what](each.scenario) for each in pair.noticed)
    return f"{sum(getattr(each, what) for each in pair.noticed) / whole:.0%}" if whole else ""


def _print_kinds(plain: Judged, control: Judged, kinds: Mapping[str, str]) -> None:
    """How the quiet month's matches and alerts change where identities are exchanged, by kind of rule."""
    rules: defaultdict[str, list[str]] = defaultdict(list)
    for name, kind in kinds.items():
        rules[kind].append(name)
    rows: list[tuple[str, ...]] = []
    for kind, said in KINDS.items():
        names = rules[kind]
        events = [sum(month.found.counts.get(name, 0) for name in names) for month in (plain, control)]
        moved = sum(plain.found.counts.get(name, 0) != control.found.counts.get(name, 0) for name in names)
        told = [_alerts_by_rule(month) for month in (plain, control)]
        alerts = [sum(each[name] for name in names) for each in told]
        has_counts = kind not in ("correlation", "risk")
        rows.append((
            said, str(len(names)), *(f"{count:,}" if has_counts else "" for count in events), str(moved) if has_counts else "",
            *(f"{count:,}" for count in alerts),
        ))  # fmt: skip
    head = ("kind of rule", "rules", "events matched", "shuffled", "rules with another count", "alerts", "shuffled")
    print_table(head, rows)


def _alerts_by_rule(month: Judged) -> Counter[str]:
    return Counter(each.rule for each in month.found.detections if each.severity.rank >= ALERT)


def _plain(pair: Pair) -> dict[str, object]:
    return {
        "noise": asdict(pair.noise) | {"a_million_events": {str(k): v for k, v in pair.noise.a_million_events.items()}},
        "events": pair.quiet.found.event_count,
        "account_days": pair.quiet.account_days,
        "by_chance": pair.by_chance,
        "noticed": [
            {"name": each.scenario.name, "alerts": each.alerts, "gravest": each.gravest, "minutes": each.minutes,
             "first": each.first_rule, "steps": each.steps, "of_steps": len(each.scenario.steps), "events": each.events,
             "of_events": len(each.scenario.event_ids)}
            for each in pair.noticed
        ],
    }  # fmt: skip


if __name__ == "__main__":
    main()
