"""Rulebooks of any size over CloudTrail: built-in files drawn by chance, and beyond them varied copies.

    python benchmarks/detect/rulebooks.py HOME OUT 1000       HOME's lake tells which calls there are

A copy has names of its own and no examples. Every other one keeps the calls that it is about and asks for other values; the rest
are about other calls of the log, as many, drawn from those that are less than a thousandth of it: a rule about half of all
events would measure how fast nonsense is gathered. Filters stay as they are.
"""

import argparse
import random
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.dataset
import yaml

from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.rules.detections.load import built_in_detections, load_only

_RARE: Final = 0.001
_FIXED: Final = frozenset({"condition", "timeframe"})
_PLAIN: Final = frozenset({"contains", "startswith", "endswith", "all"})
"""Modifiers under which a text is still a text."""
Call = tuple[str, str]
"""eventSource and eventName."""


def write_rulebook(count: int, target: Path, calls: Sequence[Call], seed: int = 1) -> int:
    """Write so many rules (those that correlations build on included, correlations not); gives how many they are."""
    rng = random.Random(seed)
    target.mkdir(parents=True, exist_ok=True)
    whole = _self_contained()
    rng.shuffle(whole)
    done = 0
    for path, rules in whole:
        if done + rules <= count:
            shutil.copy(path, target / path.name)
            done += rules
    copy = 0
    while done < count:
        copy += 1
        for path, rules in whole:
            if done + rules <= count:
                documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
                varied = _varied(documents, copy, rng, calls if (copy + rules) % 2 else ())
                (target / f"{path.stem}_{copy}.yml").write_text(
                    yaml.safe_dump_all(varied, allow_unicode=True, sort_keys=False)
                )
                done += rules
    return done


def calls_in(home: Path) -> list[Call]:
    """The calls of a lake that are less than a thousandth of its events."""
    table = pyarrow.dataset.dataset(home / "lake" / FORM.table.name, format="parquet").to_table(
        columns=["event_source", "event_name"]
    )
    counted = table.group_by(["event_source", "event_name"]).aggregate([([], "count_all")])
    rare = counted.filter(pc.field("count_all") < _RARE * table.num_rows)
    return sorted((row["event_source"], row["event_name"]) for row in rare.to_pylist())


def _self_contained() -> list[tuple[Path, int]]:
    """The built-in files about CloudTrail that need no other, with the number of their rules."""
    found: list[tuple[Path, int]] = []
    for path in built_in_detections():
        loaded = load_only([path])
        rules = loaded.detections.rules.values()
        if not loaded.faults and rules and all(any(form is FORM for form, _ in rule.conditions) for rule in rules):
            found.append((path, len(rules)))
    return found


# -- varied copies -------------------------------------------------------------


def _varied(
    documents: Sequence[dict[str, Any]], copy: int, rng: random.Random, calls: Sequence[Call]
) -> list[dict[str, Any]]:
    names = {each["name"]: f"{each['name']}_{copy}" for each in documents if "name" in each}
    return [_document(dict(each), names, copy, rng.choice(calls) if calls else None) for each in documents]


def _document(document: dict[str, Any], names: Mapping[str, str], copy: int, call: Call | None) -> dict[str, Any]:
    if "name" in document:
        document["name"] = names[document["name"]]
    if "id" in document:
        document["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{document['id']}/{copy}"))
    if "detection" in document:
        document["detection"] = {
            name: search if name in _FIXED or name.startswith("filter") else _search(search, copy, call)
            for name, search in document["detection"].items()
        }
    if "correlation" in document:
        document["correlation"] = _renamed(document["correlation"], names)
    block = document.get("sakimori")
    if isinstance(block, dict):
        document["sakimori"] = {key: value for key, value in block.items() if key != "examples"}
    return document


def _search(search: Any, copy: int, call: Call | None) -> Any:
    if isinstance(search, list):
        return [_search(each, copy, call) if isinstance(each, dict) else each for each in search]
    if not isinstance(search, dict):
        return search
    return {key: _value(str(key), value, copy, call) for key, value in search.items()}


def _value(key: str, value: Any, copy: int, call: Call | None) -> Any:
    field, *modifiers = key.split("|")
    if field in ("eventSource", "eventName"):
        return value if call is None or modifiers else call[0 if field == "eventSource" else 1]
    if field.startswith("fact.") or not _PLAIN.issuperset(modifiers):
        return value
    if isinstance(value, list):
        return [_other(each, copy) for each in value]
    return _other(value, copy)


def _other(value: Any, copy: int) -> Any:
    return f"{value}{copy}" if isinstance(value, str) and value else value


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Names of rules in a correlation, wherever they stand: listed, as keys of aliases, or as words of a condition."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if isinstance(value, str):
        return " ".join(names.get(word, word) for word in value.replace("(", "( ").replace(")", " )").split(" "))
    return value


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("count", type=int)
    chosen = parser.parse_args()
    print(write_rulebook(chosen.count, chosen.target, calls_in(chosen.home)))


if __name__ == "__main__":
    main()
