"""An account that throttles, refuses in the middle, or answers nonsense: a run stops with a sentence or goes through, and goes on later."""

import pytest
from tests.actions.staging import Stage

from sakimori.actions.catalogue import steps
from sakimori.actions.plan import Standing
from sakimori.model.errors import ActionError
from sakimori.simulate.faults import Fault, Kind


def test_throttling_makes_a_run_slow_and_loses_nothing(stage: Stage) -> None:
    plan = stage.plan(steps()["HB24"])
    stage.simulated.faults.add(Fault(kind=Kind.THROTTLE, match="iam:*", calls_per_second=10))
    stage.apply(plan)
    stage.simulated.faults.clear()
    assert {each.standing for each in stage.plan(steps()["HB24"]).items} == {Standing.AS_WANTED}


@pytest.mark.parametrize("kind", [Kind.DENY, Kind.GARBAGE, Kind.ERROR])
@pytest.mark.parametrize(
    ("name", "refused"), [("HB24", "iam:CreateGroup"), ("HB28", "sns:Subscribe"), ("HB10", "s3:PutBucketPolicy")]
)
def test_what_is_refused_in_the_middle_stops_the_run_which_goes_on_or_back(
    stage: Stage, kind: Kind, name: str, refused: str
) -> None:
    step = steps()[name]
    before = stage.rows()
    plan = stage.plan(step)
    stage.simulated.faults.add(Fault(kind=kind, match=refused))
    with pytest.raises(ActionError) as caught:
        stage.apply(plan, "stopped")
    assert caught.value.values["step"] == name
    stage.simulated.faults.clear()
    stage.undo("stopped")
    assert stage.rows() == before
    stage.apply(stage.plan(step), "again")
    assert {each.standing for each in stage.plan(step).items} == {Standing.AS_WANTED}


def test_a_run_that_was_refused_goes_on_where_it_stopped(stage: Stage) -> None:
    step = steps()["HB24"]
    plan = stage.plan(step)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="iam:AttachGroupPolicy"))
    with pytest.raises(ActionError):
        stage.apply(plan)
    stage.simulated.faults.clear()
    stage.apply(plan)
    assert {each.standing for each in stage.plan(step).items} == {Standing.AS_WANTED}


def test_a_place_that_cannot_be_read_is_left_alone_and_the_others_are_planned(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:GetEbsEncryptionByDefault", regions="us-east-1"))
    found = {each.region: each.standing for each in stage.plan(steps()["HB17"]).items}
    assert found == {"ap-northeast-1": Standing.TO_MAKE, "us-east-1": Standing.UNREADABLE}
