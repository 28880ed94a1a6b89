"""HB15: one analyzer for external access works in each Region, whoever made it."""

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.access_analyzer_on import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.state import Analyzer


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def test_it_is_made_in_every_region_and_deleted_again(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    assert {item.region for item in plan.to_make} == set(REGIONS)


def test_an_analyzer_of_another_name_serves(stage: Stage) -> None:
    stage.client("accessanalyzer").create_analyzer(analyzerName="made-by-hand", type="ACCOUNT")
    plan = holds_and_is_taken_back(stage, STEP)
    assert {item.region for item in plan.to_make} == set(REGIONS) - {HOME}
    assert [each["name"] for each in stage.client("accessanalyzer").list_analyzers()["analyzers"]] == ["made-by-hand"]


def test_an_analyzer_of_the_organisation_serves(stage: Stage) -> None:
    _put(stage, "ORGANIZATION", "ACTIVE")
    assert _item(stage).standing is Standing.AS_WANTED


def test_one_for_unused_access_is_something_else(stage: Stage) -> None:
    stage.client("accessanalyzer").create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")
    holds_and_is_taken_back(stage, STEP)
    assert [each["name"] for each in stage.client("accessanalyzer").list_analyzers()["analyzers"]] == ["unused"]


@pytest.mark.parametrize("status", ["DISABLED", "FAILED"])
def test_one_of_the_account_that_does_not_work_is_for_its_owner_to_look_at(stage: Stage, status: str) -> None:
    _put(stage, "ACCOUNT", status)
    item = _item(stage)
    assert item.standing is Standing.BLOCKED
    assert item.cautions[0].values == {"names": ["theirs"]}


@pytest.mark.parametrize("status", ["DISABLED", "FAILED"])
def test_one_of_ours_that_does_not_work_is_told_as_a_fault(stage: Stage, status: str) -> None:
    stage.apply(stage.plan(STEP))
    assert _item(stage).cautions == ()
    _put(stage, "ACCOUNT", status, "sakimori-external-access")
    item = _item(stage)
    assert item.standing is Standing.AS_WANTED
    assert [(each.text, each.values["names"]) for each in item.cautions] == [
        ("harden_watch.hb15_broken", ["sakimori-external-access"])
    ]


def test_one_of_the_organisation_that_does_not_work_is_no_hindrance(stage: Stage) -> None:
    _put(stage, "ORGANIZATION", "DISABLED")
    holds_and_is_taken_back(stage, STEP)


def test_code_says_the_same_and_nothing_where_others_serve(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, STEP.read(site))))
    assert 'analyzer_name = "sakimori-external-access"' in code
    _put(stage, "ORGANIZATION", "ACTIVE")
    assert STEP.terraform(site, STEP.wanted(site, STEP.read(site))) == ()


def _put(stage: Stage, kind: str, status: str, name: str = "theirs") -> None:
    state = stage.simulated.state
    made = Analyzer(name=name, kind=kind, created_at=state.clock(), status=status)
    state.analyzers.setdefault(HOME, {})[name] = made
