"""What a run looked at, and so what it may conclude from not seeing something."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL, Scope

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, default=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRule:
    """A rule of the run, the thresholds it was judged by, and the table whose rows it judges. `aliases` are its former ids."""

    id: str
    parameters: Mapping[str, object]
    subject: Table
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScope:
    """One run: its id, the time of its snapshot (UTC), what it was asked to judge and what was read for it.

    `units` need only hold those of the rules' subject tables; others do no harm.
    """

    run: str
    at: datetime
    accounts: tuple[Account, ...]
    rules: tuple[JudgedRule, ...]
    units: Sequence[Unit]

    @property
    def renamed(self) -> dict[str, str]:
        """Former ids of its rules, and their present ones."""
        return {former: rule.id for rule in self.rules for former in rule.aliases}


@dataclass(frozen=True, slots=True)
class Ground:
    """Rules (with parameters) by accounts by Regions: what can be compared between two runs.

    `whole` are the accounts in which every enabled Region was selected: what such a run
    says of an account, it says of every Region, known by name or not.
    """

    rules: frozenset[tuple[str, str]]
    regions: Mapping[str, frozenset[str]]
    whole: frozenset[str]

    @classmethod
    def of(cls, scope: RunScope) -> "Ground":
        """The ground that a run was asked to cover."""
        return cls(
            rules=frozenset((rule.id, canonical(rule.parameters)) for rule in scope.rules),
            regions={account.id: frozenset(account.selected) for account in scope.accounts},
            whole=frozenset(account.id for account in scope.accounts if _is_whole(account)),
        )

    @classmethod
    def from_json(cls, body: str) -> "Ground":
        """The ground that `to_json` wrote."""
        data = json.loads(body)
        return cls(
            rules=frozenset((rule, parameters) for rule, parameters in data["rules"]),
            regions={account: frozenset(regions) for account, regions in data["regions"].items()},
            whole=frozenset(data["whole"]),
        )

    def to_json(self) -> str:
        """One text for equal grounds."""
        data = {
            "rules": sorted(self.rules),
            "regions": {account: sorted(regions) for account, regions in sorted(self.regions.items())},
            "whole": sorted(self.whole),
        }
        return json.dumps(data, separators=(",", ":"))

    def covers_place(self, account: str, region: str) -> bool:
        """Whether the run was asked about this Region (or `global`) of this account."""
        regions = self.regions.get(account)
        return regions is not None and (region == GLOBAL or account in self.whole or region in regions)

    def covers(self, other: "Ground") -> bool:
        """Whether everything that `other` was asked about was asked here too."""
        return self.rules >= other.rules and all(
            self.regions.get(account, frozenset()) >= regions and account in self.regions
            for account, regions in other.regions.items()
        )


class Sight:
    """What a run saw whole: where a resource that has no verdict is gone, and not merely unseen."""

    def __init__(self, scope: RunScope, ground: Ground) -> None:
        self._ground = ground
        self._subjects = {(rule.id, canonical(rule.parameters)): rule.subject for rule in scope.rules}
        tables = {rule.subject.name: rule.subject for rule in scope.rules}
        read: set[tuple[str, str, str]] = set()
        unread: set[tuple[str, str, str]] = set()
        for unit in scope.units:
            if unit.table in tables:
                listed = is_listed_whole(unit, tables[unit.table])
                (read if listed else unread).add((unit.table, unit.account, unit.region))
        self._read = read - unread

    def sees(self, *, rule: str, parameters: str, account: str, region: str) -> bool:
        """Whether the rule's subject was read completely at this place; `parameters` in canonical form."""
        subject = self._subjects.get((rule, parameters))
        if subject is None or not self._ground.covers_place(account, region):
            return False
        unit_region = region if subject.scope is Scope.REGION else GLOBAL
        return (subject.name, account, unit_region) in self._read


def is_listed_whole(unit: Unit, table: Table) -> bool:
    """Whether every row of the unit is known to be there.

    A gap of one parent costs an ordinary table a few cells, but a child table the rows of
    that parent, and of a finding nobody knows any more which parent it had.
    """
    return unit.is_read and not (table.parent and unit.gaps)


def canonical(parameters: Mapping[str, object]) -> str:
    """The text of parameters that goes into a finding's identity (see `Verdict.id`)."""
    return _CANONICAL.encode(dict(parameters))


def _is_whole(account: Account) -> bool:
    return account.regions_are_known and set(account.selected) >= set(account.regions)
