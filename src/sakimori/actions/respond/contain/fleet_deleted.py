"""R61: an EC2 Fleet that starts no instance any more. Its instances go on, so that their disks can be kept.

A fleet of the kind `instant` starts its instances once and replaces none; AWS deletes it only together with them, so it is
left to the steps for instances. Source: botocore's model of ec2 (DeleteFleets).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_DESCRIBE: Final = "ec2:DescribeFleets"
_DELETE: Final = "ec2:DeleteFleets"
_ABSENT: Final = ("InvalidFleetId.NotFound",)
_OPEN: Final = ("submitted", "active", "modifying")
_ONCE: Final = "instant"


def _id(name: str) -> str:
    return name.partition("/")[2]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, _ABSENT, FleetIds=[_id(name)]) or {}
    found = [each for each in answer.get("Fleets") or () if each["FleetState"] in _OPEN and each.get("Type") != _ONCE]
    return {"open": True} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    named = {"FleetIds": [_id(name)], "TerminateInstances": False}
    return (Call(operation=_DELETE, region=site.region, parameters=named, settled=_ABSENT),)


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.instances_of_it_go_on", values={"name": _id(name)}),)


STEP: Final = ending_step(
    Ending(
        id="fleet-deleted", order=3203, texts="respond_steps.fleet_deleted",
        kind=Kind(service="ec2", call=_DESCRIBE, pattern=r"fleet/fleet-[0-9a-f-]{17,36}"),
        reads=(_DESCRIBE,), writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions,
    )
)  # fmt: skip
