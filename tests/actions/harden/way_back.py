"""The way back that a plan shows is the one that an undo goes."""

import json

from tests.actions.staging import Stage

from sakimori.actions.site import Site
from sakimori.actions.step import Step
from sakimori.model.action import Call


def the_way_back_is_as_shown(stage: Stage, step: Step) -> None:
    """Every call that would undo the plan stands in it, and no other."""
    for item in stage.plan(step).to_make:
        assert item.before is not None
        assert item.target is not None
        site = Site(door=stage.door, region=item.region, resource=item.resource, wishes=stage.wishes)
        gone = [change.call for change in step.towards(site, item.target, item.before)]
        shown = [call for change in item.changes for call in change.undo]
        assert sorted(map(_text, gone)) == sorted(map(_text, shown))


def _text(call: Call) -> str:
    return json.dumps([call.operation, call.region, dict(call.parameters), call.settled], sort_keys=True)
