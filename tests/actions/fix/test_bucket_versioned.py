import pytest
from tests.actions.fix.test_bucket_public_access_blocked import ARN, NAME, make_open_bucket
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.bucket_versioned import STEP
from sakimori.actions.plan import Standing


@pytest.mark.parametrize("there", ["never", "suspended"])
def test_versions_are_kept_and_no_more_are_made_after_an_undo(stage: Stage, there: str) -> None:
    make_open_bucket(stage)
    if there == "suspended":
        set_to(stage, "Enabled")
        set_to(stage, "Suspended")
    holds_and_is_taken_back(stage, STEP, (HOME, ARN))


def test_a_bucket_that_keeps_versions_is_left_alone(stage: Stage) -> None:
    make_open_bucket(stage)
    set_to(stage, "Enabled")
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    assert item.standing is Standing.AS_WANTED


def test_it_is_said_what_stays_and_what_old_versions_cost(stage: Stage) -> None:
    make_open_bucket(stage)
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    assert [each.text for each in item.cautions] == [
        "fix_data.bucket_versioned_lasting",
        "fix_data.bucket_versioned_cost",
    ]
    rule = {"ID": "old", "Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    stage.client("s3").put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": [rule]})
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    assert [each.text for each in item.cautions] == ["fix_data.bucket_versioned_lasting"]


def test_a_bucket_whose_versions_only_the_root_user_changes_is_held_back(stage: Stage) -> None:
    make_open_bucket(stage)
    set_to(stage, "Enabled")
    set_to(stage, "Suspended")
    stage.simulated.state.mfa_delete[NAME] = True
    (item,) = stage.plan(STEP, (HOME, ARN)).items
    assert item.standing is Standing.BLOCKED


def set_to(stage: Stage, status: str) -> None:
    stage.client("s3").put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": status})
