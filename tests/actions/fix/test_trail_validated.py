from typing import Any

from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.fix.trail_validated import STEP
from sakimori.actions.plan import Item, Standing

BUCKET = "trail-of-example"


def make_trail(stage: Stage, name: str = "all-events", **settings: Any) -> str:
    s3 = stage.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": HOME})
    made = stage.client("cloudtrail").create_trail(Name=name, S3BucketName=BUCKET, IsMultiRegionTrail=True, **settings)
    return str(made["TrailARN"])


def item_of(stage: Stage, arn: str) -> Item:
    (item,) = stage.plan(STEP, (HOME, arn)).items
    return item


def test_files_can_be_checked_and_no_longer_after_an_undo(stage: Stage) -> None:
    arn = make_trail(stage, S3KeyPrefix="kept")
    holds_and_is_taken_back(stage, STEP, (HOME, arn))
    assert stage.client("cloudtrail").get_trail(Name=arn)["Trail"]["S3KeyPrefix"] == "kept"


def test_a_trail_that_can_be_checked_or_is_gone_is_left_alone(stage: Stage) -> None:
    arn = make_trail(stage, EnableLogFileValidation=True)
    assert item_of(stage, arn).standing is Standing.AS_WANTED
    assert item_of(stage, f"{arn}-2").standing is Standing.AS_WANTED


def test_trails_of_landing_zones_and_of_the_management_account_are_theirs(stage: Stage) -> None:
    tower = item_of(stage, make_trail(stage, "aws-controltower-BaselineCloudTrail"))
    assert (tower.standing, tower.reason) == (Standing.ADOPTED, "AWS Control Tower")
    accelerator = item_of(stage, f"arn:aws:cloudtrail:{HOME}:606060606060:trail/AWSAccelerator-Trail")
    assert accelerator.reason == "Landing Zone Accelerator on AWS"
    organization = item_of(stage, f"arn:aws:cloudtrail:{HOME}:111122223333:trail/organization")
    assert (organization.standing, organization.reason) == (Standing.ADOPTED, "111122223333")
