from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.config_recorder_on import STEP
from sakimori.actions.harden.log_archive_bucket import STEP as BUCKET
from sakimori.actions.plan import Standing
from sakimori.actions.site import Site, Volume, Volumes
from sakimori.actions.terraform import rendered
from sakimori.simulate.server import SimulatedAccount

OURS = f"sakimori-logs-606060606060-{HOME}"
OTHER = REGIONS[1]
ROLE = "arn:aws:iam::606060606060:role/config"


@pytest.fixture
def with_bucket(stage: Stage) -> Stage:
    stage.apply(stage.plan(BUCKET), "bucket")
    return stage


def _record(stage: Stage, region: str = HOME, name: str = "default", *, starts: bool = True, **group: Any) -> Any:
    config = stage.client("config", region)
    recorder = {"name": name, "roleARN": ROLE, "recordingGroup": group or {"allSupported": True}}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": OURS})
    if starts:
        config.start_configuration_recorder(ConfigurationRecorderName=name)
    return config


def test_every_region_gets_a_recorder_and_only_the_home_region_records_users_and_roles(with_bucket: Stage) -> None:
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert {each.region for each in plan.to_make} == set(REGIONS)
    with_bucket.apply(plan, "again")
    for region in REGIONS:
        [recorder] = with_bucket.client("config", region).describe_configuration_recorders()["ConfigurationRecorders"]
        assert recorder["recordingGroup"]["allSupported"]
        assert recorder["recordingGroup"]["includeGlobalResourceTypes"] == (region == HOME)
        [status] = with_bucket.client("config", region).describe_configuration_recorder_status()[
            "ConfigurationRecordersStatus"
        ]
        assert status["recording"]


def test_the_role_that_a_region_before_made_does_not_stop_the_next_one(with_bucket: Stage) -> None:
    plan = with_bucket.plan(STEP)
    assert [item.changes[0].name for item in plan.to_make] == ["role", "role"]
    with_bucket.client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    with_bucket.apply(plan)
    assert {each.standing for each in with_bucket.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_region_that_is_made_does_not_change_what_the_plan_saw_of_the_next(with_bucket: Stage) -> None:
    plan = with_bucket.plan(STEP)
    first, second = (replace(plan, items=(item,)) for item in plan.items)
    with_bucket.apply(first, "first")
    with_bucket.hand().check(second, ())
    assert [each.before for each in with_bucket.plan(STEP).items if each.region == OTHER] == [second.items[0].before]


def _stop(stage: Stage, region: str, name: str) -> None:
    stage.client("config", region).stop_configuration_recorder(ConfigurationRecorderName=name)


def test_a_recorder_that_is_stopped_is_started_and_stopped_again(with_bucket: Stage) -> None:
    for region in REGIONS:
        _record(with_bucket, region)
        with_bucket.client("config", region).describe_configuration_recorder_status()
        _stop(with_bucket, region, "default")
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert {change.call.operation for item in plan.to_make for change in item.changes} == {
        "config:StartConfigurationRecorder"
    }


def test_a_recorder_without_a_channel_gets_one_for_as_long_as_it_lasts(with_bucket: Stage) -> None:
    config = _record(with_bucket, HOME, "theirs")
    config.describe_configuration_recorder_status()
    _stop(with_bucket, HOME, "theirs")
    config.delete_delivery_channel(DeliveryChannelName="default")
    holds_and_is_taken_back(with_bucket, STEP)
    assert not config.describe_delivery_channels()["DeliveryChannels"]


def _told(stage: Stage, region: str = HOME) -> set[str]:
    [item] = [each for each in stage.plan(STEP).items if each.region == region]
    return {caution.text.removeprefix("harden_record.hb12_") for caution in item.cautions}


def test_what_a_recorder_of_the_account_leaves_out_stays_its_owners_choice_and_is_told(with_bucket: Stage) -> None:
    for region in REGIONS:
        _record(with_bucket, region, "theirs", allSupported=False, resourceTypes=["AWS::EC2::Instance"])
    assert {each.standing for each in with_bucket.plan(STEP).items} == {Standing.AS_WANTED}
    assert (_told(with_bucket), _told(with_bucket, OTHER)) == ({"in_part", "no_global"}, {"in_part"})


def test_a_recorder_of_all_types_with_a_bucket_of_the_account_has_no_fault(with_bucket: Stage) -> None:
    _record(with_bucket, allSupported=True, includeGlobalResourceTypes=True)
    _record(with_bucket, OTHER)
    assert (_told(with_bucket), _told(with_bucket, OTHER)) == (set(), set())


@pytest.mark.parametrize(
    ("left_out", "faults"), [("AWS::EC2::VPC", {"in_part"}), ("AWS::IAM::User", {"in_part", "no_global"})]
)
def test_types_that_are_excluded_are_told(with_bucket: Stage, left_out: str, faults: set[str]) -> None:
    _record(
        with_bucket, allSupported=False, exclusionByResourceTypes={"resourceTypes": [left_out]},
        recordingStrategy={"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    )  # fmt: skip
    assert _told(with_bucket) == faults


def test_a_channel_into_a_bucket_that_is_gone_is_told_with_what_fails(with_bucket: Stage) -> None:
    with_bucket.client("s3").create_bucket(Bucket="soon-gone", CreateBucketConfiguration={"LocationConstraint": HOME})
    config = _record(with_bucket, allSupported=True, includeGlobalResourceTypes=True)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "soon-gone"})
    with_bucket.client("s3").delete_bucket(Bucket="soon-gone")
    assert _told(with_bucket) == {"bucket_gone", "failed"}


def test_a_channel_into_a_bucket_of_strangers_is_told(with_bucket: Stage) -> None:
    config = _record(with_bucket, allSupported=True, includeGlobalResourceTypes=True)
    with SimulatedAccount(account_id="707070707070") as other:
        other.client("s3").create_bucket(Bucket="strangers")
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "strangers"})
        told = _told(with_bucket)
    assert "harden_record.logs_leave" in told


