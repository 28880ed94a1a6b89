"""HB17: new volumes are encrypted, unless the key for it could not be used."""

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.harden.ebs_encrypted_by_default import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def _choose_key(stage: Stage) -> str:
    key = stage.client("kms").create_key()["KeyMetadata"]["KeyId"]
    stage.client("ec2").modify_ebs_default_kms_key_id(KmsKeyId=key)
    return key


@pytest.mark.parametrize("there", ["nothing", "half"])
def test_new_volumes_are_encrypted_everywhere_and_no_longer_after_an_undo(stage: Stage, there: str) -> None:
    if there == "half":
        stage.client("ec2", HOME).enable_ebs_encryption_by_default()
    plan = holds_and_is_taken_back(stage, STEP)
    assert {each.standing for each in plan.items if each.region == HOME} == {
        Standing.AS_WANTED if there == "half" else Standing.TO_MAKE
    }


def test_with_awss_own_key_the_plan_says_what_can_no_longer_be_shared(stage: Stage) -> None:
    assert [each.text for each in _item(stage).cautions] == ["harden_watch.hb17_shared"]


def test_with_a_key_of_the_account_the_plan_says_who_needs_it_and_the_key_stays(stage: Stage) -> None:
    key = _choose_key(stage)
    plan = holds_and_is_taken_back(stage, STEP)
    (caution,) = next(item for item in plan.items if item.region == HOME).cautions
    assert caution.text == "harden_watch.hb17_key_rights"
    assert key in caution.values["key"]
    assert key in stage.client("ec2").get_ebs_default_kms_key_id()["KmsKeyId"]


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_cannot_be_used_holds_the_step_back(stage: Stage, state: str) -> None:
    key, kms = _choose_key(stage), stage.client("kms")
    kms.disable_key(KeyId=key) if state == "Disabled" else kms.schedule_key_deletion(KeyId=key)
    item = _item(stage)
    assert (item.standing, item.cautions[0].values["state"]) == (Standing.BLOCKED, state)


def test_a_key_that_may_not_be_looked_at_is_said(stage: Stage) -> None:
    _choose_key(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="kms:DescribeKey"))
    assert [each.text for each in _item(stage).cautions] == ["harden.not_looked_at"]


def test_code_says_the_same(stage: Stage) -> None:
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(Site(door=stage.door, region=HOME), {"is_on": True}))
    assert 'resource "aws_ebs_encryption_by_default"' in code
