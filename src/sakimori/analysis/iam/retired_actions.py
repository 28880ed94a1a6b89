"""Actions that AWS has retired, each with the page that says so; a short list, and no claim to be whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any, cast

from sakimori.texts.bounded_yaml import read_yaml


@dataclass(frozen=True, slots=True)
class RetiredAction:
    """`since` is a month, `2023-07`; `source` the address of AWS's page."""

    name: str
    since: str
    source: str


def retired_action(name: str) -> RetiredAction | None:
    """What is known of the action's end, the case of letters aside; None: nothing is known of one."""
    return _retired().get(name.lower()) if name.isascii() else None


@cache
def _retired() -> Mapping[str, RetiredAction]:
    with as_file(files("sakimori") / "rulebook" / "iam" / "retired_actions.yaml") as path:
        found = cast("dict[str, dict[str, dict[str, Any]]]", read_yaml(path).data)["actions"]
    return {name.lower(): RetiredAction(name, str(each["since"]), each["source"]) for name, each in found.items()}
