"""R61: an Auto Scaling group that replaces no instance any more. Its instances stay, for they are evidence.

Source: Amazon EC2 Auto Scaling User Guide, "Suspend and resume Amazon EC2 Auto Scaling processes"; botocore's model.
"""

from typing import Any, Final

from sakimori.actions.resources.auto_scaling import DESCRIBE, GROUP, found_group, name_of
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_SUSPEND: Final = "autoscaling:SuspendProcesses"
_RESUME: Final = "autoscaling:ResumeProcesses"
_PROCESSES: Final = (
    "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh", "Launch",
    "ReplaceUnhealthy", "ScheduledActions", "Terminate",
)  # fmt: skip


def _read(site: Site, name: str) -> State | None:
    found = found_group(site, name)
    if found is None:
        return None
    suspended = {each["ProcessName"] for each in found.get("SuspendedProcesses") or ()}
    return {each: "suspended" if each in suspended else "on" for each in _PROCESSES}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    named: dict[str, Any] = {"AutoScalingGroupName": name_of(name), "ScalingProcesses": [key]}
    operation = _SUSPEND if target[key] == "suspended" else _RESUME
    return Call(operation=operation, region=site.region, parameters=named)


STEP: Final = setting_step(
    Setting(
        id="auto-scaling-suspended", order=3200, texts="respond_steps.auto_scaling_suspended", rules=(), kind=GROUP,
        reads=(DESCRIBE,), writes=(_SUSPEND, _RESUME), read=_read, safe=dict.fromkeys(_PROCESSES, "suspended"),
        put=_put, risk=Risk.MEDIUM,
    )
)  # fmt: skip
