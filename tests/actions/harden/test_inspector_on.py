"""HB30-inspector: what is not scanned is, what was stays, and what an administrator manages is left to it."""

from typing import Any

import pytest
from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.inspector_on import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind

_NOTHING = {"EC2": False, "ECR": False, "LAMBDA": False}


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def _scanned(stage: Stage) -> set[str]:
    told = stage.client("inspector2").batch_get_account_status()["accounts"][0]["resourceState"]
    return {kind for kind, state in told.items() if state["status"] == "ENABLED"}


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ((), ["EC2", "ECR", "LAMBDA"]),
        (("ECR",), ["EC2", "LAMBDA"]),
        (("EC2", "LAMBDA", "LAMBDA_CODE"), ["ECR"]),
    ],
    ids=["nothing", "images", "all but images"],
)
def test_what_is_not_scanned_is_and_what_was_stays_after_the_undo(
    stage: Stage, there: tuple[str, ...], missing: list[str]
) -> None:
    if there:
        stage.client("inspector2").enable(resourceTypes=list(there))
    before = _scanned(stage)
    plan = holds_and_is_taken_back(stage, STEP)
    (change,) = next(item for item in plan.items if item.region == HOME).changes
    assert change.call.parameters == {"resourceTypes": missing}
    assert _scanned(stage) == before


def test_what_is_scanned_needs_nothing(stage: Stage) -> None:
    for region in REGIONS:
        stage.client("inspector2", region).enable(resourceTypes=["EC2", "ECR", "LAMBDA"])
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.AS_WANTED}


def test_a_member_of_another_administrator_is_left_alone(stage: Stage) -> None:
    stage.simulated.state.services.administrators["inspector2"] = "111122223333"
    assert {(item.standing, item.reason) for item in stage.plan(STEP).items} == {(Standing.ADOPTED, "111122223333")}


def test_the_administrator_itself_is_its_own_owner(stage: Stage) -> None:
    stage.simulated.state.services.administrators["inspector2"] = stage.door.account.id
    assert _item(stage).standing is Standing.TO_MAKE


def test_an_undo_that_deletes_findings_asks_for_a_name(stage: Stage) -> None:
    plan = stage.plan(STEP)
    stage.apply(plan)
    assert stage.hand().loses(plan.items[0]) == "inspector"
    stage.undo()
    assert stage.hand().loses(plan.items[0]) == ""


def test_running_machines_are_counted_and_what_may_not_be_counted_is_unknown(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name="web", RootDeviceName="/dev/xvda", Architecture="x86_64")["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=3, MaxCount=3)["Instances"]
    ec2.stop_instances(InstanceIds=[made[0]["InstanceId"]])
    assert [(part.price, part.count) for part in _item(stage).cost.parts] == [
        ("inspector.instances", 2), ("inspector.images", None), ("inspector.functions", None),
    ]  # fmt: skip
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeInstances"))
    item = _item(stage)
    assert (item.standing, item.cost.parts[0].count) == (Standing.TO_MAKE, None)


def test_a_scan_that_is_on_already_costs_nothing_more(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    found = STEP.costs(site, {"administrator": "", "scans": {**_NOTHING, "EC2": True, "LAMBDA": True}})
    assert [each.price for each in found] == ["inspector.images"]


@pytest.mark.parametrize(
    ("scans", "texts"),
    [
        (_NOTHING, ["harden_watch.hb30_inspector_machines", "harden_watch.hb30_inspector_images"]),
        ({**_NOTHING, "EC2": True}, ["harden_watch.hb30_inspector_images"]),
        ({**_NOTHING, "ECR": True}, ["harden_watch.hb30_inspector_machines"]),
    ],
)
def test_the_plan_says_what_else_changes(stage: Stage, scans: dict[str, Any], texts: list[str]) -> None:
    site = Site(door=stage.door, region=HOME)
    assert [each.text for each in STEP.cautions(site, {"administrator": "", "scans": scans})] == texts


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, {"administrator": "", "scans": _NOTHING})))
    assert 'resource_types = ["EC2", "ECR", "LAMBDA"]' in code
    assert 'account_ids = ["606060606060"]' in code
