"""Containment that is killed in the midst goes on where it stood, and is taken back whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from tests.actions.respond.test_compute_containment import arn, made_instance
from tests.actions.staging import HOME, WISHES, Stage

from sakimori.actions.applying import Hand
from sakimori.actions.catalogue import every_step
from sakimori.actions.journal import Entry, open_journal
from sakimori.actions.plan import Plan, Standing
from sakimori.actions.respond.contain import instance_isolated, user_denied
from sakimori.actions.step import Step
from sakimori.aws.door import Door

READS = ("Get", "Describe", "List")


class KilledError(BaseException):
    """The end of the process."""


@dataclass
class KillingDoor:
    """Passes calls on, and dies at the writing call of this number, before or after it had its effect."""

    door: Door
    number: int
    is_made: bool
    written: int = 0

    @property
    def account(self) -> Any:
        return self.door.account

    @property
    def refusals(self) -> Any:
        return self.door.refusals

    def call(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation.partition(":")[2].startswith(READS):
            return self.door.call(operation, region, parameters)
        self.written += 1
        answer: Mapping[str, Any] = {}
        if self.written != self.number or self.is_made:
            answer = self.door.call(operation, region, parameters)
        if self.written == self.number:
            raise KilledError
        return answer

    def pages(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        return self.door.pages(operation, region, parameters)


def killed(stage: Stage, plan: Plan, number: int, *, is_made: bool) -> None:
    journal, lines = open_journal(stage.place, plan.account, "run")
    door: Any = KillingDoor(stage.door, number, is_made)
    hand = Hand(door, every_step(), stage.hand().clock, lambda *_: None, stage.wishes, sleep=lambda _seconds: None)
    try:
        with pytest.raises(KilledError):
            hand.apply(plan, journal, lines)
    finally:
        journal.close()


def goes_on(stage: Stage, step: Step, place: tuple[str, str], number: int, *, is_made: bool) -> None:
    plan = stage.plan(step, place)
    killed(stage, plan, number, is_made=is_made)
    stage.apply(plan)
    assert stage.plan(step, place).items[0].standing is Standing.AS_WANTED
    journal, lines = open_journal(stage.place, plan.account, "run")
    journal.close()
    assert [line.kind for line in lines].count(Entry.SETTLED) == 1
    stage.undo()
    assert stage.plan(step, place).items[0].before == plan.items[0].before


@pytest.mark.parametrize("is_made", [False, True])
def test_a_user_is_denied_once_whenever_the_kill_comes(stage: Stage, *, is_made: bool) -> None:
    stage.client("iam").create_user(UserName="deploy")
    wishes = replace(WISHES, case="SKM-20261125-01", revoked_before="2026-11-20T00:00:00Z")
    place = "global", "arn:aws:iam::606060606060:user/deploy"
    goes_on(replace(stage, wishes=wishes), user_denied.STEP, place, 1, is_made=is_made)


@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize("number", range(1, 7))
def test_an_instance_is_isolated_once_whenever_the_kill_comes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, number: int, *, is_made: bool
) -> None:
    monkeypatch.setattr(NetworkInterface, "group_set", property(lambda self: self._group_set))
    place = HOME, arn("ec2", f"instance/{made_instance(stage)}")
    goes_on(stage, instance_isolated.STEP, place, number, is_made=is_made)
