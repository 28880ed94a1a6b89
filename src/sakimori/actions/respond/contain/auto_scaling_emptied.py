"""R61: an Auto Scaling group that wants no instance any more. Those that it has are terminated: their disks are kept first.

Source: Amazon EC2 Auto Scaling User Guide, "Set scaling limits for your Auto Scaling group"; botocore's model.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.auto_scaling import DESCRIBE, GROUP, found_group, name_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call, Risk

_UPDATE: Final = "autoscaling:UpdateAutoScalingGroup"
_SIZES: Final = ("MinSize", "MaxSize", "DesiredCapacity")


def _read(site: Site, name: str) -> State | None:
    found = found_group(site, name)
    return {"sizes": {each: found[each] for each in _SIZES}} if found else None


def _put(site: Site, name: str, key: str, target: State) -> Call:
    named = {"AutoScalingGroupName": name_of(name), **target[key]}
    return Call(operation=_UPDATE, region=site.region, parameters=named)


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    found = found_group(site, name) or {}
    ids = [each["InstanceId"] for each in found.get("Instances") or ()]
    values = {"name": name_of(name), "instances": ids[:20], "count": len(ids)}
    return (Caution(text="respond_steps.auto_scaling_emptied_ends", values=values),) if ids else ()


STEP: Final = setting_step(
    Setting(
        id="auto-scaling-emptied", order=3240, texts="respond_steps.auto_scaling_emptied", rules=(), kind=GROUP,
        reads=(DESCRIBE,), writes=(_UPDATE,), read=_read, safe={"sizes": dict.fromkeys(_SIZES, 0)}, put=_put,
        cautions=_cautions, risk=Risk.HIGH, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
