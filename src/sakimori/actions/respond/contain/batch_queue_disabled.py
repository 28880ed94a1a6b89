"""R62: a job queue of Batch that takes no job any more. Jobs that run go on. Source: botocore's model of batch (UpdateJobQueue)."""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call, Risk

_GET: Final = "batch:DescribeJobQueues"
_PUT: Final = "batch:UpdateJobQueue"


def _read(site: Site, name: str) -> State | None:
    found = (site.call(_GET, jobQueues=[name]) or {}).get("jobQueues") or ()
    return {"state": found[0]["state"]} if found and found[0].get("status") not in ("DELETING", "DELETED") else None


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_PUT, region=site.region, parameters={"jobQueue": name, key: target[key]})


STEP: Final = setting_step(
    Setting(
        id="batch-queue-disabled", order=3215, texts="respond_steps.batch_queue_disabled", rules=(),
        kind=Kind(service="batch", call=_GET, prefix="job-queue/", pattern=r"[A-Za-z0-9_-]{1,128}"), reads=(_GET,),
        writes=(_PUT,), read=_read, safe={"state": "DISABLED"}, put=_put, risk=Risk.MEDIUM,
    )
)  # fmt: skip
