"""R62: a compute environment of Batch that starts no machine any more. Source: botocore's model of batch (UpdateComputeEnvironment)."""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "batch:DescribeComputeEnvironments"
_PUT: Final = "batch:UpdateComputeEnvironment"


def _read(site: Site, name: str) -> State | None:
    found = (site.call(_GET, computeEnvironments=[name]) or {}).get("computeEnvironments") or ()
    return {"state": found[0]["state"]} if found and found[0].get("status") not in ("DELETING", "DELETED") else None


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_PUT, region=site.region, parameters={"computeEnvironment": name, key: target[key]})


STEP: Final = setting_step(
    Setting(
        id="batch-environment-disabled", order=3216, texts="respond_steps.batch_environment_disabled", rules=(),
        kind=Kind(service="batch", call=_GET, prefix="compute-environment/", pattern=r"[A-Za-z0-9_-]{1,128}"),
        reads=(_GET,), writes=(_PUT,), read=_read, safe={"state": "DISABLED"}, put=_put, risk=Risk.MEDIUM,
    )
)  # fmt: skip
