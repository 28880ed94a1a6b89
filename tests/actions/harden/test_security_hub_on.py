"""HB14: Security Hub is on with both standards; others' standards and others' hubs stay as they are."""

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.security_hub_aggregated import STEP as AGGREGATED
from sakimori.actions.harden.security_hub_on import STEP
from sakimori.actions.plan import Item, Plan, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind

_FSBP = "standards/aws-foundational-security-best-practices/v/1.0.0"
_CIS = "standards/cis-aws-foundations-benchmark/v/5.0.0"
_OLD_CIS = "ruleset/cis-aws-foundations-benchmark/v/1.2.0"


def _operations(plan: Plan, region: str = HOME) -> list[str]:
    return [
        change.call.operation.partition(":")[2]
        for item in plan.items
        if item.region == region
        for change in item.changes
    ]


def _home(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def _standards(stage: Stage) -> set[str]:
    told = stage.client("securityhub", HOME).get_enabled_standards()["StandardsSubscriptions"]
    return {each["StandardsArn"].rpartition(":")[2] for each in told}


def test_it_is_turned_on_everywhere_with_two_standards_and_off_again(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    for region in REGIONS:
        assert _operations(plan, region) == ["EnableSecurityHub", "BatchEnableStandards", "BatchEnableStandards"]
    assert plan.items[0].changes[0].call.parameters["EnableDefaultStandards"] is False


def test_what_is_missing_is_added_to_a_hub_that_is_there_and_the_rest_stays(stage: Stage) -> None:
    stage.client("securityhub", HOME).enable_security_hub()
    assert _standards(stage) == {_FSBP, _OLD_CIS}
    plan = holds_and_is_taken_back(stage, STEP)
    assert _operations(plan) == ["BatchEnableStandards"]
    assert _standards(stage) == {_FSBP, _OLD_CIS}
    stage.apply(stage.plan(STEP), "again")
    assert _standards(stage) == {_FSBP, _OLD_CIS, _CIS}


def test_a_hub_without_standards_gets_them_and_stays_on_after_the_undo(stage: Stage) -> None:
    stage.client("securityhub", HOME).enable_security_hub(EnableDefaultStandards=False)
    assert _operations(holds_and_is_taken_back(stage, STEP)) == ["BatchEnableStandards"] * 2
    assert _standards(stage) == set()


def test_standards_go_before_the_hub_because_a_hub_that_is_off_deletes_no_config_rules(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    stage.simulated.forget_calls()
    stage.undo()
    made = [call.name.partition(":")[2] for call in stage.simulated.calls if call.name in STEP.writes]
    assert made == ["BatchDisableStandards", "BatchDisableStandards", "DisableSecurityHub"] * len(REGIONS)


@pytest.mark.parametrize("manager", ["111122223333", "Security Hub central configuration"])
def test_what_an_administrator_or_central_configuration_manages_is_left_alone(stage: Stage, manager: str) -> None:
    for region in REGIONS:
        stage.client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)
    services = stage.simulated.state.services
    if manager.isdigit():
        services.administrators["securityhub"] = manager
    else:
        services.hub_configuration = "CENTRAL"
    plan = stage.plan(STEP)
    assert {(item.standing, item.reason) for item in plan.items} == {(Standing.ADOPTED, manager)}


def test_an_administrator_that_configures_locally_is_the_owner_of_its_own_hub(stage: Stage) -> None:
    stage.client("securityhub", HOME).enable_security_hub(EnableDefaultStandards=False)
    stage.simulated.state.services.hub_configuration = "LOCAL"
    assert _operations(stage.plan(STEP)) == ["BatchEnableStandards"] * 2


def test_a_hub_that_somebody_turned_off_is_no_hindrance_to_an_undo(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    stage.client("securityhub", HOME).disable_security_hub()
    stage.undo()
    assert {(item.before or {})["hub"] for item in stage.plan(STEP).items} == {None}


def test_the_plan_says_that_config_does_not_record_and_what_is_kept(stage: Stage) -> None:
    texts = [each.text for each in stage.plan(STEP).items[0].cautions]
    assert texts == ["harden_watch.hb14_kept", "harden_watch.hb14_unrecorded"]
    config = stage.client("config", HOME)
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::606060606060:role/config"})  # fmt: skip
    stage.client("s3", HOME).create_bucket(Bucket="config-of-test", CreateBucketConfiguration={"LocationConstraint": HOME})  # fmt: skip
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-of-test"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    stage.client("securityhub", HOME).enable_security_hub(EnableDefaultStandards=False)
    assert _home(stage).cautions == ()


def test_what_config_may_not_be_asked_is_said(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="config:DescribeConfigurationRecorderStatus"))
    texts = [each.text for each in stage.plan(STEP).items[0].cautions]
    assert texts == ["harden_watch.hb14_kept", "harden.not_looked_at"]


def test_a_standard_that_the_region_does_not_offer_is_not_asked_for(stage: Stage) -> None:
    stage.client("securityhub", HOME).enable_security_hub(EnableDefaultStandards=False)
    stage.simulated.state.services.standards_not_offered[HOME] = frozenset({_CIS})
    assert _operations(holds_and_is_taken_back(stage, STEP)) == ["BatchEnableStandards"]


def test_a_standard_that_is_enabled_and_does_not_work_is_told_with_the_reason(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    item = _home(stage)
    assert item.standing is Standing.AS_WANTED
    told = next(each.values for each in item.cautions if each.text == "harden_watch.hb14_broken")
    assert told == {
        "standard": "aws-foundational-security-best-practices 1.0.0", "status": "INCOMPLETE",
        "reason": "NO_AVAILABLE_CONFIGURATION_RECORDER",
    }  # fmt: skip


def test_what_its_calls_need_besides_is_named() -> None:
    assert {"securityhub:TagResource", "iam:CreateServiceLinkedRole"} <= set(STEP.permissions)
    assert AGGREGATED.permissions == STEP.permissions


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, {"manager": "", "hub": None})))
    assert f'"arn:aws:securityhub:{HOME}::{_CIS}"' in code
    assert code.count("depends_on = [aws_securityhub_account.security_hub_ap-northeast-1]") == 2
