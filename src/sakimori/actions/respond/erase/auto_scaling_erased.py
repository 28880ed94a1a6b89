"""R61: an Auto Scaling group that a thief made, with its instances. Source: botocore's model of autoscaling (`ForceDelete`)."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.auto_scaling import DESCRIBE, GROUP, found_group, name_of
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call

_DELETE: Final = "autoscaling:DeleteAutoScalingGroup"


def _read(site: Site, name: str) -> State | None:
    found = found_group(site, name)
    return {"instances": sorted(each["InstanceId"] for each in found.get("Instances") or ())} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    named = {"AutoScalingGroupName": name_of(name), "ForceDelete": True}
    return (Call(operation=_DELETE, region=site.region, parameters=named),)


def _cautions(_site: Site, name: str, state: State) -> Sequence[Caution]:
    if not state["instances"]:
        return ()
    values = {"name": name_of(name), "instances": state["instances"][:20], "count": len(state["instances"])}
    return (Caution(text="respond_steps.auto_scaling_emptied_ends", values=values),)


STEP: Final = ending_step(
    Ending(
        id="auto-scaling-erased", order=4020, texts="respond_steps.auto_scaling_erased", verb="erased", kind=GROUP,
        reads=(DESCRIBE,), writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions,
        approval=Approval.TWO_PERSON, shown_within=180.0,
    )
)  # fmt: skip
