from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.bedrock_logging_on import STEP
from sakimori.actions.harden.log_archive_bucket import STEP as BUCKET
from sakimori.actions.plan import Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.model.errors import ActionError
from sakimori.simulate.stand_ins.bedrock import note_invocation

OURS = f"sakimori-logs-606060606060-{HOME}"
OTHER = REGIONS[1]
GROUP = {"logGroupName": "/bedrock", "roleArn": "arn:aws:iam::606060606060:role/bedrock"}


@pytest.fixture
def with_bucket(stage: Stage) -> Stage:
    stage.apply(stage.plan(BUCKET), "bucket")
    return stage


def _log(stage: Stage, region: str = HOME, **config: Any) -> None:
    stage.client("bedrock", region).put_model_invocation_logging_configuration(loggingConfig=config)


def test_calls_are_logged_with_their_text_into_the_archive(with_bucket: Stage) -> None:
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert [each.region for each in plan.to_make] == [HOME]
    assert [caution.text for caution in plan.to_make[0].cautions] == ["harden_record.hb32_text"]
    assert plan.to_make[0].changes[0].call.not_yet == ("ValidationException",)
    with_bucket.apply(plan, "again")
    config = with_bucket.client("bedrock").get_model_invocation_logging_configuration()["loggingConfig"]
    assert (config["s3Config"]["bucketName"], config["textDataDeliveryEnabled"]) == (OURS, True)


def test_a_place_without_text_gets_the_text_and_loses_it_again(with_bucket: Stage) -> None:
    _log(with_bucket, cloudWatchConfig=GROUP, textDataDeliveryEnabled=False, imageDataDeliveryEnabled=False)
    plan = holds_and_is_taken_back(with_bucket, STEP)
    [item] = plan.to_make
    assert item.target
    assert item.target["logging"]["cloudWatchConfig"] == GROUP
    assert item.target["logging"]["imageDataDeliveryEnabled"] is False


def test_logging_that_is_there_is_left(with_bucket: Stage) -> None:
    for region in REGIONS:
        _log(with_bucket, region, cloudWatchConfig=GROUP, textDataDeliveryEnabled=True)
    assert {each.standing for each in with_bucket.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_region_without_the_archive_is_held_back_only_where_models_are_called(with_bucket: Stage) -> None:
    standings = {each.region: each.standing for each in with_bucket.plan(STEP).items}
    assert standings == {HOME: Standing.TO_MAKE, OTHER: Standing.AS_WANTED}
    note_invocation(with_bucket.simulated.state, OTHER, "anthropic.model")
    [held] = [each for each in with_bucket.plan(STEP).items if each.region == OTHER]
    assert held.standing is Standing.BLOCKED
    assert [caution.text for caution in held.cautions] == ["harden_record.hb32_far"]


def test_a_bucket_that_is_not_there_is_told_before_and_refused_by_bedrock(stage: Stage) -> None:
    plan = stage.plan(STEP)
    assert "harden_record.archive_to_be_made" in {caution.text for caution in plan.to_make[0].cautions}
    with pytest.raises(ActionError) as caught:
        stage.apply(plan)
    assert caught.value.values["code"] == "ValidationException"


def test_the_same_logging_as_code(stage: Stage) -> None:
    item = stage.plan(STEP).to_make[0]
    assert STEP.terraform
    assert item.target
    code = rendered(STEP.terraform(Site(door=stage.door, region=item.region), item.target))
    assert "text_data_delivery_enabled = true" in code
