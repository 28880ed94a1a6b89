"""R62: a service of ECS that wants no task any more. Its tasks are stopped by ECS; what they held in memory is lost.

Source: botocore's model of ecs (UpdateService); Amazon ECS Developer Guide, "Updating an Amazon ECS service".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "ecs:DescribeServices"
_UPDATE: Final = "ecs:UpdateService"


def _named(name: str) -> Mapping[str, str]:
    """Its cluster and name; a service of the old form of ARN is in the cluster `default`."""
    cluster, _, service = name.rpartition("/")
    return {"cluster": cluster or "default", "service": service}


def _found(site: Site, name: str) -> Mapping[str, Any] | None:
    named = _named(name)
    answer = site.call(_DESCRIBE, ("ClusterNotFoundException",), cluster=named["cluster"], services=[named["service"]])
    found = [each for each in (answer or {}).get("services") or () if each.get("status") == "ACTIVE"]
    return found[0] if found else None


def _read(site: Site, name: str) -> State | None:
    """One that runs on every instance (DAEMON) has no count of its own."""
    found = _found(site, name)
    if found is None:
        return None
    return {} if found.get("schedulingStrategy") == "DAEMON" else {"desiredCount": found["desiredCount"]}


def _safe(state: State) -> State:
    return dict.fromkeys(state, 0)


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_UPDATE, region=site.region, parameters={**_named(name), key: target[key]})


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.tasks_end", values={"name": _named(name)["service"]}),)


STEP: Final = setting_step(
    Setting(
        id="service-stopped", order=3204, texts="respond_steps.service_stopped", rules=(),
        kind=Kind(service="ecs", call=_DESCRIBE, prefix="service/", pattern=r"([A-Za-z0-9_-]{1,255}/)?[A-Za-z0-9_-]{1,255}"),
        reads=(_DESCRIBE,), writes=(_UPDATE,), read=_read, safe=_safe, put=_put, cautions=_cautions, risk=Risk.HIGH,
    )
)  # fmt: skip
