"""What a plan says of a measure: to be made, held back, unsaid, adopted, by hand, vouched for, or fine."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.actions.pretended import PretendedDoor

from sakimori.actions.catalogue import steps
from sakimori.actions.plan import Item, Plan, Planning, Standing, chosen, make_plan
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, Guide, State, Step
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.errors import UsageError
from sakimori.model.words import Scope

MADE_AT = datetime(2026, 11, 26, tzinfo=UTC)
DOOR = PretendedDoor(regions=("us-east-1",))


def _towards(_site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    call = Call(operation="ec2:EnableEbsEncryptionByDefault", region="us-east-1")
    return (Change(name="switch", call=call, undo=(call,)),)


def step(is_on: bool = False, **more: Any) -> Step:
    """A step with one switch."""
    given: dict[str, Any] = {
        "id": "S", "order": 1, "texts": "harden_watch.hb17", "scope": Scope.ACCOUNT, "baseline": Baseline.STARTER, "reads": (),
        "writes": (), "read": lambda _site: {"is_on": is_on}, "wanted": lambda _site, _state: {"is_on": True},
        "towards": _towards,
    }  # fmt: skip
    return Step(**(given | more))


def planned(*measures: Step | Guide, **more: Any) -> Item:
    """The one item of the plan for one measure."""
    found = (
        [each for each in measures if isinstance(each, Step)],
        [each for each in measures if isinstance(each, Guide)],
    )
    planning = Planning(steps=found[0], guides=found[1], baseline="starter", made_at=MADE_AT, **more)
    (item,) = make_plan(DOOR, planning).items
    return item


def warned(*, blocks: bool) -> Any:
    return lambda _site, _state: (Caution(text="harden_watch.hb16_websites", values={"names": []}, blocks=blocks),)


def test_what_would_break_something_is_held_back_until_somebody_says_that_it_is_meant() -> None:
    held = step(cautions=warned(blocks=True))
    assert planned(held).standing is Standing.BLOCKED
    accepted = planned(held, accepted=frozenset({"S"}))
    assert (accepted.standing, len(accepted.cautions)) == (Standing.TO_MAKE, 1)
    assert planned(step(cautions=warned(blocks=False))).standing is Standing.TO_MAKE


def test_a_fault_of_what_is_there_is_told_also_where_nothing_is_to_be_changed() -> None:
    fine = planned(step(is_on=True, faults=warned(blocks=True), cautions=warned(blocks=True)))
    assert (fine.standing, len(fine.cautions)) == (Standing.AS_WANTED, 1)
    adopted = planned(step(faults=warned(blocks=False), owner=lambda _state: "somebody"))
    assert (adopted.standing, adopted.reason, len(adopted.cautions)) == (Standing.ADOPTED, "somebody", 1)


def test_a_step_that_lacks_a_word_of_the_owner_waits_for_it() -> None:
    found = planned(step(lacks=lambda _site: "harden_reach.hb01_lacks"))
    assert (found.standing, found.changes, found.target) == (Standing.UNSAID, (), None)


def test_only_what_is_to_be_changed_costs_anything() -> None:
    def costs(_site: Site, _state: State) -> Sequence[Quantity]:
        return (Quantity("config.items", 1000.0),)

    assert planned(step(costs=costs)).cost.usd_month == pytest.approx(3.0)
    assert planned(step(is_on=True, costs=costs)).cost.parts == ()


@pytest.mark.parametrize(
    ("holds", "question", "attested", "standing"),
    [
        (True, "", False, Standing.AS_WANTED),
        (False, "", False, Standing.BY_HAND),
        (None, "", False, Standing.BY_HAND),
        (True, "q", False, Standing.BY_HAND),
        (True, "q", True, Standing.ATTESTED),
        (None, "q", True, Standing.ATTESTED),
        (False, "q", True, Standing.BY_HAND),
    ],
)
def test_the_word_of_aws_goes_before_that_of_a_person(
    holds: bool | None, question: str, attested: bool, standing: Standing
) -> None:
    guide = Guide(
        id="G", order=1, texts="harden_guides.hb04", baseline=Baseline.STARTER, question=question, holds=lambda _: holds
    )
    given = frozenset({"q"}) if attested else frozenset[str]()
    assert planned(guide, attested=given).standing is standing


def test_a_step_for_single_resources_is_made_for_those_that_are_named_alone() -> None:
    of_resources = step(of_resources=True)
    planning = Planning(steps=(of_resources,), baseline="fix", made_at=MADE_AT)
    assert make_plan(DOOR, planning).items == ()
    named = replace(planning, resources={"S": (("us-east-1", "a"), ("us-east-1", "b"))})
    assert [each.place for each in make_plan(DOOR, named).items] == [("S", "us-east-1", "a"), ("S", "us-east-1", "b")]


def test_the_name_of_a_plan_follows_from_all_that_it_would_do_and_wishes() -> None:
    def plan(**more: Any) -> Plan:
        return make_plan(DOOR, Planning(steps=(step(),), baseline="starter", made_at=MADE_AT, **more))

    one = plan()
    assert one.id == plan().id
    assert one.id != replace(one, wishes=replace(one.wishes, keep_days=7)).id
    assert one.id != replace(one, items=tuple(replace(each, resource="x") for each in one.items)).id


def test_measures_are_chosen_by_id_in_any_case_or_by_rule() -> None:
    known: Mapping[str, Step | Guide] = steps()
    assert [each.id for each in chosen(known, ("hb17", "aws.s3.account-public-access-blocked"))] == ["HB17", "HB16"]
    with pytest.raises(UsageError, match="no_such_step"):
        chosen(known, ("HB99",))
