"""R62: a fleet of GameLift that wants no instance any more, in the Region that is its home. Source: botocore's model of gamelift."""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "gamelift:DescribeFleetCapacity"
_PUT: Final = "gamelift:UpdateFleetCapacity"
_COUNTS: Final = {"DesiredInstances": "DESIRED", "MinSize": "MINIMUM", "MaxSize": "MAXIMUM"}


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("NotFoundException",), FleetIds=[name]) or {}
    found = next(iter(answer.get("FleetCapacity") or ()), None)
    if found is None:
        return None
    counts = found.get("InstanceCounts") or {}
    return {"sizes": {key: int(counts.get(told, 0)) for key, told in _COUNTS.items()}}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_PUT, region=site.region, parameters={"FleetId": name, **target[key]})


STEP: Final = setting_step(
    Setting(
        id="game-fleet-emptied", order=3214, texts="respond_steps.game_fleet_emptied", rules=(),
        kind=Kind(service="gamelift", call=_GET, prefix="fleet/", pattern=r"fleet-[A-Za-z0-9-]{1,128}"), reads=(_GET,),
        writes=(_PUT,), read=_read, safe={"sizes": dict.fromkeys(_COUNTS, 0)}, put=_put, risk=Risk.HIGH,
    )
)  # fmt: skip
