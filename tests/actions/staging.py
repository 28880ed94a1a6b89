"""A step on its stages: made once, holds, changes nothing a second time, and taken back whole.

What an account holds is what all tables of `collect` read of it, so a step that leaves something behind is seen
whether or not it knows of it itself.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.app.company import use_credentials

from sakimori.actions.applying import Hand, journaled_items
from sakimori.actions.catalogue import every_step
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Item, Plan, Planning, Standing, make_plan
from sakimori.actions.step import Step
from sakimori.actions.wishes import Contact, Wishes
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.aws.door import Door
from sakimori.collect.catalogue import declarations
from sakimori.lake.snapshot import Lake
from sakimori.simulate.server import SimulatedAccount

REGIONS = ("ap-northeast-1", "us-east-1")
HOME = REGIONS[0]
Row = tuple[str, str, str]
"""A table, the key of a row in it, and its values as JSON."""
_PASSING = frozenset({"reported_at", "last_used_at", "idle_since_at", "last_started_at"})
"""Columns that move by themselves, or that nothing takes back (AWS remembers when a recorder was last started)."""

WISHES = Wishes(
    contacts={
        kind: Contact(name="Sato Kenji", title="Security", email=f"{kind}@example.com", phone="+81 3 0000 0000")
        for kind in ("security", "billing", "operations")
    },
    emails=("alerts@example.com", "boss@example.com"),
    budget_usd=50.0,
    home_region=HOME,
)


def now() -> datetime:
    """The day of all these tests."""
    return datetime(2026, 11, 26, tzinfo=UTC)


_SAID_ELSEWHERE = frozenset({"aws_iam_authorization_detail"})
"""What IAM told, word by word: the other tables say the same, without the order in which it was told."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An account to be changed: the simulated one, and a door of its owner."""

    simulated: SimulatedAccount
    door: Door
    place: Path
    wishes: Wishes = WISHES
    accepted: frozenset[str] = frozenset()

    def client(self, service: str, region: str = HOME) -> Any:
        """boto3's client of the owner, to arrange with."""
        return self.simulated.client(service, region=region)

    def plan(self, step: Step, *resources: tuple[str, str]) -> Plan:
        """What the step would do, everywhere or for these (Region, id) pairs."""
        planning = Planning(
            steps=(step,), baseline="strict", made_at=now(), wishes=self.wishes, resources={step.id: resources},
            accepted=self.accepted,
        )  # fmt: skip
        return make_plan(self.door, planning)

    def hand(self) -> Hand:
        """What makes a plan, without waiting."""
        return Hand(self.door, every_step(), now, lambda *_: None, self.wishes, sleep=lambda _seconds: None)

    def apply(self, plan: Plan, run: str = "run") -> None:
        """Make the plan."""
        journal, lines = open_journal(self.place, plan.account, run)
        try:
            self.hand().check(plan, lines)
            self.hand().apply(plan, journal, lines)
        finally:
            journal.close()

    def undoing(self, run: str = "run") -> tuple[Item, ...]:
        """What taking back would do, as a person is shown it."""
        journal, lines = open_journal(self.place, self.door.account.id, run)
        journal.close()
        return self.hand().undoing(journaled_items(lines))

    def undo(self, run: str = "run") -> None:
        """Take back what was made."""
        journal, lines = open_journal(self.place, self.door.account.id, run)
        try:
            self.hand().undo(journaled_items(lines), journal, lambda _name: True)
        finally:
            journal.close()

    def rows(self, services: Collection[str] = ()) -> "Counter[Row]":
        """Every row of every table, or of those that are read from one of these services."""
        home = self.place / "lake-of-rows"
        tables = tuple(
            name for name, each in declarations().items()
            if name not in _SAID_ELSEWHERE and (not services or each.service in services)
        )  # fmt: skip
        name = collect_snapshot(CollectRequest(home=home, tables=tables), [self.door], clock=now)
        lake = Lake(home)
        try:
            parts = lake.open(name).parts
        finally:
            lake.close()
        found: Counter[Row] = Counter()
        for table, paths in parts.items():
            key = declarations()[table].table.key
            for row in (row for path in paths for row in pq.read_table(path).to_pylist()):
                kept = {column: value for column, value in row.items() if column not in _PASSING}
                found[table, str(row[key]), json.dumps(kept, sort_keys=True, default=str)] += 1
        return found


@contextmanager
def staged(place: Path) -> Iterator[Stage]:
    """A bare account in two Regions, its home the first."""
    with SimulatedAccount(account_id="606060606060") as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        (door,) = open_doors(AccessRequest(endpoint_url=simulated.endpoint_url, regions=REGIONS))
        yield Stage(simulated, door, place)


def holds_and_is_taken_back(stage: Stage, step: Step, *resources: tuple[str, str]) -> Plan:
    """The law of every step, from the state that the account is in now; the plan that was made.

    Something is made, it holds, a second plan changes nothing, the calls are those that were declared, and after the
    undo all tables of the services that it calls are as before except for the step's declared residue (of all services:
    `test_whole_baseline`).
    """
    services = {each.split(":")[0] for each in (*step.reads, *step.writes)}
    before = stage.rows(services)
    plan = stage.plan(step, *resources)
    assert plan.to_make, [(each.standing, each.reason, each.cautions) for each in plan.items]
    for item in plan.to_make:
        calls = [call for change in item.changes for call in (change.call, *change.undo)]
        assert {call.operation for call in calls} <= set(step.writes)
        assert all(change.undo or change.lasting for change in item.changes)
    stage.simulated.forget_calls()
    stage.apply(plan)
    asked = {call.name for call in stage.simulated.calls}
    assert asked <= {*step.reads, *step.writes}, "undeclared calls"
    again = {each.place: each.standing for each in stage.plan(step, *resources).items}
    assert {place: standing for place, standing in again.items() if standing is not Standing.AS_WANTED} == {
        each.place: each.standing for each in plan.items if each.standing not in {Standing.TO_MAKE, Standing.AS_WANTED}
    }
    assert stage.rows(services) != before, "no table shows what was made"
    stage.undo()
    after = stage.rows(services)
    changed = ((before - after) + (after - before)).elements()
    left = [row for row in changed if not any(fnmatch(f"{row[0]} {row[1]}", pattern) for pattern in step.residue)]
    assert not left, f"not taken back: {left}"[:4000]
    assert [each.before for each in stage.plan(step, *resources).items] == [each.before for each in plan.items]
    return plan
