"""R61: a request for Spot Instances that starts none any more. An instance that runs for it goes on until it is ended itself.

Source: Amazon EC2 User Guide, "Cancel a Spot Instance request"; botocore's model of ec2.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_DESCRIBE: Final = "ec2:DescribeSpotInstanceRequests"
_CANCEL: Final = "ec2:CancelSpotInstanceRequests"
_ABSENT: Final = "InvalidSpotInstanceRequestID.NotFound"
_OPEN: Final = ("open", "active", "disabled")


def _id(name: str) -> str:
    return name.partition("/")[2]


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, (_ABSENT,), SpotInstanceRequestIds=[_id(name)]) or {}
    found = [each for each in answer.get("SpotInstanceRequests") or () if each["State"] in _OPEN]
    return {"instance": found[0].get("InstanceId", "")} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    named = {"SpotInstanceRequestIds": [_id(name)]}
    return (Call(operation=_CANCEL, region=site.region, parameters=named, settled=(_ABSENT,)),)


def _cautions(_site: Site, name: str, state: State) -> Sequence[Caution]:
    if not state["instance"]:
        return ()
    values = {"name": _id(name), "instances": [state["instance"]]}
    return (Caution(text="respond_steps.instances_go_on", values=values),)


STEP: Final = ending_step(
    Ending(
        id="spot-request-cancelled", order=3201, texts="respond_steps.spot_request_cancelled",
        kind=Kind(service="ec2", call=_DESCRIBE, pattern=r"spot-instances?-request/sir-[a-z0-9]{8,17}"),
        reads=(_DESCRIBE,), writes=(_CANCEL,), read=_read, calls=_calls, cautions=_cautions,
    )
)  # fmt: skip
