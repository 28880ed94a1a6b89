"""A plan: for each step and place what is there, what is wanted, and the calls between the two. Making one only reads."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from sakimori.actions.step import Caution, Site, State, Step
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Change, Cost
from sakimori.model.errors import ActionError, UsageError

SCHEMA: Final = "sakimori.plan/1"
_WORKERS: Final = 12
_MOST_BYTES: Final = 64_000_000


class Standing(StrEnum):
    """What a plan has to do about a step at a place."""

    TO_MAKE = "to_make"
    AS_WANTED = "as_wanted"
    ADOPTED = "adopted"
    """Somebody else manages what is there; it is left alone."""
    BLOCKED = "blocked"
    """A caution says that it would break something."""
    UNREADABLE = "unreadable"
    """What is there could not be read, and so nothing is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One step at one place. `reason` is why it is adopted or unreadable: an owner, a refused call."""

    step: str
    region: str
    standing: Standing
    before: State | None = None
    target: State | None = None
    changes: tuple[Change, ...] = ()
    cautions: tuple[Caution, ...] = ()
    cost: Cost = field(default_factory=Cost)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that would be made in one account, in its order."""

    account: str
    partition: str
    made_at: datetime
    baseline: str
    items: tuple[Item, ...]

    @property
    def to_make(self) -> tuple[Item, ...]:
        """What there is to do."""
        return tuple(each for each in self.items if each.standing is Standing.TO_MAKE)

    @property
    def id(self) -> str:
        """What names this plan: a digest of all that it would do, 16 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self._body(), sort_keys=True, default=str).encode()).hexdigest()[:16]

    def _body(self) -> dict[str, Any]:
        kept = [(each.step, each.region, each.before, each.target) for each in self.to_make]
        return {
            "account": self.account,
            "made_at": self.made_at.isoformat(),
            "items": kept,
        }


Progress = Callable[[int, int], None]
"""Told after each place: how many are read, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What to plan."""

    steps: Sequence[Step]
    baseline: str
    made_at: datetime


def make_plan(door: Door, planning: Planning, progress: Progress | None = None) -> Plan:
    """The plan for one account. Only reads; what cannot be read stands in it as unreadable."""
    ordered = sorted(planning.steps, key=lambda each: (each.order, each.id))
    places = [(step, region) for step in ordered for region in step.regions(door.account)]

    def item(place: tuple[Step, str]) -> Item:
        step, region = place
        return plan_item(step, Site(door=door, region=region))

    items: list[Item] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for found in pool.map(item, places):
            items.append(found)
            if progress is not None:
                progress(len(items), len(places))
    return Plan(
        account=door.account.id, partition=door.account.partition, made_at=planning.made_at,
        baseline=planning.baseline, items=tuple(items),
    )  # fmt: skip


def plan_item(step: Step, site: Site) -> Item:
    """What there is to do about a step at one place."""
    place = Item(step=step.id, region=site.region, standing=Standing.UNREADABLE)
    try:
        before = step.read(site)
        owner = step.owner(before)
        if owner:
            return replace(place, standing=Standing.ADOPTED, before=before, reason=owner)
        target = step.wanted(site, before)
        changes = tuple(step.towards(site, before, target))
        cautions = tuple(step.cautions(site, before)) if changes else ()
    except Refusal as refusal:
        return replace(place, reason=f"{refusal.call}: {refusal.code}")
    standing = Standing.TO_MAKE if changes else Standing.AS_WANTED
    if any(each.blocks for each in cautions):
        standing = Standing.BLOCKED
    return replace(
        place, standing=standing, before=before, target=target, changes=changes, cautions=cautions,
        cost=step.cost(before) if changes else Cost(),
    )  # fmt: skip


def chosen_steps(steps: Mapping[str, Step], names: Iterable[str]) -> tuple[Step, ...]:
    """The steps of these ids, or that make these posture rules hold; UsageError for a name that none has."""
    found: dict[str, Step] = {}
    for name in names:
        matching = [each for each in steps.values() if name.upper() == each.id or name in each.rules]
        if not matching:
            raise UsageError("harden.no_such_step", name=name, known=sorted(steps))
        found.update((each.id, each) for each in matching)
    return tuple(found.values())


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan as a file for `read_plan`; ActionError where it cannot be written."""
    try:
        path.write_bytes(plan_document(plan))
    except OSError as error:
        raise ActionError("harden.plan_unwritable", path=path, reason=error.strerror or type(error).__name__) from error


def plan_document(plan: Plan) -> bytes:
    """The plan as JSON."""
    body = msgspec.to_builtins({"schema": SCHEMA, "id": plan.id, "plan": plan}, builtin_types=(datetime,))
    return msgspec.json.format(msgspec.json.encode(body), indent=1)


def read_plan(path: Path) -> Plan:
    """The plan of a file; UsageError where it is none, or was changed since it was written."""
    try:
        raw = path.read_bytes()[: _MOST_BYTES + 1]
        told = msgspec.json.decode(raw, type=_File)
    except OSError as error:
        raise UsageError("cli.no_such_file", path=path) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UsageError("harden.no_plan", path=path) from error
    if told.schema != SCHEMA or told.plan.id != told.id:
        raise UsageError("harden.no_plan", path=path)
    return told.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    schema: str
    id: str
    plan: Plan
