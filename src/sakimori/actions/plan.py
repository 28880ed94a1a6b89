"""A plan: for each step and place what is there, what is wanted, and the calls between the two. Making one only reads."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from sakimori.actions.asked_once import AskedOnce
from sakimori.actions.prices import prices
from sakimori.actions.site import Logs, NoLogs, Site, Volumes
from sakimori.actions.step import Caution, Guide, State, Step
from sakimori.actions.wishes import Wishes
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Change, Cost
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.words import GLOBAL

SCHEMA: Final = "sakimori.plan/1"
_WORKERS: Final = 12
_MOST_BYTES: Final = 64_000_000


class Standing(StrEnum):
    """What a plan has to do about a step at a place."""

    TO_MAKE = "to_make"
    BY_HAND = "by_hand"
    """Only a person can do it, and AWS does not say that it is done."""
    UNSAID = "unsaid"
    """The owner must say something first."""
    BLOCKED = "blocked"
    """A caution says that it would break something."""
    UNREADABLE = "unreadable"
    """What is there could not be read, and so nothing is done."""
    ADOPTED = "adopted"
    """Somebody else manages what is there; it is left alone."""
    ATTESTED = "attested"
    """A person vouches for it."""
    AS_WANTED = "as_wanted"


Place = tuple[str, str, str]
"""A step, a Region or `global`, and a resource or ""."""


def place_of(body: Mapping[str, Any]) -> Place:
    """The place that a line of a journal tells of."""
    return body["step"], body["region"], body["resource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One step at one place. `reason` is why it is adopted or unreadable: an owner, a refused call; or the sentence that says what is unsaid."""

    step: str
    region: str
    standing: Standing
    resource: str = ""
    before: State | None = None
    target: State | None = None
    changes: tuple[Change, ...] = ()
    cautions: tuple[Caution, ...] = ()
    cost: Cost = field(default_factory=Cost)
    reason: str = ""

    @property
    def place(self) -> Place:
        """What names it within a plan and a journal."""
        return self.step, self.region, self.resource

    @property
    def where(self) -> str:
        """The place without the step, as a person reads it."""
        return f"{self.region} {self.resource}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that would be made in one account, in its order, and what its owner wished."""

    account: str
    partition: str
    made_at: datetime
    baseline: str
    items: tuple[Item, ...]
    wishes: Wishes = field(default_factory=Wishes)
    volumes: str = ""
    """How the volumes behind the costs were counted, "" where nothing is known."""

    @property
    def to_make(self) -> tuple[Item, ...]:
        """What there is to do."""
        return tuple(each for each in self.items if each.standing is Standing.TO_MAKE)

    @property
    def id(self) -> str:
        """What names this plan: a digest of all that it says, 16 hexadecimal digits."""
        # As it would be read from a file: a count that is an integer here is a float there.
        read = msgspec.convert(msgspec.to_builtins(self, builtin_types=(datetime,)), Plan)
        body = msgspec.to_builtins(read, builtin_types=(datetime,))
        return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:16]


Progress = Callable[[int, int], None]
"""Told after each place: how many are read, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What to plan: whole steps, or (with `resources`) steps for the resources that are named, as (Region, id) pairs.

    `attested` are the questions for which a person vouches today.
    """

    steps: Sequence[Step]
    baseline: str
    made_at: datetime
    guides: Sequence[Guide] = ()
    resources: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict[str, Sequence[tuple[str, str]]])
    wishes: Wishes = field(default_factory=Wishes)
    volumes: Volumes = field(default_factory=Volumes)
    regions: tuple[str, ...] = ()
    """Steps of Regions are looked at in these alone; () for all that the account was selected with."""
    attested: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    """Ids of steps that are made in spite of what holds them back: somebody said that it is meant."""
    logs: Logs = field(default_factory=NoLogs)


