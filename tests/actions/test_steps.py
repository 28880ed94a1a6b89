"""Laws over every step, on the simulated account: what is made can be taken back, and nothing is made twice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.app.company import use_credentials

from sakimori.actions.applying import Hand, journaled_items
from sakimori.actions.catalogue import steps
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Plan, Planning, Standing, make_plan
from sakimori.actions.step import Step
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.rules import open_rules
from sakimori.aws.door import Door
from sakimori.simulate.server import SimulatedAccount
from sakimori.texts.sentences import say

_REGIONS = ("ap-northeast-1", "us-east-1")


def _now() -> datetime:
    return datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    with SimulatedAccount(account_id="606060606060") as simulated, pytest.MonkeyPatch.context() as patch:
        use_credentials(simulated, "owner", patch)
        (opened,) = open_doors(AccessRequest(endpoint_url=simulated.endpoint_url, regions=_REGIONS))
        yield opened


def _plan(door: Door, step: Step) -> Plan:
    return make_plan(door, Planning(steps=(step,), baseline="strict", made_at=_now()))


def _hand(door: Door) -> Hand:
    return Hand(door, steps(), _now, lambda *_: None, sleep=lambda _seconds: None)


@pytest.mark.parametrize("step", steps().values(), ids=lambda step: step.id)
def test_a_step_is_made_once_holds_and_is_taken_back_whole(step: Step, door: Door, tmp_path: Path) -> None:
    before = _plan(door, step)
    assert before.to_make, "the bare account lacks it"
    journal, lines = open_journal(tmp_path, door.account.id, "one")
    hand = _hand(door)
    hand.check(before, lines)
    hand.apply(before, journal, lines)
    again = _plan(door, step)
    assert {each.standing for each in again.items} == {Standing.AS_WANTED}
    journal.close()
    journal, lines = open_journal(tmp_path, door.account.id, "one")
    hand.undo(journaled_items(lines), journal)
    journal.close()
    after: Any = [each.before for each in _plan(door, step).items]
    assert after == [each.before for each in before.items]


@pytest.mark.parametrize("step", steps().values(), ids=lambda step: step.id)
def test_a_step_calls_only_what_it_declares(step: Step, door: Door) -> None:
    for item in _plan(door, step).to_make:
        calls = [call for change in item.changes for call in (change.call, *change.undo)]
        assert {call.operation for call in calls} <= set(step.writes)
        assert all(change.undo or change.lasting for change in item.changes)


def test_a_step_names_rules_that_exist_and_has_its_title() -> None:
    known = open_rules().book.rules
    for step in steps().values():
        assert set(step.rules) <= known.keys()
        assert say(f"{step.texts}_title", "ja")
