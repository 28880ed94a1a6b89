"""Everything that can be wrong with detection files, their examples included."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sakimori.rules.detections.examples import check_examples
from sakimori.rules.detections.load import built_in_detections, load_detections, load_only
from sakimori.rules.rule import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many rules and examples were looked at, and what is wrong."""

    rules: int
    examples: int
    faults: tuple[Fault, ...]


def check_detections(paths: Iterable[Path]) -> Checked:
    """The rules of these files; correlations may be about built-in rules, which are not checked themselves."""
    chosen = {path.resolve() for path in paths}
    own = {path.resolve() for path in built_in_detections()}
    loaded = load_detections(paths=sorted(chosen - own)) if own else load_only(sorted(chosen))
    known = loaded.detections
    faults = [fault for fault in loaded.faults if Path(fault.file).resolve() in chosen]
    rules = [each for each in (*known.rules.values(), *known.correlations.values()) if each.head.path.resolve() in chosen]  # fmt: skip
    for rule in rules:
        faults += check_examples(rule, known)
    return Checked(
        rules=len(rules),
        examples=sum(len(rule.head.examples) for rule in rules),
        faults=tuple(sorted(faults, key=lambda fault: (fault.file, fault.line))),
    )
