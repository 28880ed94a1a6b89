"""The IAM actions that AWS documents, with their resource types and condition keys, and the day of that knowledge.

The table is compiled by `docs/compile_actions.py` from AWS's Service Authorization Reference. It grows old: an action
that it lacks is *unknown* (None), never invalid. Keys that belong to no one service stand in
`rulebook/iam/global_condition_keys.yaml`.
"""

import gzip
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

from sakimori.analysis.iam.action_files import Compiled, newer_in
from sakimori.analysis.iam.condition_keys import ConditionKey, KeyIndex, keys_of
from sakimori.analysis.iam.patterns import actions_matcher

AccessLevel: TypeAlias = Literal["Read", "List", "Write", "Permissions management", "Tagging"]

_LEVELS: Final[Mapping[str, AccessLevel]] = {
    "R": "Read",
    "L": "List",
    "W": "Write",
    "P": "Permissions management",
    "T": "Tagging",
}
_EMPTY: Final[tuple[str, ...]] = ()
_KEPT_PATTERNS: Final = 512


@dataclass(frozen=True, slots=True)
class Action:
    """`resources` are names of resource types of the service; `required` those that every request names.

    `condition_keys` as AWS writes them, templates like `aws:RequestTag/${TagKey}` included, without the keys that come
    with a resource type or with every request. `access_level` is None where the source does not say.
    """

    service: str
    name: str
    access_level: AccessLevel | None
    resources: tuple[str, ...]
    required: tuple[str, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """`s3:GetObject`."""
        return f"{self.service}:{self.name}"

    @property
    def has_resources(self) -> bool:
        """Whether a policy may name its resources; otherwise only `*` matches."""
        return bool(self.resources)


@dataclass(frozen=True, slots=True)
class ResourceType:
    """`arns` are templates: `arn:${Partition}:s3:::${BucketName}`."""

    name: str
    arns: tuple[str, ...]
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What one prefix of actions stands for; `name` is AWS's product name, or the prefix where the source has none."""

    prefix: str
    name: str
    actions: tuple[str, ...]
    resources: Mapping[str, ResourceType]
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ActionTable:
    """Answers are made when asked for and kept; the table itself never changes."""

    as_of: date
    source: str
    licence: str
    compiled: Mapping[str, Compiled]
    _actions: dict[str, Action] = field(default_factory=dict[str, Action], repr=False)
    _cased: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]], repr=False)
    _patterns: dict[str, tuple[Action, ...]] = field(default_factory=dict[str, tuple[Action, ...]], repr=False)
    _names: list[str] = field(default_factory=list[str], repr=False)
    _keys: list[KeyIndex] = field(default_factory=list[KeyIndex], repr=False)
    _sets: dict[tuple[str, int], tuple[str, ...]] = field(
        default_factory=dict[tuple[str, int], tuple[str, ...]], repr=False
    )

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of all services, sorted."""
        return tuple(sorted(self.compiled))

    def find(self, name: str) -> Action | None:
        """The action, the case of letters aside; None: not in the table, which does not mean that there is none."""
        return self._action(name.lower()) if name.isascii() else None

    def service(self, prefix: str) -> Service | None:
        """The service; None: not in the table."""
        wanted = prefix.lower()
        raw = self.compiled.get(wanted)
        if raw is None:
            return None
        resources = {
            name: ResourceType(name, _texts(each[0]), self._set(wanted, each[1]))
            for name, each in raw["resources"].items()
        }
        keys = tuple(key for key, _ in raw["keys"])
        return Service(wanted, raw["name"] or wanted, tuple(raw["actions"]), resources, keys)

    def matching(self, pattern: str) -> Sequence[Action]:
        """The actions that a pattern of a policy names, sorted by name; the case of letters aside."""
        wanted = pattern.lower() if pattern.isascii() else pattern
        found = self._patterns.get(wanted)
        if found is None:
            if len(self._patterns) >= _KEPT_PATTERNS:
                self._patterns.clear()
            found = tuple(cast(Action, self._action(name)) for name in self._named_by(wanted))
            self._patterns[wanted] = found
        return found

    def condition_key(self, name: str) -> ConditionKey | None:
        """The key, the case of letters aside, `aws:RequestTag/Project` by its template; None: not in the table."""
        if not self._keys:
            self._keys.append(keys_of(self.compiled))
        return self._keys[0].find(name)

    def _action(self, lower: str) -> Action | None:
        known = self._actions.get(lower)
        if known is None:
            prefix, _, rest = lower.partition(":")
            name = self._cased_names(prefix).get(rest)
            if name is None:
                return None
            known = self._actions[lower] = self._made(prefix, name)
        return known

    def _made(self, prefix: str, name: str) -> Action:
        level, keys, resources, dependent = _whole(self.compiled[prefix]["actions"][name])
        return Action(
            prefix,
            name,
            _LEVELS.get(level),
            tuple(each.rstrip("*") for each in resources),
            tuple(each[:-1] for each in resources if each.endswith("*")),
            self._set(prefix, keys),
            tuple(dependent),
        )

    def _set(self, prefix: str, place: int) -> tuple[str, ...]:
        """One tuple for all actions and resources that share the set, however many these are."""
        known = self._sets.get((prefix, place))
        if known is None:
            raw = self.compiled[prefix]
            known = self._sets[prefix, place] = tuple(raw["keys"][each][0] for each in raw["sets"][place])
        return known

    def _cased_names(self, prefix: str) -> Mapping[str, str]:
        known = self._cased.get(prefix)
        if known is None:
            raw = self.compiled.get(prefix)
            if raw is None:
                return {}
            known = self._cased[prefix] = {name.lower(): name for name in raw["actions"]}
        return known

    def _named_by(self, pattern: str) -> Sequence[str]:
        """All names in lower case that match, looked for only among those that begin as the pattern does."""
        if not self._names:
            self._names.extend(
                sorted(f"{prefix}:{name}" for prefix in self.compiled for name in self._cased_names(prefix))
            )
        literal = pattern.replace("?", "*").partition("*")[0]
        first = bisect_left(self._names, literal)
        names = self._names[first : bisect_left(self._names, literal + "\uffff", first)]
        if pattern == literal:
            return names[:1] if names[:1] == [pattern] else ()
        if pattern == f"{literal}*":
            return names
        matches = actions_matcher((pattern,))
        return [name for name in names if matches(name)]


def _whole(row: Sequence[Any]) -> Sequence[Any]:
    """The row with the empty ends that its file leaves out."""
    return (*row, *("", 0, _EMPTY, _EMPTY)[len(row) :])


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@cache
def action_table() -> ActionTable:
    """The table that came with the program."""
    raw = json.loads(gzip.decompress((files("sakimori") / "rulebook" / "iam" / "actions.json.gz").read_bytes()))
    return ActionTable(date.fromisoformat(raw["as_of"]), raw["source"], raw["licence"], raw["services"])


def read_newer(path: Path) -> ActionTable:
    """The table with the services of a file in place of its own.

    The file is AWS's service reference (one service, or a list of services), or of the form that
    `docs/compile_actions.py` writes; either may be gz. UsageError (file and place) if it is neither, or too large.
    AWS's form bears no day: the table's day then stays the old one, and `source` names the file.
    """
    table, newer = action_table(), newer_in(path)
    services = dict(table.compiled)
    for prefix, service in newer.services.items():
        services[prefix] = _completed(service, services.get(prefix))
    as_of = newer.as_of if newer.as_of is not None and newer.as_of > table.as_of else table.as_of
    return ActionTable(as_of, f"{table.source}; {newer.source}", table.licence, services)


def _completed(newer: Compiled, older: Compiled | None) -> Compiled:
    """The newer facts of a service, with what AWS's form does not tell.

    That is its name and, of actions that both know, the resource types that each request names and the dependent actions.
    """
    if older is None or newer["name"]:
        return newer
    actions = dict(newer["actions"])
    for name, row in actions.items():
        if name in older["actions"]:
            _, _, resources, dependent = _whole(older["actions"][name])
            named = [f"{each}*" if f"{each}*" in resources else each for each in row[2]]
            actions[name] = [*row[:2], named, dependent]
    return {**newer, "name": older["name"], "actions": actions}
