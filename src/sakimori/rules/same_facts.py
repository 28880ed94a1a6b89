"""What other services call the facts that our rules find: types of GuardDuty, controls of Security Hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final, cast

from sakimori.texts.bounded_yaml import read_yaml

_TYPES: Final = ("coverage", "guardduty.yaml")
_CONTROLS: Final = ("frameworks", "seed-must-fix-2023.yaml")


@dataclass(frozen=True, slots=True)
class SameFacts:
    """Our rules by what another service calls the same fact."""

    by_type: Mapping[str, frozenset[str]]
    """Detections by the type of a finding of GuardDuty."""
    by_control: Mapping[str, frozenset[str]]
    """Posture rules by the id of a control of Security Hub (`S3.8`)."""

    def of(self, name: str) -> frozenset[str]:
        """Our rules for a type or a control; none where nothing of ours finds it."""
        return self.by_type.get(name) or self.by_control.get(name) or frozenset()


@cache
def same_facts() -> SameFacts:
    """As the rulebook's map of GuardDuty's types and its framework of Security Hub's controls say."""
    types = cast("Mapping[str, Mapping[str, Any]]", _read(*_TYPES)["entries"])
    controls = cast("list[Mapping[str, Any]]", _read(*_CONTROLS)["requirements"])
    return SameFacts(
        by_type={name: frozenset(entry["rules"]) for name, entry in types.items() if entry.get("rules")},
        by_control={
            str(each["id"]): frozenset(rule if isinstance(rule, str) else str(rule["rule"]) for rule in each["rules"])
            for each in controls
            if each.get("rules")
        },
    )


def _read(*path: str) -> Mapping[str, Any]:
    with as_file(files("sakimori").joinpath("rulebook", *path)) as file:
        return cast("Mapping[str, Any]", read_yaml(file).data)
