"""R61: a Spot Fleet that starts no instance any more. Its instances go on, so that their disks can be kept.

Source: Amazon EC2 User Guide, "Cancel (delete) a Spot Fleet request"; botocore's model of ec2.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_DESCRIBE: Final = "ec2:DescribeSpotFleetRequests"
_CANCEL: Final = "ec2:CancelSpotFleetRequests"
_ABSENT: Final = "InvalidSpotFleetRequestId.NotFound"
_OPEN: Final = ("submitted", "active", "modifying")


def _id(name: str) -> str:
    return name.partition("/")[2]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, (_ABSENT,), SpotFleetRequestIds=[_id(name)]) or {}
    found = [each for each in answer.get("SpotFleetRequestConfigs") or () if each["SpotFleetRequestState"] in _OPEN]
    return {"open": True} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    named = {"SpotFleetRequestIds": [_id(name)], "TerminateInstances": False}
    return (Call(operation=_CANCEL, region=site.region, parameters=named, settled=(_ABSENT,)),)


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.instances_of_it_go_on", values={"name": _id(name)}),)


STEP: Final = ending_step(
    Ending(
        id="spot-fleet-cancelled", order=3202, texts="respond_steps.spot_fleet_cancelled",
        kind=Kind(service="ec2", call=_DESCRIBE, pattern=r"spot-fleet-request/sfr-[0-9a-f-]{36}"),
        reads=(_DESCRIBE,), writes=(_CANCEL,), read=_read, calls=_calls, cautions=_cautions,
    )
)  # fmt: skip
