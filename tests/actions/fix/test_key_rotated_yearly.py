import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.key_rotated_yearly import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.simulate.faults import Fault, Kind


def make_key(stage: Stage, region: str = HOME, **asked: str) -> str:
    return str(stage.client("kms", region).create_key(**asked)["KeyMetadata"]["Arn"])


def item_of(stage: Stage, arn: str, region: str = HOME) -> Item:
    (item,) = stage.plan(STEP, (region, arn)).items
    return item


@pytest.mark.parametrize("region", [HOME, "us-east-1"])
def test_the_key_is_rotated_and_no_longer_after_an_undo(stage: Stage, region: str) -> None:
    plan = holds_and_is_taken_back(stage, STEP, (region, make_key(stage, region)))
    assert plan.items[0].cost.usd_month == 1.0


def test_a_key_that_is_rotated_or_gone_is_left_alone(stage: Stage) -> None:
    arn = make_key(stage)
    stage.client("kms").enable_key_rotation(KeyId=arn)
    assert item_of(stage, arn).standing is Standing.AS_WANTED
    assert item_of(stage, f"{arn[:-12]}000000000000").standing is Standing.AS_WANTED


def test_a_key_that_is_switched_off_is_held_back(stage: Stage) -> None:
    arn = make_key(stage)
    stage.client("kms").disable_key(KeyId=arn.rpartition("/")[2])
    item = item_of(stage, arn)
    assert [each.text for each in item.cautions if each.blocks] == ["fix_data.key_rotated_yearly_state"]


def test_a_key_that_cannot_be_rotated_says_so(stage: Stage) -> None:
    arn = make_key(stage, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert item_of(stage, arn).reason == "kms:GetKeyRotationStatus: UnsupportedOperationException"


def test_a_key_that_could_not_be_looked_at_is_said(stage: Stage) -> None:
    arn = make_key(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="kms:DescribeKey"))
    assert [each.text for each in item_of(stage, arn).cautions] == ["harden.not_looked_at"]
