from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.log_archive_bucket import STEP as BUCKET
from sakimori.actions.harden.vpc_flow_logs_on import STEP
from sakimori.actions.plan import Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.model.errors import ActionError

OURS = f"sakimori-logs-606060606060-{HOME}"


@pytest.fixture
def with_bucket(stage: Stage) -> Stage:
    stage.apply(stage.plan(BUCKET), "bucket")
    return stage


def _vpc(stage: Stage, region: str = HOME) -> str:
    [vpc] = stage.client("ec2", region).describe_vpcs()["Vpcs"]
    return vpc["VpcId"]


def _record(stage: Stage, region: str = HOME, **more: Any) -> None:
    asked = {"TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::their-logs", **more}
    bucket = str(asked["LogDestination"]).rpartition(":")[2]
    if bucket != OURS:
        stage.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    vpc = _vpc(stage, region)
    stage.client("ec2", region).create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", **asked)


def test_every_vpc_records_all_traffic_into_the_archive(with_bucket: Stage) -> None:
    with_bucket.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert [len(each.changes) for each in plan.to_make] == [2, 1]
    for change in (change for item in plan.to_make for change in item.changes):
        assert change.call.parameters["LogDestination"] == f"arn:aws:s3:::{OURS}"
        assert change.call.parameters["DestinationOptions"]["FileFormat"] == "parquet"
    assert [part.price for part in plan.to_make[0].cost.unknown] == ["flow_logs.gb"]


@pytest.mark.parametrize("kinds", [["ALL"], ["ACCEPT", "REJECT"]], ids="-".join)
def test_a_vpc_that_is_recorded_already_is_left(with_bucket: Stage, kinds: list[str]) -> None:
    for kind in kinds:
        _record(with_bucket, TrafficType=kind, LogDestination=f"arn:aws:s3:::their-{kind.lower()}")
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert [each.region for each in plan.to_make] == [REGIONS[1]]


@pytest.mark.parametrize(
    "there",
    [
        {"TrafficType": "ACCEPT"},
        {"TrafficType": "REJECT"},
        {
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": "gone",
            "DeliverLogsPermissionArn": "arn:aws:iam::1:role/x",
        },
    ],
    ids=["accepted only", "rejected only", "delivers nothing"],
)
def test_a_flow_log_that_does_not_serve_stays_and_gets_one_of_ours_beside_it(
    with_bucket: Stage, there: dict[str, Any]
) -> None:
    more = {**there, "LogDestination": None} if "LogGroupName" in there else there
    _record_as(with_bucket, more)
    plan = holds_and_is_taken_back(with_bucket, STEP)
    assert [each.region for each in plan.to_make] == list(REGIONS)


def _record_as(stage: Stage, more: dict[str, Any]) -> None:
    if "LogGroupName" in more:
        stage.client("ec2").create_flow_logs(
            ResourceIds=[_vpc(stage)], ResourceType="VPC", TrafficType="ALL",
            **{name: value for name, value in more.items() if value is not None},
        )  # fmt: skip
    else:
        _record(stage, **more)


def test_a_vpc_that_came_or_went_since_the_plan_does_not_stop_the_undo(with_bucket: Stage) -> None:
    ec2 = with_bucket.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    with_bucket.apply(with_bucket.plan(STEP))
    ec2.delete_vpc(VpcId=vpc)
    ec2.create_vpc(CidrBlock="10.8.0.0/16")
    assert len(_vpc_ids_with_logs(with_bucket)) == 2
    with_bucket.undo()
    assert _vpc_ids_with_logs(with_bucket) == {vpc}, "a VPC that is gone is nobody's business"


def test_a_flow_log_of_less_into_the_same_bucket_is_told_and_not_taken_for_the_one_that_is_made(
    with_bucket: Stage,
) -> None:
    _record(with_bucket, TrafficType="ACCEPT", LogDestination=f"arn:aws:s3:::{OURS}")
    plan = with_bucket.plan(STEP)
    [log] = with_bucket.client("ec2").describe_flow_logs()["FlowLogs"]
    [item, other] = plan.to_make
    assert [(each.text, each.values["log"]) for each in item.cautions] == [
        ("harden_record.hb21_in_the_way", log["FlowLogId"])
    ]
    assert other.cautions == ()
    with pytest.raises(ActionError) as caught:
        with_bucket.apply(plan)
    assert (caught.value.text, caught.value.values["code"]) == ("harden.refused", "FlowLogAlreadyExists")


def _vpc_ids_with_logs(stage: Stage) -> set[str]:
    return {each["ResourceId"] for each in stage.client("ec2").describe_flow_logs()["FlowLogs"]}


def test_an_answer_that_hides_a_failure_is_not_taken_for_success(stage: Stage) -> None:
    plan = stage.plan(STEP)
    assert {caution.text for item in plan.to_make for caution in item.cautions} == {"harden_record.archive_to_be_made"}
    with pytest.raises(ActionError) as caught:
        stage.apply(plan)
    assert caught.value.text == "harden.not_verified"


def test_nothing_is_sent_to_an_archive_that_others_manage(stage: Stage) -> None:
    stage.client("s3").create_bucket(
        Bucket="aws-controltower-logs-6", CreateBucketConfiguration={"LocationConstraint": HOME}
    )
    stage.client("cloudtrail").create_trail(Name="any", S3BucketName="aws-controltower-logs-6", IsMultiRegionTrail=True)
    plan = stage.plan(STEP)
    assert {each.standing for each in plan.items} == {Standing.BLOCKED}
    assert {caution.text for item in plan.items for caution in item.cautions} == {"harden_record.archive_of_others"}


def test_the_same_flow_logs_as_code(stage: Stage) -> None:
    item = stage.plan(STEP).to_make[0]
    assert STEP.terraform
    assert item.target
    code = rendered(STEP.terraform(Site(door=stage.door, region=item.region), item.target))
    assert 'file_format = "parquet"' in code


def test_the_home_region_may_be_another_one(stage: Stage) -> None:
    there = replace(stage, wishes=replace(stage.wishes, home_region=REGIONS[1]))
    [first, *_] = there.plan(STEP).to_make
    assert first.target
    assert first.target["archive"] == f"sakimori-logs-606060606060-{REGIONS[1]}"
