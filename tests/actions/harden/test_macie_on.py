"""HB30-macie: Macie is on, a suspended one goes on, and what an administrator manages is left to it."""

from tests.actions.staging import HOME, REGIONS, Stage, holds_and_is_taken_back

from sakimori.actions.harden.macie_on import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.simulate.faults import Fault, Kind


def _item(stage: Stage) -> Item:
    return next(item for item in stage.plan(STEP).items if item.region == HOME)


def test_it_is_turned_on_everywhere_and_off_again(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    assert {item.region for item in plan.to_make} == set(REGIONS)


def test_a_suspended_one_goes_on_with_its_own_settings_and_is_suspended_again(stage: Stage) -> None:
    macie = stage.client("macie2")
    macie.enable_macie(status="PAUSED", findingPublishingFrequency="SIX_HOURS")
    holds_and_is_taken_back(stage, STEP)
    stage.apply(stage.plan(STEP), "again")
    told = macie.get_macie_session()
    assert (told["status"], told["findingPublishingFrequency"]) == ("ENABLED", "SIX_HOURS")


def test_a_member_of_another_administrator_is_left_alone(stage: Stage) -> None:
    stage.client("macie2").enable_macie(status="PAUSED")
    stage.simulated.state.services.administrators["macie2"] = "111122223333"
    item = _item(stage)
    assert (item.standing, item.reason) == (Standing.ADOPTED, "111122223333")


def test_a_denial_is_not_taken_for_macie_being_off(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="macie2:GetMacieSession"))
    assert {item.standing for item in stage.plan(STEP).items} == {Standing.UNREADABLE}


def test_an_undo_that_deletes_all_that_macie_holds_asks_for_a_name_and_suspending_does_not(stage: Stage) -> None:
    stage.client("macie2", REGIONS[1]).enable_macie(status="PAUSED")
    plan = stage.plan(STEP)
    stage.apply(plan)
    assert [stage.hand().loses(item) for item in plan.items] == ["macie", ""]


def test_buckets_of_the_region_are_counted_and_what_may_not_be_counted_is_unknown(stage: Stage) -> None:
    s3 = stage.client("s3")
    s3.create_bucket(Bucket="here-of-test", CreateBucketConfiguration={"LocationConstraint": HOME})
    stage.client("s3", "us-east-1").create_bucket(Bucket="there-of-test")
    assert [(part.price, part.count) for part in _item(stage).cost.parts] == [("macie.buckets", 1)]
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="s3:ListBuckets"))
    item = _item(stage)
    assert (item.standing, [part.count for part in item.cost.parts]) == (Standing.TO_MAKE, [None])


def test_the_plan_says_that_a_new_macie_may_read_samples(stage: Stage) -> None:
    assert [each.text for each in _item(stage).cautions] == ["harden_watch.hb30_macie_samples"]
    stage.client("macie2").enable_macie(status="PAUSED")
    assert _item(stage).cautions == ()


def test_code_says_the_same(stage: Stage) -> None:
    site = Site(door=stage.door, region=HOME)
    assert STEP.terraform is not None
    code = rendered(STEP.terraform(site, STEP.wanted(site, {"administrator": "", "session": None})))
    assert 'resource "aws_macie2_account"' in code
    assert 'status = "ENABLED"' in code
