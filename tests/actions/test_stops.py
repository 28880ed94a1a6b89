"""Every step, stopped at each of its calls, before it had its effect and after: the same run goes on and is taken back whole."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import pytest
from tests.actions.staging import Stage, now

from sakimori.actions.applying import Hand, journaled_items
from sakimori.actions.catalogue import every_step, steps
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Plan, Standing
from sakimori.actions.step import Step
from sakimori.aws.door import Answer, Door
from sakimori.model.errors import ActionError

_MOST: Final = 12
"""At about so many calls of one step a run is stopped, evenly chosen."""


class _StoppingDoor:
    """A door to the same account through which the writing call of a number is the last, made or not."""

    refusals = ()

    def __init__(self, door: Door, writes: tuple[str, ...], number: int, *, is_made: bool) -> None:
        self.account = door.account
        self._door, self._writes, self._left, self._is_made = door, writes, number, is_made

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        if operation in self._writes:
            self._left -= 1
            if self._left == 0:
                if self._is_made:
                    self._door.call(operation, region, parameters)
                raise KeyboardInterrupt
        return self._door.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        return self._door.pages(operation, region, parameters)


def _go(stage: Stage, door: Any, plan: Plan, run: str) -> None:
    journal, lines = open_journal(stage.place, plan.account, run)
    hand = Hand(door, every_step(), now, lambda *_: None, stage.wishes, sleep=lambda _seconds: None)
    try:
        hand.check(plan, lines)
        hand.apply(plan, journal, lines)
    finally:
        journal.close()


@pytest.mark.parametrize("step", steps().values(), ids=lambda step: step.id)
def test_a_step_that_was_stopped_at_any_call_goes_on_and_back(stage: Stage, step: Step) -> None:
    if step.id != "HB10":
        stage.apply(stage.plan(steps()["HB10"]), "the-archive-that-others-rest-on")
    before = [each.before for each in stage.plan(step).items]
    calls = sum(len(each.changes) for each in stage.plan(step).to_make)
    for number in range(1, calls + 1, 1 + calls // _MOST):
        for is_made in (True, False):
            plan, run = stage.plan(step), f"stop-{number}-{is_made}"
            # A call of one Region may spare another its own: then there are fewer than were planned.
            with suppress(KeyboardInterrupt):
                _go(stage, _StoppingDoor(stage.door, step.writes, number, is_made=is_made), plan, run)
                assert number > 1, "nothing was stopped"
            _go(stage, stage.door, plan, run)
            assert {each.standing for each in stage.plan(step).items} <= {Standing.AS_WANTED}, (number, is_made)
            journal, lines = open_journal(stage.place, plan.account, run)
            stage.hand().undo(journaled_items(lines), journal, lambda _name: True)
            journal.close()
            assert [each.before for each in stage.plan(step).items] == before, (number, is_made)


def test_what_somebody_made_stricter_while_a_run_was_stopped_is_not_made_weaker(stage: Stage) -> None:
    step = steps()["HB23"]
    plan = stage.plan(step)
    with pytest.raises(KeyboardInterrupt):
        _go(stage, _StoppingDoor(stage.door, step.writes, 1, is_made=False), plan, "stopped")
    stage.client("iam").update_account_password_policy(MinimumPasswordLength=64, MaxPasswordAge=30)
    with pytest.raises(ActionError, match="account_changed"):
        _go(stage, stage.door, plan, "stopped")
    assert stage.client("iam").get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 64
