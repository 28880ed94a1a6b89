"""HB13: GuardDuty is on everywhere, and what others manage or made stays theirs."""

from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.guardduty_on import STEP
from sakimori.actions.plan import Plan, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered

_NAMED = ("EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "S3_DATA_EVENTS")


_FEATURE_PRICES = {
    "guardduty.s3_data_events", "guardduty.eks_audit_logs", "guardduty.malware_gb", "guardduty.database_units",
    "guardduty.lambda_gb",
}  # fmt: skip


def _detector(stage: Stage, **changed: Any) -> str:
    asked: dict[str, Any] = {"Enable": True, **changed}
    return stage.client("guardduty", HOME).create_detector(**asked)["DetectorId"]


def _calls(plan: Plan, region: str) -> list[str]:
    return [change.call.operation for item in plan.items if item.region == region for change in item.changes]


def test_it_is_turned_on_in_every_region_with_its_features_named_and_deleted_again(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    assert {region: _calls(plan, region) for region in REGIONS} == {
        each: ["guardduty:CreateDetector"] for each in REGIONS
    }
    (change,) = plan.items[0].changes
    assert [each["Name"] for each in change.call.parameters["Features"]] == list(_NAMED)
    assert {each["Status"] for each in change.call.parameters["Features"]} == {"ENABLED"}


def test_a_suspended_detector_goes_on_and_is_suspended_again(stage: Stage) -> None:
    _detector(stage, Enable=False, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}])
    plan = holds_and_is_taken_back(stage, STEP)
    assert _calls(plan, HOME) == ["guardduty:UpdateDetector"] * 2
    assert [change.name for change in plan.items[0].changes] == ["status", "features"], (
        "what is suspended is woken first"
    )


def test_on_the_way_back_features_go_before_the_detector_is_suspended(stage: Stage) -> None:
    _detector(stage, Enable=False, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}])
    before = stage.plan(STEP).items[0].before
    stage.apply(stage.plan(STEP))
    site = Site(door=stage.door, region=HOME)
    assert before is not None
    assert [change.name for change in STEP.towards(site, STEP.read(site), before)] == ["features", "status"]


def test_missing_features_are_turned_on_and_the_rest_of_the_detector_stays(stage: Stage) -> None:
    off = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")
    identity = _detector(stage, FindingPublishingFrequency="SIX_HOURS", Features=[{"Name": each, "Status": "DISABLED"} for each in off])  # fmt: skip
    plan = holds_and_is_taken_back(stage, STEP)
    (change,) = next(item for item in plan.items if item.region == HOME).changes
    assert change.call.parameters == {
        "DetectorId": identity, "Features": [{"Name": each, "Status": "ENABLED"} for each in sorted(off)],
    }  # fmt: skip
    told = stage.client("guardduty", HOME).get_detector(DetectorId=identity)
    assert told["FindingPublishingFrequency"] == "SIX_HOURS"


def test_runtime_monitoring_is_neither_turned_on_nor_off(stage: Stage) -> None:
    identity = _detector(stage, Features=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}])
    assert {item.standing for item in stage.plan(STEP).items if item.region == HOME} == {Standing.AS_WANTED}
    stage.apply(stage.plan(STEP))
    features = stage.client("guardduty", HOME).get_detector(DetectorId=identity)["Features"]
    assert next(each["Status"] for each in features if each["Name"] == "RUNTIME_MONITORING") == "ENABLED"


def test_a_member_of_another_administrator_is_left_alone(stage: Stage) -> None:
    _detector(stage, Enable=False)
    stage.client("guardduty", HOME).enable_organization_admin_account(AdminAccountId="111122223333")
    (item,) = (item for item in stage.plan(STEP).items if item.region == HOME)
    assert (item.standing, item.reason, item.changes) == (Standing.ADOPTED, "111122223333", ())


def test_an_undo_that_throws_findings_away_asks_for_a_name_and_one_without_findings_does_not(stage: Stage) -> None:
    plan = stage.plan(STEP)
    stage.apply(plan)
    item = next(each for each in plan.items if each.region == HOME)
    assert stage.hand().loses(item) == ""
    client = stage.client("guardduty", HOME)
    client.create_sample_findings(DetectorId=client.list_detectors()["DetectorIds"][0])
    assert stage.hand().loses(item) == "guardduty"
    stage.undo()
    assert client.list_detectors()["DetectorIds"] == []


def test_a_finding_that_comes_while_a_plan_is_read_leaves_the_plan_as_it_is(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    client = stage.client("guardduty", HOME)
    identity = client.list_detectors()["DetectorIds"][0]
    client.update_detector(DetectorId=identity, Enable=False)
    plan = stage.plan(STEP)
    client.create_sample_findings(DetectorId=identity)
    stage.apply(plan, "again")
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_an_undo_goes_on_where_only_half_was_taken_back(stage: Stage) -> None:
    identity = _detector(stage, Enable=False, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}])
    before = stage.plan(STEP).items[0].before
    stage.apply(stage.plan(STEP))
    stage.client("guardduty", HOME).update_detector(DetectorId=identity, Enable=False)
    stage.undo()
    assert stage.plan(STEP).items[0].before == before


def test_a_region_that_does_not_offer_a_feature_is_not_asked_for_it(stage: Stage) -> None:
    nowhere = {"administrator": "", "detector": None}
    target = STEP.wanted(Site(door=stage.door, region="ap-east-2"), nowhere)
    assert "RDS_LOGIN_EVENTS" not in target["detector"]["features"]


@pytest.mark.parametrize(
    ("detector", "priced"),
    [
        (None, {"guardduty.management_events", "guardduty.flow_and_dns_gb", *_FEATURE_PRICES}),
        ({"is_on": True, "features": {"S3_DATA_EVENTS": "DISABLED"}}, {"guardduty.s3_data_events"}),
        (
            {"is_on": True, "features": {"S3_DATA_EVENTS": "ENABLED", "RDS_LOGIN_EVENTS": "DISABLED"}},
            {"guardduty.database_units"},
        ),
    ],
)
def test_it_costs_what_it_adds(stage: Stage, detector: Any, priced: set[str]) -> None:
    site = Site(door=stage.door, region=HOME)
    found = STEP.costs(site, {"administrator": "", "detector": detector})
    assert {each.price for each in found} == priced


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, {"administrator": "", "detector": None})))
    assert code.count("aws_guardduty_detector_feature") == len(_NAMED)
    assert "detector_id = aws_guardduty_detector.guardduty_ap-northeast-1.id" in code
