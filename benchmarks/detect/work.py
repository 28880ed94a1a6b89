"""One measured way of sakimori, in this process; prints one line of JSON with its CPU seconds, phase by phase.

    python work.py judge HOME --rules DIR --networks FILE      the lake; habits are what HOME has learnt before
    python work.py match HOME --rules DIR --networks FILE      the same, with all columns in memory before the clock starts
    python work.py conditions HOME --rules DIR --networks FILE of that the matching alone: which rows which rules' conditions match
    python work.py stream LOGS --rules DIR --networks FILE     events one by one through the dispatcher: which rules match
    python work.py single LOGS --rules DIR --networks FILE     the same as `detect --stream` does it: detections are made

Without --rules: the built-in ones. No detection is recorded.
"""

import argparse
import gc
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from measured import cpu_seconds

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.rows import Roots, Rows
from sakimori.app.clock import utc_now
from sakimori.app.detect import DetectRequest, habits_of, judge, run_of
from sakimori.app.detect_setting import surroundings_of
from sakimori.lake.engines.log_columns import JoinedGroup, PartGroup, TableGroup, brief_memory, joined_groups
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.rules.detections.batch import Plan
from sakimori.rules.detections.engine import DetectionRun, plans_of
from sakimori.rules.detections.load import detection_files, load_detections, load_only
from sakimori.rules.detections.rule import Detections
from sakimori.rules.detections.single import SingleEvents, roles_of
from sakimori.rules.detections.stream import Dispatcher, EventView

_LIBRARIES: Final = ("numpy", "pyarrow.compute", "pyarrow.parquet", "re2")
"""To bring them into memory is nobody's matching: they are there before the clock starts, as the peers' are."""


def rules_in(folder: Path | None) -> Detections:
    """The rules of a folder, or the built-in ones; those over CloudTrail are counted as `rules`."""
    loaded = load_only(detection_files([folder])) if folder else load_detections()
    for fault in loaded.faults[:5]:
        print(f"{fault.file}:{fault.line}: {fault.text}")
    return loaded.detections


def over_lake(home: Path, detections: Detections, networks: Path | None) -> dict[str, object]:
    """`judge` alone: parts are read, all rules matched, detections gathered."""
    surroundings = surroundings_of(home, (), (), (networks,) if networks else ())
    request = DetectRequest(home=home, surroundings=surroundings)
    for name in _LIBRARIES:
        import_module(name)
    began = cpu_seconds()
    found = judge(request, detections, clock=utc_now)
    spent = cpu_seconds() - began
    if found is None:
        raise SystemExit("the lake holds nothing that these rules are about")
    return {
        "events": found.event_count, "cpu_seconds": spent, "detections": len(found.detections), "hits": dict(found.counts),
    }  # fmt: skip


class _Held:
    """Rows whose columns are in memory, as Arrow holds them."""

    def __init__(self, group: JoinedGroup | PartGroup | TableGroup, names: Sequence[str]) -> None:
        self.num_rows = group.num_rows
        self.byte_count = group.byte_count
        single = not isinstance(group, JoinedGroup)
        self._columns = group.columns(names) if single else {name: group.column(name) for name in names}
        self.pieces: Sequence[_Held] = (self,) if single else [_Held(piece, names) for piece in group.pieces]

    def column(self, name: str) -> Any:
        """The column; None where there is none."""
        return self._columns.get(name)


@dataclass(frozen=True, slots=True)
class _InMemory:
    """A lake's CloudTrail with all columns in memory, and a run over it that has seen nothing yet."""

    groups: Sequence[_Held]
    run: DetectionRun
    facts: FactAnswers
    roots: Roots
    plan: Plan[str]


@contextmanager
def in_memory(home: Path, detections: Detections, networks: Path | None) -> Iterator[_InMemory]:
    """What `judge` works on, with columns that nobody has to read or decompress any more."""
    surroundings = surroundings_of(home, (), (), (networks,) if networks else ())
    with closing(LogReader(home)) as reader, brief_memory():
        parts = reader.parts(FORM.table.name, EVERYWHERE)
        own = surroundings.own_accounts | {part.partition.account for part in parts}
        surroundings = replace(surroundings, own_accounts=own)
        with closing(habits_of(reader, detections, EVERYWHERE, surroundings)) as habits:
            plan = plans_of(detections)[FORM.table.name]
            names = [column.name for column in FORM.table.columns]
            joined = joined_groups([reader.root / part.path for part in parts], FORM.table, plan.columns)
            held = [_Held(group, names) for group, _ in joined]
            run = run_of(detections, surroundings, habits)
            gc.collect()
            gc.freeze()
            yield _InMemory(held, run, FactAnswers(surroundings), habits.roots(), plan)


