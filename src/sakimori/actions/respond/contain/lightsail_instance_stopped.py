"""R62: an instance of Lightsail that is stopped. The resource is `arn:…:lightsail:region:account:Instance/` and its name.

AWS's own ARNs of instances end with an id by which no call finds one; events name the instance. Source: botocore's model of
lightsail (StopInstance, StartInstance).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_GET: Final = "lightsail:GetInstance"
_STOP: Final = "lightsail:StopInstance"
_START: Final = "lightsail:StartInstance"


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_GET, ("NotFoundException",), instanceName=name)
    return {"running": answer["instance"]["state"]["name"] in ("pending", "running")} if answer else None


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_START if target[key] else _STOP, region=site.region, parameters={"instanceName": name})


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.lightsail_still_costs", values={"name": name}),)


STEP: Final = setting_step(
    Setting(
        id="lightsail-instance-stopped", order=3211, texts="respond_steps.lightsail_instance_stopped", rules=(),
        kind=Kind(service="lightsail", call=_GET, prefix="Instance/", pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}"),
        reads=(_GET,), writes=(_STOP, _START), read=_read, safe={"running": False}, put=_put, cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)  # fmt: skip
