"""Applying: after a stop at any call the same run goes on, and what was planned for another state is not made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.actions.pretended import PretendedDoor

from sakimori.actions.applying import Hand, journaled_items
from sakimori.actions.catalogue import steps
from sakimori.actions.journal import Entry, open_journal
from sakimori.actions.plan import Plan, Planning, make_plan, read_plan, write_plan
from sakimori.model.errors import ActionError, UsageError


def _now() -> datetime:
    return datetime(2026, 11, 26, tzinfo=UTC)


def _plan(door: PretendedDoor) -> Plan:
    return make_plan(door, Planning(steps=(steps()["HB17"],), baseline="starter", made_at=_now()))


def _hand(door: PretendedDoor) -> Hand:
    return Hand(door, steps(), _now, lambda *_: None, sleep=lambda _seconds: None)


def _apply(home: Path, door: PretendedDoor, plan: Plan) -> None:
    journal, lines = open_journal(home, plan.account, "run")
    try:
        hand = _hand(door)
        hand.check(plan, lines)
        hand.apply(plan, journal, lines)
    finally:
        journal.close()


@pytest.mark.parametrize("stop", range(1, 5))
@pytest.mark.parametrize("is_made", [True, False])
def test_a_stop_at_any_call_is_settled_by_reading_and_the_run_goes_on(tmp_path: Path, stop: int, is_made: bool) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2", "eu-west-1", "eu-west-2"))
    plan = _plan(door)
    door.stop_at(stop, is_made=is_made)
    with pytest.raises(KeyboardInterrupt):
        _apply(tmp_path, door, plan)
    door.stop_at(0)
    _apply(tmp_path, door, plan)
    assert set(door.encrypted) == {"us-east-1", "us-west-2", "eu-west-1", "eu-west-2"}
    assert door.written == 4 + (not is_made), "no call is made twice that was made"
    journal, lines = open_journal(tmp_path, plan.account, "run")
    assert [line.kind for line in lines].count(Entry.SETTLED) == 1
    _hand(door).undo(journaled_items(lines), journal)
    journal.close()
    assert door.encrypted == {}


def test_an_account_that_changed_since_the_plan_is_left_alone(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2"), encrypted={"us-west-2": True})
    plan = _plan(door)
    tampered = _with_target(plan, {"is_on": False})
    with pytest.raises(ActionError, match="plan_not_ours"):
        _apply(tmp_path, door, tampered)
    assert door.written == 0


def test_a_refusal_stops_the_run_and_what_was_made_is_journaled(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2"), refused=("us-west-2",))
    plan = _plan(door)
    with pytest.raises(ActionError) as caught:
        _apply(tmp_path, door, plan)
    assert (caught.value.text, caught.value.values["region"]) == ("harden.refused", "us-west-2")
    assert door.encrypted == {"us-east-1": True}
    journal, lines = open_journal(tmp_path, plan.account, "run")
    assert [line.kind for line in lines][-1] is Entry.FAILED
    _hand(door).undo(journaled_items(lines)[-1:], journal)
    journal.close()
    assert door.encrypted == {}


def test_what_cannot_be_read_is_not_planned() -> None:
    door = PretendedDoor(regions=("us-east-1",), unreadable=("us-east-1",))
    (item,) = _plan(door).items
    assert (item.standing, item.reason) == ("unreadable", "ec2:GetEbsEncryptionByDefault: AccessDenied")


def test_a_plan_is_read_as_it_was_written_and_not_otherwise(tmp_path: Path) -> None:
    plan = _plan(PretendedDoor(regions=("us-east-1",)))
    path = tmp_path / "plan.json"
    write_plan(plan, path)
    assert read_plan(path).items[0].before == plan.items[0].before
    path.write_text(path.read_text().replace('"is_on": true', '"is_on": false'))
    for text in (path.read_text(), "{", "[]", '{"schema": "sakimori.plan/1"}'):
        path.write_text(text)
        with pytest.raises(UsageError, match="no_plan"):
            read_plan(path)


def _with_target(plan: Plan, target: Mapping[str, Any]) -> Plan:
    return replace(plan, items=tuple(replace(each, target=target) for each in plan.items))