def all_but_reading(home: Path, detections: Detections, networks: Path | None) -> dict[str, object]:
    """What `judge` does, but the reading: conditions, habits, shapes, correlations, detections."""
    with in_memory(home, detections, networks) as held:
        began = cpu_seconds()
        count = sum(held.run.scan(FORM, group) for group in held.groups)
        found = held.run.finish()
        spent = cpu_seconds() - began
    return {"events": count, "cpu_seconds": spent, "detections": len(found), "hits": dict(held.run.counts)}


def conditions_alone(home: Path, detections: Detections, networks: Path | None) -> dict[str, object]:
    """Which rows which rules' conditions match, and nothing made of it: what a matcher does that has no state."""
    hits: Counter[str] = Counter()
    count = 0
    with in_memory(home, detections, networks) as held:
        began = cpu_seconds()
        for group in held.groups:
            rows = Rows(FORM, group, held.facts, held.roots)
            for name, places in held.plan.matches(rows):
                hits[name] += len(places)
            rows.close()
            count += group.num_rows
        spent = cpu_seconds() - began
    return {"events": count, "cpu_seconds": spent, "hits": dict(hits)}


class _RolesOnDemand(Mapping[str, object]):
    """What an event means, worked out when the first rule asks."""

    __slots__ = ("_event", "_roles")

    def __init__(self, event: Mapping[str, Any]) -> None:
        self._event = event
        self._roles: dict[str, object] | None = None

    def _all(self) -> dict[str, object]:
        if self._roles is None:
            self._roles = roles_of(FORM, self._event)
        return self._roles

    def __getitem__(self, name: str) -> object:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def through_dispatcher(logs: Path, detections: Detections, networks: Path | None) -> dict[str, object]:
    """Every condition over CloudTrail, also those on which first seen, shapes and correlations build."""
    facts = FactAnswers(surroundings_of(logs, (), (), (networks,) if networks else ()))
    conditions = [
        (rule.name, each) for rule in detections.rules.values() for form, each in rule.conditions if form is FORM
    ]
    dispatcher = Dispatcher(FORM, conditions)
    return _one_by_one(
        logs, lambda event: dispatcher.matches(EventView(FORM, event, facts, _RolesOnDemand(event)))
    )  # fmt: skip


def as_detections(logs: Path, detections: Detections, networks: Path | None) -> dict[str, object]:
    """What a single event can tell, made into detections."""
    single = SingleEvents(detections, FactAnswers(surroundings_of(logs, (), (), (networks,) if networks else ())))
    return _one_by_one(logs, lambda event: (each.rule for each in single.judge(event)))


def _one_by_one(logs: Path, matches: Callable[[dict[str, Any]], Iterable[str]]) -> dict[str, object]:
    """Events as Python's own gzip and JSON read them."""
    hits: Counter[str] = Counter()
    count, reading, matching = 0, 0.0, 0.0
    for path in sorted(logs.rglob("*.json.gz")):
        began = cpu_seconds()
        records = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        read = cpu_seconds()
        for event in records:
            hits.update(matches(event))
        reading += read - began
        matching += cpu_seconds() - read
        count += len(records)
    return {"events": count, "read_seconds": reading, "cpu_seconds": matching, "hits": dict(hits)}


WAYS: Final = {
    "judge": over_lake,
    "match": all_but_reading,
    "conditions": conditions_alone,
    "stream": through_dispatcher,
    "single": as_detections,
}


def main() -> None:
    """Run one way."""
    gc.set_threshold(50_000, *gc.get_threshold()[1:])  # as the command line does
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("place", type=Path)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--networks", type=Path)
    chosen = parser.parse_args()
    began = cpu_seconds()
    detections = rules_in(chosen.rules)
    loading = cpu_seconds() - began
    figures = WAYS[chosen.way](chosen.place, detections, chosen.networks)
    count = sum(1 for rule in detections.rules.values() if any(form is FORM for form, _ in rule.conditions))
    print(json.dumps({**figures, "rules": count, "rule_seconds": loading}))


if __name__ == "__main__":
    main()
