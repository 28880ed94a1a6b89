"""Applying: after a stop at any call the same run goes on, and what was planned for another state is not made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.actions.pretended import PretendedDoor

from sakimori.actions.applying import Hand, journaled_items
from sakimori.actions.catalogue import steps
from sakimori.actions.journal import Entry, Line, open_journal
from sakimori.actions.plan import Item, Plan, Planning, Standing, make_plan, read_plan, write_plan
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.action import Call, Change
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.words import GapKind


def _now() -> datetime:
    return datetime(2026, 11, 26, tzinfo=UTC)


def _plan(door: PretendedDoor) -> Plan:
    return make_plan(door, Planning(steps=(steps()["HB17"],), baseline="starter", made_at=_now()))


def _hand(door: PretendedDoor, slept: list[float] | None = None, step: Step | None = None) -> Hand:
    known = {**steps(), **({step.id: step} if step else {})}
    return Hand(door, known, _now, lambda *_: None, sleep=(slept if slept is not None else []).append)


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
    _hand(door).undo(journaled_items(lines), journal, lambda _name: True)
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
    _hand(door).undo(journaled_items(lines)[-1:], journal, lambda _name: True)
    journal.close()
    assert door.encrypted == {}


def _run(home: Path, hand: Hand, plan: Plan) -> list[Entry]:
    journal, lines = open_journal(home, plan.account, "run")
    hand.apply(plan, journal, lines)
    journal.close()
    return [line.kind for line in open_and_read(home, plan)]


def open_and_read(home: Path, plan: Plan) -> tuple[Line, ...]:
    journal, lines = open_journal(home, plan.account, "run")
    journal.close()
    return lines


def test_a_change_that_aws_shows_late_is_waited_for_and_made_once(tmp_path: Path) -> None:
    door, slept = PretendedDoor(regions=("us-east-1",)), list[float]()
    plan = _plan(door)
    door.lag = 5
    kinds = _run(tmp_path, _hand(door, slept), plan)
    assert (door.written, kinds) == (1, [Entry.INTENT, Entry.RESULT, Entry.VERIFIED])
    assert len(slept) == 5
    assert slept == sorted(slept)


def test_a_change_that_aws_never_shows_ends_the_run_after_its_time(tmp_path: Path) -> None:
    door, slept = PretendedDoor(regions=("us-east-1",)), list[float]()
    plan = _plan(door)
    door.lag = 1000
    with pytest.raises(ActionError, match="not_verified"):
        _run(tmp_path, _hand(door, slept), plan)
    assert sum(slept) == pytest.approx(4 * steps()["HB17"].shown_within)


def test_a_call_that_aws_is_not_ready_for_is_made_again(tmp_path: Path) -> None:
    patient = replace(steps()["HB17"], towards=_patient(steps()["HB17"].towards))
    door, slept = PretendedDoor(regions=("us-east-1",)), list[float]()
    plan = _plan(door)
    door.not_ready = 3
    kinds = _run(tmp_path, _hand(door, slept, patient), plan)
    assert (door.written, len(slept), kinds[-1]) == (1, 3, Entry.VERIFIED)
    door.encrypted.clear()
    door.not_ready = 1
    with pytest.raises(ActionError, match="refused"):
        _run(tmp_path / "other", _hand(door), _plan(door))


def _undone(home: Path, door: PretendedDoor, plan: Plan) -> tuple[Item, ...]:
    journal, lines = open_journal(home, plan.account, "run")
    items = journaled_items(lines)
    _hand(door).undo(items, journal, lambda _name: True)
    journal.close()
    return items


def test_what_was_refused_and_then_made_by_somebody_else_is_not_taken_back(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2"), refused=("us-west-2",))
    plan = _plan(door)
    with pytest.raises(ActionError, match="refused"):
        _apply(tmp_path, door, plan)
    door.encrypted["us-west-2"] = True
    items = _undone(tmp_path, door, plan)
    assert [each.region for each in items] == ["us-east-1"]
    assert door.encrypted == {"us-west-2": True}


def test_what_somebody_changed_after_the_run_is_told_before_it_is_taken_back(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2"))
    plan = _plan(door)
    _apply(tmp_path, door, plan)
    (journal, lines), hand = open_journal(tmp_path, plan.account, "run"), _hand(door)
    journal.close()
    assert {each.standing for each in hand.undoing(journaled_items(lines))} == {Standing.TO_MAKE}
    left = [replace(each, target={"is_on": True, "by": "somebody"}) for each in journaled_items(lines)]
    assert {each.standing for each in hand.undoing(left)} == {Standing.BLOCKED}
    assert all(each.changes for each in hand.undoing(left))


def test_what_somebody_changed_while_the_run_was_on_its_way_is_left_alone(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1", "us-west-2"))
    plan = _plan(door)
    odd = replace(steps()["HB17"], wanted=lambda _site, _state: {"is_on": "as somebody else wants it"})
    journal, lines = open_journal(tmp_path, plan.account, "run")
    moved = replace(plan, items=tuple(replace(each, before={"is_on": "otherwise"}) for each in plan.items))
    with pytest.raises(ActionError, match="account_changed"):
        _hand(door, step=odd).apply(moved, journal, lines)
    journal.close()
    assert door.written == 0


def test_an_undo_that_sees_nothing_yet_looks_again(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1",))
    plan = _plan(door)
    _apply(tmp_path, door, plan)
    door._late = [{}] * 4
    _undone(tmp_path, door, plan)
    assert door.encrypted == {}


def test_what_is_taken_back_is_not_taken_back_twice(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1",))
    plan = _plan(door)
    _apply(tmp_path, door, plan)
    assert len(_undone(tmp_path, door, plan)) == 1
    door.encrypted["us-east-1"] = True
    assert _undone(tmp_path, door, plan) == ()
    assert door.encrypted == {"us-east-1": True}


def test_the_state_before_stands_in_a_journal_once_however_many_calls_a_place_takes(tmp_path: Path) -> None:
    door = PretendedDoor(regions=("us-east-1",))
    plan = _plan(door)
    door.stop_at(1)
    with pytest.raises(KeyboardInterrupt):
        _apply(tmp_path, door, plan)
    door.stop_at(0)
    _apply(tmp_path, door, plan)
    intents = [line for line in open_and_read(tmp_path, plan) if line.kind is Entry.INTENT]
    assert [("before" in line.body) for line in intents] == [True, False]


def _patient(towards: Callable[..., Sequence[Change]]) -> Callable[..., Sequence[Change]]:
    def changes(*given: Any) -> Sequence[Change]:
        return [replace(each, call=replace(each.call, not_yet=("NotReady",))) for each in towards(*given)]

    return changes


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


class _TwoParts:
    """A place of two settings, of which the second is refused, or at which the run is killed."""

    def __init__(self, at: str = "") -> None:
        self.account = Account(id="111122223333", partition="aws", regions=("us-east-1",), selected=("us-east-1",))
        self.has = {"one": "old", "two": "old"}
        self.refused, self.killed = at == "refused", at

    def call(self, operation: str, _region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "x:Get":
            return dict(self.has)
        if parameters["name"] == "two" and self.refused:
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")
        if parameters["name"] == "two" and self.killed == "before":
            raise KeyboardInterrupt
        self.has[parameters["name"]] = parameters["value"]
        if parameters["name"] == "two" and self.killed == "after":
            raise KeyboardInterrupt
        return {}


def _two_parts() -> Step:
    def towards(_site: Site, now: State, target: State) -> Sequence[Change]:
        def put(name: str, value: str) -> Call:
            return Call(operation="x:Put", region="us-east-1", parameters={"name": name, "value": value})

        names = [each for each in ("one", "two") if now[each] != target[each]]
        return [Change(name=each, call=put(each, target[each]), undo=(put(each, now[each]),)) for each in names]

    return replace(
        steps()["HB17"], id="two-parts", reads=("x:Get",), writes=("x:Put",), read=lambda site: dict(site.call("x:Get") or {}),
        wanted=lambda *_: {"one": "new", "two": "new"}, towards=towards, cautions=lambda *_: (),
    )  # fmt: skip


def _left_halfway(home: Path, door: _TwoParts) -> tuple[Hand, tuple[Item, ...]]:
    given: Any = door
    step = _two_parts()
    planning = Planning(steps=(step,), baseline="starter", made_at=_now(), resources={step.id: [("us-east-1", "")]})
    hand, plan = _hand(given, step=step), make_plan(given, planning)
    journal, lines = open_journal(home, plan.account, "run")
    with pytest.raises((ActionError, KeyboardInterrupt)):
        hand.apply(plan, journal, lines)
    journal.close()
    door.refused, door.killed = False, ""
    return hand, journaled_items(open_and_read(home, plan))


@pytest.mark.parametrize("at", ["refused", "before", "after"])
def test_a_run_that_ended_halfway_is_taken_back_without_a_question_where_nobody_touched_it(
    tmp_path: Path, at: str
) -> None:
    hand, items = _left_halfway(tmp_path, _TwoParts(at))
    assert [each.standing for each in hand.undoing(items)] == [Standing.TO_MAKE]


@pytest.mark.parametrize("at", ["refused", "before", "after"])
def test_what_somebody_changed_by_hand_after_a_run_ended_halfway_is_told_before_the_undo_overwrites_it(
    tmp_path: Path, at: str
) -> None:
    door = _TwoParts(at)
    hand, items = _left_halfway(tmp_path, door)
    door.has["two"] = "by hand"
    (found,) = hand.undoing(items)
    assert (found.standing, bool(found.changes)) == (Standing.BLOCKED, True)


def test_after_a_refusal_even_a_part_that_was_made_already_is_guarded(tmp_path: Path) -> None:
    door = _TwoParts("refused")
    hand, items = _left_halfway(tmp_path, door)
    assert items[0].target == {"one": "new", "two": "old"}
    door.has["one"] = "by hand"
    assert [each.standing for each in hand.undoing(items)] == [Standing.BLOCKED]
