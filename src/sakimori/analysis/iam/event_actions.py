"""The IAM actions behind CloudTrail's events.

An event names the API operation, not the action that its permission is checked by. Most have the same name; where they
differ, `rulebook/iam/event_actions.yaml` says so and names its sources. An event that neither covers is *not mapped*:
whoever asks counts and shows it, and never takes it for allowed or for unused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any, Final, Literal, TypeAlias, cast

from sakimori.analysis.iam.action_table import ActionTable, action_table
from sakimori.texts.bounded_yaml import read_yaml

Need: TypeAlias = Literal["actions", "none", "not_mapped"]

TYPES_WITHOUT_ACTION: Final = frozenset({"AwsServiceEvent", "AwsConsoleSignIn", "AwsCloudTrailInsight", "AwsVpceEvent"})
"""Event types that are no request of a principal for an action.

Source: CloudTrail User Guide, "CloudTrail record contents", `eventType`. An AwsVpceEvent tells of a request at an
endpoint of a network; where the request itself needs an action, the service's own event tells of it.
"""

_HOST: Final = re.compile(r"([a-z0-9.-]+?)\.amazonaws\.com(?:\.cn)?")
# A day, and after it at times a version: ListFunctions20150331, UpdateFunctionCode20150331v2, GetDistribution2020_05_31.
_DATED: Final = re.compile(r"(.+?)20\d{2}_?\d{2}_?\d{2}(?:v\d+)?")
_KEPT: Final = 16_384


@dataclass(frozen=True, slots=True)
class Mapped:
    """`actions` (full names, in AWS's letters) where `need` is "actions"; otherwise empty.

    Every such request needs all of `actions`; some need more (iam:PassRole, tags), which a name cannot tell.
    "none": the operation is not authorised by IAM policies at all.
    """

    need: Need
    actions: tuple[str, ...] = ()

    @property
    def is_mapped(self) -> bool:
        """Whether it is known what the event needs."""
        return self.need != "not_mapped"


@dataclass(frozen=True, slots=True)
class _Rules:
    """The data file: prefixes of actions by event source, and by prefix the operations that differ."""

    sources: Mapping[str, tuple[str, ...]]
    without: Mapping[str, frozenset[str]]
    actions: Mapping[str, Mapping[str, tuple[str, ...]]]

    def prefixes_of(self, source: str) -> tuple[str, ...]:
        last = source.rpartition(".")[2]
        return self.sources.get(source) or self.sources.get(last) or (last,)


_NONE: Final = Mapped("none")
_NOT_MAPPED: Final = Mapped("not_mapped")


@lru_cache(maxsize=_KEPT)
def actions_of(event_source: str, event_name: str, event_type: str | None = None) -> Mapped:
    """What a principal needs for an event of this source and name."""
    if event_type in TYPES_WITHOUT_ACTION:
        return _NONE
    return mapped_by(action_table(), event_source, event_name)


def mapped_by(table: ActionTable, event_source: str, event_name: str) -> Mapped:
    """The same by another table of actions."""
    host = _HOST.fullmatch(event_source.lower()) if event_source.isascii() else None
    if host is None or not event_name.isascii():
        return _NOT_MAPPED
    source = host.group(1)
    rules = _rules()
    for name in _names(event_name):
        for prefix in rules.prefixes_of(source):
            without = rules.without.get(prefix, frozenset())
            if name.lower() in without or "*" in without:
                return _NONE
            differs = rules.actions.get(prefix, {}).get(name.lower())
            if differs is not None:
                return Mapped("actions", differs)
            action = table.find(f"{prefix}:{name}")
            if action is not None:
                return Mapped("actions", (action.full_name,))
    return _NOT_MAPPED


Row: TypeAlias = tuple[str, str, tuple[str, ...] | None]


def action_rows(pairs: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """For a join: event source, event name and the actions; no actions: it needs none; None: not mapped."""
    for source, name in dict.fromkeys(pairs):
        mapped = actions_of(source, name)
        yield source, name, mapped.actions if mapped.is_mapped else None


def _names(event_name: str) -> Iterator[str]:
    """The name as it is, and without the version at its end."""
    yield event_name
    dated = _DATED.fullmatch(event_name)
    if dated is not None:
        yield dated.group(1)


@cache
def _rules() -> _Rules:
    with as_file(files("sakimori") / "rulebook" / "iam" / "event_actions.yaml") as path:
        found = cast("dict[str, dict[str, Any]]", read_yaml(path).data)
    return _Rules(
        {source: tuple(prefixes) for source, prefixes in found["sources"].items()},
        {prefix: frozenset(name.lower() for name in names) for prefix, names in found["without_action"].items()},
        {prefix: _by_operation(prefix, differing) for prefix, differing in found["actions"].items()},
    )


def _by_operation(prefix: str, differing: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    """The file names operations by action; here actions by operation, in lower case and in the file's order."""
    found: dict[str, tuple[str, ...]] = {}
    for action, operations in differing.items():
        full = action if ":" in action else f"{prefix}:{action}"
        for operation in operations:
            found[operation.lower()] = (*found.get(operation.lower(), ()), full)
    return found