def make_plan(door: Door, planning: Planning, progress: Progress | None = None) -> Plan:
    """The plan for one account. Only reads; what cannot be read stands in it as unreadable."""
    measures = sorted((*planning.steps, *planning.guides), key=lambda each: (each.order, each.id))
    places = [(each, *where) for each in measures for where in _places(each, planning, door)]
    asked_once = AskedOnce(door)

    def item(place: tuple[Step | Guide, str, str]) -> Item:
        measure, region, resource = place
        site = Site(
            door=asked_once, region=region, resource=resource, wishes=planning.wishes, volumes=planning.volumes,
            logs=planning.logs, as_of=planning.made_at,
        )  # fmt: skip
        if isinstance(measure, Guide):
            return _guided(measure, site, planning.attested)
        return plan_item(measure, site, is_accepted=measure.id in planning.accepted)

    items: list[Item] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for found in pool.map(item, places):
            items.append(found)
            if progress is not None:
                progress(len(items), len(places))
    return Plan(
        account=door.account.id, partition=door.account.partition, made_at=planning.made_at, baseline=planning.baseline,
        items=tuple(items), wishes=planning.wishes, volumes=planning.volumes.source,
    )  # fmt: skip


def plan_item(step: Step, site: Site, *, is_accepted: bool = False) -> Item:
    """What there is to do about a step at one place; with `is_accepted` also what a caution would hold back."""
    place = Item(step=step.id, region=site.region, resource=site.resource, standing=Standing.UNREADABLE)
    try:
        before = step.read(site)
        owner = step.owner(before)
        if owner:
            faults = tuple(step.faults(site, before))
            return replace(place, standing=Standing.ADOPTED, before=before, reason=owner, cautions=faults)
        unsaid = step.lacks(site)
        if unsaid:
            return replace(place, standing=Standing.UNSAID, before=before, reason=unsaid)
        target = step.wanted(site, before)
        changes = tuple(step.towards(site, before, target))
        cautions = (*step.faults(site, before), *(step.cautions(site, before) if changes else ()))
        costs = step.costs(site, before) if changes else ()
    except Refusal as refusal:
        return replace(place, reason=f"{refusal.call}: {refusal.code}")
    standing = Standing.TO_MAKE if changes else Standing.AS_WANTED
    if changes and not is_accepted and any(each.blocks for each in cautions):
        standing = Standing.BLOCKED
    return replace(
        place, standing=standing, before=before, target=target, changes=changes, cautions=cautions,
        cost=prices().cost(costs, site.region),
    )  # fmt: skip


def _places(measure: Step | Guide, planning: Planning, door: Door) -> Sequence[tuple[str, str]]:
    if isinstance(measure, Guide):
        return ((GLOBAL, ""),)
    if measure.of_resources:
        return planning.resources.get(measure.id, ())
    wanted = set(planning.regions) or {GLOBAL, *door.account.regions}
    return [(region, "") for region in measure.regions(door.account) if region in wanted or region == GLOBAL]


def _guided(guide: Guide, site: Site, attested: frozenset[str]) -> Item:
    place = Item(step=guide.id, region=site.region, standing=Standing.BY_HAND)
    try:
        holds = guide.holds(site)
    except Refusal as refusal:
        return replace(place, reason=f"{refusal.call}: {refusal.code}")
    # AWS's word goes before a person's: what AWS says is not done is not, whoever vouched for it.
    if holds is False:
        return place
    if guide.question and guide.question in attested:
        return replace(place, standing=Standing.ATTESTED)
    return replace(place, standing=Standing.AS_WANTED) if holds and not guide.question else place


def chosen(known: Mapping[str, Step | Guide], names: Iterable[str]) -> tuple[Step | Guide, ...]:
    """The measures of these ids, or that make these posture rules hold; UsageError for a name that none has."""
    found: dict[str, Step | Guide] = {}
    for name in names:
        matching = [each for each in known.values() if name.upper() == each.id.upper() or name in each.rules]
        if not matching:
            raise UsageError("harden.no_such_step", name=name, known=sorted(known))
        found.update((each.id, each) for each in matching)
    return tuple(found.values())


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan as a file for `read_plan`; ActionError where it cannot be written."""
    write_private(path, plan_document(plan))


def write_private(path: Path, raw: bytes) -> None:
    """Write a file that only its owner may read: it names people and shows how the account is guarded. ActionError where it cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(raw)
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
