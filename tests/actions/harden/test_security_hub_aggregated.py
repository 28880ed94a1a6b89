"""HB14-aggregator: one Region gathers, and an aggregator that gathers already is left where it is."""

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back, now

from sakimori.actions.harden.security_hub_aggregated import STEP
from sakimori.actions.harden.security_hub_on import STEP as HUB_STEP
from sakimori.actions.plan import Planning, Standing, make_plan
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered

_OTHER = REGIONS[1]


def _turn_on(stage: Stage, *regions: str) -> None:
    for region in regions:
        stage.client("securityhub", region).enable_security_hub(EnableDefaultStandards=False)


def test_it_is_made_in_the_home_region_and_deleted_again(stage: Stage) -> None:
    _turn_on(stage, *REGIONS)
    plan = holds_and_is_taken_back(stage, STEP)
    (change,) = plan.items[0].changes
    assert (change.call.operation, change.call.region) == ("securityhub:CreateFindingAggregator", HOME)
    assert change.call.parameters == {"RegionLinkingMode": "ALL_REGIONS"}


def test_one_that_links_nothing_elsewhere_is_made_to_link_all_from_its_own_region(stage: Stage) -> None:
    _turn_on(stage, *REGIONS)
    stage.client("securityhub", _OTHER).create_finding_aggregator(RegionLinkingMode="NO_REGIONS")
    plan = holds_and_is_taken_back(stage, STEP)
    (change,) = plan.items[0].changes
    assert (change.call.operation, change.call.region) == ("securityhub:UpdateFindingAggregator", _OTHER)


@pytest.mark.parametrize("mode", ["ALL_REGIONS", "SPECIFIED_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED"])
def test_one_that_gathers_is_left_alone_wherever_it_is(stage: Stage, mode: str) -> None:
    _turn_on(stage, _OTHER)
    regions = {} if mode == "ALL_REGIONS" else {"Regions": [HOME]}
    stage.client("securityhub", _OTHER).create_finding_aggregator(RegionLinkingMode=mode, **regions)
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_member_of_another_administrator_is_left_alone(stage: Stage) -> None:
    _turn_on(stage, HOME)
    stage.simulated.state.services.administrators["securityhub"] = "111122223333"
    (item,) = stage.plan(STEP).items
    assert (item.standing, item.reason) == (Standing.ADOPTED, "111122223333")


def test_alone_it_turns_security_hub_on_in_the_home_region_and_off_again(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    assert [(change.name, change.call.region) for change in plan.items[0].changes] == [
        ("hub", HOME),
        ("aggregator", HOME),
    ]


def test_a_hub_that_it_turned_on_stays_on_once_somebody_enabled_a_standard_in_it(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    client = stage.client("securityhub", HOME)
    arn = f"arn:aws:securityhub:{HOME}::standards/aws-foundational-security-best-practices/v/1.0.0"
    client.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": arn}])
    stage.undo()
    assert len(client.get_enabled_standards()["StandardsSubscriptions"]) == 1
    assert client.list_finding_aggregators()["FindingAggregators"] == []


def test_after_hb14_of_the_same_plan_it_finds_it_on_and_leaves_it_on(stage: Stage) -> None:
    plan = make_plan(
        stage.door, Planning(steps=(HUB_STEP, STEP), baseline="strict", made_at=now(), wishes=stage.wishes)
    )
    stage.apply(plan)
    made = [call.name for call in stage.simulated.calls if call.name == "securityhub:EnableSecurityHub"]
    assert len(made) == len(REGIONS)
    stage.simulated.forget_calls()
    stage.undo()
    undone = [
        call.name.partition(":")[2] for call in stage.simulated.calls if call.name in {*STEP.writes, *HUB_STEP.writes}
    ]
    assert undone[0] == "DeleteFindingAggregator"
    assert undone[1:] == ["BatchDisableStandards", "BatchDisableStandards", "DisableSecurityHub"] * len(REGIONS)


def test_one_that_was_moved_meanwhile_is_brought_back(stage: Stage) -> None:
    _turn_on(stage, *REGIONS)
    stage.client("securityhub", _OTHER).create_finding_aggregator(RegionLinkingMode="NO_REGIONS")
    before = stage.plan(STEP).items[0].before
    stage.apply(stage.plan(STEP))
    client = stage.client("securityhub", _OTHER)
    client.delete_finding_aggregator(FindingAggregatorArn=client.list_finding_aggregators()["FindingAggregators"][0]["FindingAggregatorArn"])  # fmt: skip
    stage.client("securityhub", HOME).create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    stage.undo()
    assert stage.plan(STEP).items[0].before == before


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region="global")
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, {"manager": "", "is_on": False, "aggregator": None})))
    assert f'region = "{HOME}"' in code
    assert 'linking_mode = "ALL_REGIONS"' in code
