"""A fix on its stage: the rules that it names call the resource wrong before it and right after it, and it can be taken back."""

from collections.abc import Iterable

from tests.actions.staging import HOME, Stage, holds_and_is_taken_back, now

from sakimori.actions.plan import Item, Plan
from sakimori.actions.step import Step
from sakimori.app.assess import AssessRequest, assess
from sakimori.model.words import Status


def item_of(stage: Stage, step: Step, resource: str, region: str = HOME) -> Item:
    """What there is to do about one resource."""
    (item,) = stage.plan(step, (region, resource)).items
    return item


def statuses(stage: Stage, rules: Iterable[str], resource: str) -> dict[str, Status]:
    """What the rules say of one resource; a rule that does not speak of it is left out."""
    request = AssessRequest(home=stage.place / "judged", rules=tuple(rules))
    verdicts = assess(request, [stage.door], clock=now).assessment.verdicts
    return {each.rule: each.status for each in verdicts if each.resource == resource}


def mends_and_is_taken_back(stage: Stage, step: Step, resource: str, wrong: Iterable[str] | None = None) -> Plan:
    """The law of every step, and that the rules `wrong` (all that it names) fail before the step and pass after it."""
    rules = tuple(step.rules if wrong is None else wrong)
    assert statuses(stage, rules, resource) == dict.fromkeys(rules, Status.FAIL)
    plan = holds_and_is_taken_back(stage, step, (HOME, resource))
    stage.apply(plan, "again")
    assert statuses(stage, rules, resource) == dict.fromkeys(rules, Status.PASS)
    return plan
