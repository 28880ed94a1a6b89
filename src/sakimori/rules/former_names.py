"""Former names of rules, under which the findings of older programs lie."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sakimori.rules.rule import Fault


def ambiguous(rules: Mapping[str, tuple[Path, int, Sequence[str]]]) -> dict[str, Fault]:
    """By name, the rules with a former name that is another's: nobody could tell whose findings are meant.

    Each rule is given by its name: its file, its line there, and what it was called before.
    """
    owners = {name: path for name, (path, _, _) in rules.items()}
    found: dict[str, Fault] = {}
    for name, (path, line, former_names) in rules.items():
        for former in former_names:
            if former in owners:
                told = {"id": former, "other": str(owners[former])}
                found[name] = Fault(file=str(path), line=line, text="rules.id_twice", values=told)
            owners.setdefault(former, path)
    return found
