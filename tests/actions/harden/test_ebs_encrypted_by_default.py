import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.harden.ebs_encrypted_by_default import STEP
from sakimori.actions.plan import Standing


@pytest.mark.parametrize("there", ["nothing", "half"])
def test_new_volumes_are_encrypted_everywhere_and_no_longer_after_an_undo(stage: Stage, there: str) -> None:
    if there == "half":
        stage.client("ec2", HOME).enable_ebs_encryption_by_default()
    plan = holds_and_is_taken_back(stage, STEP)
    assert {each.standing for each in plan.items if each.region == HOME} == {
        Standing.AS_WANTED if there == "half" else Standing.TO_MAKE
    }
