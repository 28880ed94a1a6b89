"""The catalogue of dangerous powers (`rulebook/iam/powers.yaml`): data, without any account.

A power is held by whoever may do any one of its actions, and with it all that the power needs besides. Each action is asked
about on a resource of the type that the Service Authorization Reference gives for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, cast

from sakimori.analysis.iam.action_table import action_table
from sakimori.model.errors import RuleError
from sakimori.model.verdict import Text
from sakimori.texts.bounded_yaml import Document, read_yaml

_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+\Z")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{2,60}\Z")
_PLACE: Final = re.compile(r"\$\{(\w+)\}")
_KEPT_PLACES: Final[Mapping[str, str]] = {"Partition": "{partition}", "Region": "{region}", "Account": "{account}"}
_KEYS: Final = frozenset({"id", "category", "is_on_others", "actions", "also", "with", "en", "ja", "source"})


@dataclass(frozen=True, slots=True)
class Need:
    """An action, and the ARN that stands for its resources: {partition}, {region} and {account} are to be filled, a * is any name.

    `resource` is * for an action that knows no resources.
    """

    action: str
    resource: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """`actions`: any one is enough; `also`: all are needed besides. `is_on_others`: what it may do to itself does not count."""

    id: str
    category: str
    text: Text
    actions: tuple[Need, ...]
    also: tuple[Need, ...]
    carried: Mapping[str, tuple[str, ...]]
    """Condition keys in lower case that the attacker's own call carries; () means that it carries none."""
    is_on_others: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCatalogue:
    """An identity with `strong_powers` powers or more, of `strong_categories` categories or more, is strong."""

    categories: Mapping[str, Text]
    powers: tuple[Power, ...]
    strong_categories: int
    strong_powers: int

    @property
    def actions(self) -> frozenset[str]:
        """All that are asked about."""
        return frozenset(need.action for power in self.powers for need in (*power.actions, *power.also))


@cache
def power_catalogue() -> PowerCatalogue:
    """The catalogue of this version."""
    with as_file(files("sakimori") / "rulebook" / "iam" / "powers.yaml") as path:
        return load_powers(path)


def load_powers(path: Path) -> PowerCatalogue:
    """The catalogue in a file; RuleError, with file and line, where it is malformed."""
    document = read_yaml(path)
    data = document.data
    if not isinstance(data, dict):
        raise _fault(document, "form")
    told = cast("Mapping[str, Any]", data)
    categories, powers, strong = told.get("categories"), told.get("powers"), told.get("strong_from")
    if not isinstance(categories, dict) or not isinstance(powers, list):
        raise _fault(document, "form")
    named = {
        str(name): _both(document, each, "categories", name)
        for name, each in cast("Mapping[Any, Any]", categories).items()
    }
    return PowerCatalogue(
        categories=named,
        powers=tuple(_power(document, each, index, named) for index, each in enumerate(cast("list[Any]", powers))),
        strong_categories=_count(document, strong, "categories"),
        strong_powers=_count(document, strong, "powers"),
    )


def _power(document: Document, told: object, index: int, categories: Mapping[str, Text]) -> Power:
    if not isinstance(told, dict):
        raise _fault(document, "power", "powers", index)
    data = cast("Mapping[str, Any]", told)
    identifier, source = data.get("id"), data.get("source")
    if not isinstance(identifier, str) or not _ID.match(identifier) or data.keys() - _KEYS:
        raise _fault(document, "id", "powers", index)
    if data.get("category") not in categories or not str(source).startswith("https://"):
        raise _fault(document, identifier, "powers", index)
    return Power(
        id=identifier,
        category=str(data["category"]),
        text=_both(document, data, "powers", index),
        actions=_needs(document, data.get("actions"), "powers", index, "actions"),
        also=_needs(document, data["also"], "powers", index, "also") if "also" in data else (),
        carried={
            str(key).lower(): tuple(map(str, cast("list[object]", value) if isinstance(value, list) else (value,)))
            for key, value in cast("Mapping[str, Any]", data.get("with") or {}).items()
        },
        is_on_others=data.get("is_on_others") is True,
        source=str(source),
    )


def _needs(document: Document, told: object, *path: object) -> tuple[Need, ...]:
    if not isinstance(told, list) or not told:
        raise _fault(document, "actions", *path)
    return tuple(_need(document, str(each), *path, place) for place, each in enumerate(cast("Sequence[object]", told)))


def _need(document: Document, words: str, *path: object) -> Need:
    name, _, kind = words.partition(" on ")
    action = action_table().find(name)
    if not _ACTION.match(name) or action is None or (kind and kind not in action.resources):
        raise _fault(document, words, *path)
    kind = kind or next(iter((*action.required, *action.resources)), "")
    service = action_table().service(action.service)
    if not kind or service is None or kind not in service.resources:
        return Need(name, "*")
    return Need(name, _PLACE.sub(lambda place: _KEPT_PLACES.get(place[1], "*"), service.resources[kind].arns[0]))


def _count(document: Document, told: object, name: str) -> int:
    found = cast("Mapping[str, object]", told if isinstance(told, dict) else {}).get(name)
    if not isinstance(found, int) or found < 1:
        raise _fault(document, name, "strong_from")
    return found


def _both(document: Document, told: object, *path: object) -> Text:
    data = cast("Mapping[str, object]", told if isinstance(told, dict) else {})
    en, ja = data.get("en"), data.get("ja")
    if not isinstance(en, str) or not isinstance(ja, str) or not en.strip() or not ja.strip():
        raise _fault(document, "en, ja", *path)
    return Text(en=en, ja=ja)


def _fault(document: Document, what: str, *path: object) -> RuleError:
    return RuleError("iam_inventory.powers_malformed", file=document.source, line=document.line_of(*path), what=what)
