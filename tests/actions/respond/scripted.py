"""A door to an account of one resource, for services that the simulated account lacks: it answers as it is told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.actions.staging import Stage

from sakimori.actions.plan import Standing
from sakimori.actions.step import Step
from sakimori.actions.wishes import Wishes
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.words import GapKind

REGION = "us-east-1"
Answering = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class ScriptedDoor:
    """Answers each operation by its function; any other is refused."""

    answers: Mapping[str, Answering]
    asked: list[str] = field(default_factory=list[str])
    refusals = ()
    account = Account(id="111122223333", partition="aws", regions=(REGION,), selected=(REGION,))

    def call(self, operation: str, _region: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(operation)
        if operation not in self.answers:
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")
        return self.answers[operation](parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)


def stage_of(door: ScriptedDoor, place: Path, wishes: Wishes) -> Stage:
    """A stage of that door alone."""
    return Stage(None, door, place, wishes)  # type: ignore[arg-type]


def is_made_and_taken_back(stage: Stage, step: Step, resource: str, region: str = REGION) -> None:
    """Made once by the declared calls, made a second time by none, and taken back to what was there."""
    door: Any = stage.door
    plan = stage.plan(step, (region, resource))
    (item,) = plan.items
    assert item.standing is Standing.TO_MAKE, (item.standing, item.reason, item.cautions)
    stage.apply(plan)
    assert set(door.asked) <= {*step.reads, *step.writes}
    (again,) = stage.plan(step, (region, resource)).items
    assert again.standing is Standing.AS_WANTED
    stage.undo()
    (back,) = stage.plan(step, (region, resource)).items
    assert back.before == item.before
