import json
from typing import Any

import pytest
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.harden import trail_recording
from sakimori.actions.harden.log_archive_bucket import STEP as BUCKET
from sakimori.actions.harden.trail_recording import STEP
from sakimori.actions.plan import Standing
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

OURS = f"sakimori-logs-606060606060-{HOME}"
ELSEWHERE = "us-east-1"
DATA = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::payroll/"]}


def _make_bucket(stage: Stage, name: str = "their-trail") -> None:
    stage.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
    statement = {
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{name}/*", "Condition": {"StringEquals": {"aws:SourceAccount": "606060606060"}},
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stage.client("s3").put_bucket_policy(Bucket=name, Policy=policy)


def _make_trail(stage: Stage, name: str = "theirs", region: str = HOME, *, starts: bool = True, **more: Any) -> Any:
    _make_bucket(stage, f"bucket-of-{name.lower()}")
    trail = stage.client("cloudtrail", region)
    settings = {"IsMultiRegionTrail": True, "EnableLogFileValidation": True, "IncludeGlobalServiceEvents": True}
    trail.create_trail(Name=name, S3BucketName=f"bucket-of-{name.lower()}", **{**settings, **more})
    if starts:
        trail.start_logging(Name=name)
    return trail


def _planned(stage: Stage) -> set[str]:
    [item] = stage.plan(STEP).items
    return {change.call.operation.partition(":")[2] for change in item.changes}


def test_a_trail_is_made_where_there_is_none_and_delivers(stage: Stage) -> None:
    stage.apply(stage.plan(BUCKET), "bucket")
    plan = holds_and_is_taken_back(stage, STEP)
    assert plan.to_make[0].cautions == ()
    stage.apply(plan, "again")
    status = stage.client("cloudtrail").get_trail_status(Name="sakimori-trail")
    assert status["IsLogging"]
    assert "LatestDeliveryError" not in status


def test_the_plan_is_made_before_the_bucket_is_there_and_still_fits_afterwards(stage: Stage) -> None:
    plan = stage.plan(STEP)
    assert [caution.text for caution in plan.to_make[0].cautions] == ["harden_record.archive_to_be_made"]
    assert plan.to_make[0].changes[0].call.parameters["S3BucketName"] == OURS
    stage.apply(stage.plan(BUCKET), "bucket")
    stage.apply(plan)
    assert {each.standing for each in stage.plan(STEP).items} == {Standing.AS_WANTED}
    assert {each.standing for each in stage.plan(BUCKET).items} == {Standing.AS_WANTED}


def test_a_trail_that_records_is_adopted_whatever_its_name_and_home(stage: Stage) -> None:
    _make_trail(stage, "securiry-hands-on-cloudtrail", ELSEWHERE)
    [item] = stage.plan(STEP).items
    assert item.standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    ("there", "calls"),
    [
        ({"starts": False}, {"StartLogging"}),
        ({"EnableLogFileValidation": False}, {"UpdateTrail"}),
        ({"IsMultiRegionTrail": False, "region": ELSEWHERE}, {"UpdateTrail"}),
        (
            {"IncludeGlobalServiceEvents": False, "IsMultiRegionTrail": False, "starts": False},
            {"UpdateTrail", "StartLogging"},
        ),
    ],
    ids=["stopped", "without digests", "of one Region", "half"],
)
def test_a_trail_that_lacks_something_is_completed_and_comes_back_as_it_was(
    stage: Stage, there: dict[str, Any], calls: set[str]
) -> None:
    _make_trail(stage, **there)
    assert _planned(stage) == calls
    holds_and_is_taken_back(stage, STEP)


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": [DATA]}]},
        {"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
        {
            "AdvancedEventSelectors": [
                {
                    "Name": "writes of payroll",
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    ],
                }
            ]
        },
    ],
    ids=["reads only", "without KMS", "data events only"],
)
def test_a_trail_that_leaves_out_events_records_them_and_its_data_events_stay(
    stage: Stage, selectors: dict[str, Any]
) -> None:
    trail = _make_trail(stage)
    trail.put_event_selectors(TrailName="theirs", **selectors)
    plan = holds_and_is_taken_back(stage, STEP)
    assert "harden_record.hb11_more_events" in {caution.text for caution in plan.to_make[0].cautions}
    stage.apply(plan, "again")
    after = json.dumps(trail.get_event_selectors(TrailName="theirs"), default=str)
    assert ("payroll" in after) == ("payroll" in json.dumps(selectors))


def test_data_events_keep_their_kind_when_management_events_are_completed(stage: Stage) -> None:
    trail = _make_trail(stage)
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [DATA]}
    trail.put_event_selectors(TrailName="theirs", EventSelectors=[selector])
    stage.apply(stage.plan(STEP))
    found = trail.get_event_selectors(TrailName="theirs")["EventSelectors"]
    [data] = [each for each in found if each.get("DataResources")]
    assert (data["ReadWriteType"], data["IncludeManagementEvents"]) == ("WriteOnly", False)


_OTHERS = [("aws-controltower-BaselineCloudTrail", {}), ("whole-organisation", {"IsOrganizationTrail": True})]


@pytest.mark.parametrize(("name", "more"), _OTHERS)
def test_trails_of_others_that_record_are_adopted_and_never_altered(
    stage: Stage, name: str, more: dict[str, Any]
) -> None:
    _make_trail(stage, name, EnableLogFileValidation=False, **more)
    [item] = stage.plan(STEP).items
    assert item.standing is Standing.ADOPTED
    assert name in item.reason or item.reason == "AWS Control Tower"
    assert item.cautions == ()


@pytest.mark.parametrize(("name", "more"), _OTHERS)
@pytest.mark.parametrize("lack", ["stopped", "in_part"])
def test_trails_of_others_that_do_not_record_all_serve_nobody_and_are_told(
    stage: Stage, name: str, more: dict[str, Any], lack: str
) -> None:
    trail = _make_trail(stage, name, starts=lack == "in_part", **more)
    if lack == "in_part":
        trail.put_event_selectors(TrailName=name, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    [item] = stage.plan(STEP).items
    assert {change.call.parameters["Name"] for change in item.changes if "Name" in change.call.parameters} == {
        "sakimori-trail"
    }
    assert (f"harden_record.hb11_managed_{lack}", name) in {
        (each.text, each.values.get("name")) for each in item.cautions
    }
    prices = [part.price for part in item.cost.parts]
    assert ("cloudtrail.extra_management_events" in prices) == (lack == "in_part")


def test_a_trail_is_made_beside_a_stopped_one_of_others_and_taken_back(stage: Stage) -> None:
    _make_trail(stage, "whole-organisation", starts=False, IsOrganizationTrail=True)
    holds_and_is_taken_back(stage, STEP)


def test_a_stopped_trail_of_others_does_not_hide_one_of_the_account_that_can_be_completed(stage: Stage) -> None:
    _make_trail(stage, "whole-organisation", starts=False, IsOrganizationTrail=True)
    _make_trail(stage, "theirs", starts=False)
    [item] = stage.plan(STEP).to_make
    assert {(change.call.operation, change.call.parameters["Name"]) for change in item.changes} == {
        ("cloudtrail:StartLogging", "theirs")
    }
    assert [each.text for each in item.cautions] == ["harden_record.hb11_managed_stopped"]


def test_a_trail_of_others_that_cannot_be_looked_at_is_no_proof_that_all_is_recorded(stage: Stage) -> None:
    _make_trail(stage, "whole-organisation", IsOrganizationTrail=True)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="cloudtrail:GetTrailStatus"))
    [item] = stage.plan(STEP).items
    assert (item.standing, [each.text for each in item.cautions]) == (
        Standing.ADOPTED, ["harden_record.hb11_managed_unknown"],
    )  # fmt: skip


def test_a_trail_of_the_account_that_records_all_goes_before_one_that_cannot_be_looked_at() -> None:
    whole = {
        "name": "theirs", "home": HOME, "manager": "", "is_multi_region": True, "is_validated": True,
        "is_logging": True, "selectors": {"basic": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
        "is_lost": False,
    }  # fmt: skip
    unknown = {**whole, "name": "a", "manager": "any", "is_logging": None, "selectors": None}
    stopped = {**whole, "is_logging": False}
    assert sorted([unknown, stopped, whole], key=trail_recording._rank) == [whole, unknown, stopped]


def test_a_trail_of_the_account_that_delivers_to_a_bucket_of_strangers_is_told(stage: Stage) -> None:
    trail = _make_trail(stage)
    with SimulatedAccount(account_id="707070707070") as other:
        other.client("s3").create_bucket(Bucket="strangers")
        trail.update_trail(Name="theirs", S3BucketName="strangers")
        [item] = stage.plan(STEP).items
    assert item.standing is Standing.AS_WANTED
    assert ("harden_record.logs_leave", "strangers") in {
        (each.text, each.values.get("bucket")) for each in item.cautions
    }


def test_a_trail_with_no_room_for_another_selector_is_told(stage: Stage) -> None:
    data = {"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": [DATA]}
    _make_trail(stage).put_event_selectors(TrailName="theirs", EventSelectors=[data] * 5)
    [item] = stage.plan(STEP).items
    assert [each.text for each in item.cautions] == ["harden_record.hb11_in_part"]


def test_a_trail_is_made_as_soon_as_aws_sees_the_policy_of_its_bucket(stage: Stage) -> None:
    stage.apply(stage.plan(BUCKET), "bucket")
    [item] = stage.plan(STEP).to_make
    assert "InsufficientS3BucketPolicyException" in item.changes[0].call.not_yet


def test_a_trail_of_ours_that_works_goes_before_one_of_others_that_is_stopped(stage: Stage) -> None:
    _make_trail(stage, "aws-controltower-BaselineCloudTrail", starts=False)
    _make_trail(stage, "theirs")
    [item] = stage.plan(STEP).items
    assert item.standing is Standing.AS_WANTED


def test_no_second_trail_is_made_beside_one_that_can_be_completed(stage: Stage) -> None:
    _make_trail(stage, "data", IsMultiRegionTrail=False)
    _make_trail(stage, "whole", starts=False)
    [item] = stage.plan(STEP).to_make
    assert {change.call.parameters["Name"] for change in item.changes} == {"whole"}
    assert [part.price for part in item.cost.parts] == ["cloudtrail.extra_management_events"]


def test_a_trail_whose_bucket_is_gone_delivers_to_the_archive(stage: Stage) -> None:
    _make_trail(stage)
    stage.client("s3").delete_bucket(Bucket="bucket-of-theirs")
    stage.apply(stage.plan(BUCKET), "bucket")
    plan = stage.plan(STEP)
    [change] = plan.to_make[0].changes
    assert change.call.parameters == {"Name": "theirs", "S3BucketName": OURS}
    assert change.lasting
    stage.apply(plan)
    assert "LatestDeliveryError" not in stage.client("cloudtrail").get_trail_status(Name="theirs")
    stage.undo()
    [trail] = stage.client("cloudtrail").describe_trails()["trailList"]
    assert trail["S3BucketName"] == OURS, "there is no way back to a bucket that is gone"


def test_a_trail_that_does_not_deliver_is_told(stage: Stage) -> None:
    _make_trail(stage, EnableLogFileValidation=False)
    stage.client("s3").delete_bucket_policy(Bucket="bucket-of-theirs")
    [item] = stage.plan(STEP).to_make
    assert [(each.text, each.values["error"]) for each in item.cautions] == [
        ("harden_record.hb11_not_delivered", "AccessDenied")
    ]
    stage.apply(stage.plan(BUCKET), "bucket")
    assert not stage.plan(STEP).to_make[0].cautions, "HB10 mends it"


def test_the_same_trail_as_code(stage: Stage) -> None:
    [item] = stage.plan(STEP).to_make
    assert STEP.terraform
    assert item.target
    assert "is_multi_region_trail = true" in rendered(STEP.terraform(None, item.target))  # type: ignore[arg-type]


def test_no_code_is_written_of_a_trail_of_somebody_else(stage: Stage) -> None:
    _make_trail(stage, starts=False)
    [item] = stage.plan(STEP).to_make
    assert STEP.terraform
    assert item.target
    assert not STEP.terraform(None, item.target)  # type: ignore[arg-type]