def test_a_recorder_of_a_landing_zone_is_left_to_it_and_told_when_it_is_stopped(with_bucket: Stage) -> None:
    _record(with_bucket, HOME, "aws-controltower-BaselineConfigRecorder", starts=False)
    standings = {each.region: (each.standing, each.reason) for each in with_bucket.plan(STEP).items}
    assert standings[HOME] == (Standing.ADOPTED, "AWS Control Tower")
    assert standings[OTHER][0] is Standing.TO_MAKE
    assert "managed_stopped" in _told(with_bucket)


def test_calls_are_made_again_while_aws_does_not_see_the_role_and_the_policy_yet(with_bucket: Stage) -> None:
    [item, *_] = with_bucket.plan(STEP).to_make
    not_yet = {change.name: change.call.not_yet for change in item.changes}
    assert "InvalidRoleException" in not_yet["recorder"]
    assert "InsufficientDeliveryPolicyException" in not_yet["channel"]


def test_no_code_is_written_of_a_recorder_of_somebody_else(with_bucket: Stage) -> None:
    _record(with_bucket, starts=False)
    item = with_bucket.plan(STEP).to_make[0]
    assert STEP.terraform
    assert item.target
    assert not STEP.terraform(Site(door=with_bucket.door, region=HOME), item.target)


def test_users_and_roles_are_not_recorded_twice_where_another_region_does_already(with_bucket: Stage) -> None:
    _record(with_bucket, OTHER, allSupported=True, includeGlobalResourceTypes=True)
    [item] = with_bucket.plan(STEP).to_make
    [recorder] = [
        change.call.parameters["ConfigurationRecorder"] for change in item.changes if change.name == "recorder"
    ]
    assert recorder["recordingGroup"]["includeGlobalResourceTypes"] is False


def test_the_channel_goes_where_the_archive_will_be(stage: Stage) -> None:
    for item in stage.plan(STEP).to_make:
        [channel] = [change.call.parameters for change in item.changes if change.name == "channel"]
        assert channel["DeliveryChannel"]["s3BucketName"] == OURS
        assert [caution.text for caution in item.cautions] == ["harden_record.archive_to_be_made"]


def test_the_cost_goes_by_the_changes_of_the_region(stage: Stage) -> None:
    volumes = Volumes({(Volume.WRITE_EVENTS, HOME): 1200.0})
    site = Site(door=stage.door, region=HOME, volumes=volumes)
    assert [(each.price, each.count) for each in STEP.costs(site, {})] == [("config.items", 1200.0)]


def test_the_same_recorder_as_code(stage: Stage) -> None:
    item = stage.plan(STEP).to_make[0]
    assert STEP.terraform
    assert item.target
    code = rendered(STEP.terraform(Site(door=stage.door, region=item.region), item.target))
    assert "aws_config_configuration_recorder_status" in code
