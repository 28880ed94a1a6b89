"""R52: a trail that a thief stopped records again, first of all: what is taken away afterwards is recorded then.

Source: botocore's model of cloudtrail (StartLogging, called in the trail's home Region).
"""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "cloudtrail:GetTrailStatus"
_START: Final = "cloudtrail:StartLogging"
_STOP: Final = "cloudtrail:StopLogging"


def _read(site: Site, _name: str) -> State | None:
    answer = site.call(_GET, ("TrailNotFoundException",), Name=site.resource)
    return {"IsLogging": bool(answer.get("IsLogging"))} if answer is not None else None


def _put(site: Site, _name: str, key: str, target: State) -> Call:
    operation = _START if target[key] else _STOP
    return Call(operation=operation, region=site.region, parameters={"Name": site.resource})


STEP: Final = setting_step(
    Setting(
        id="trail-started", order=4000, texts="respond_steps.trail_started", rules=(),
        kind=Kind(service="cloudtrail", call=_GET, prefix="trail/", pattern=r"[A-Za-z0-9._-]{3,128}"), reads=(_GET,),
        writes=(_START, _STOP), read=_read, safe={"IsLogging": True}, put=_put, risk=Risk.NONE,
    )
)  # fmt: skip
