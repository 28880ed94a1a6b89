"""R62: a cluster of EMR that is ended, which also takes its termination protection off. Source: botocore's model of emr."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Approval, Call

_DESCRIBE: Final = "emr:DescribeCluster"
_PROTECT: Final = "emr:SetTerminationProtection"
_END: Final = "emr:TerminateJobFlows"
_ENDED: Final = ("TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS")


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, ("InvalidRequestException",), ClusterId=name)
    found = (answer or {}).get("Cluster") or {}
    is_on = bool(found) and (found.get("Status") or {}).get("State") not in _ENDED
    return {"protected": bool(found.get("TerminationProtected"))} if is_on else None


def _calls(site: Site, name: str, state: State) -> Sequence[Call]:
    named = {"JobFlowIds": [name]}
    open_ = Call(operation=_PROTECT, region=site.region, parameters={**named, "TerminationProtected": False})
    end = Call(operation=_END, region=site.region, parameters=named)
    return (open_, end) if state["protected"] else (end,)


STEP: Final = ending_step(
    Ending(
        id="emr-cluster-ended", order=3213, texts="respond_steps.emr_cluster_ended",
        kind=Kind(service="elasticmapreduce", call=_DESCRIBE, prefix="cluster/", pattern=r"j-[A-Z0-9]{8,32}"),
        reads=(_DESCRIBE,), writes=(_PROTECT, _END), read=_read, calls=_calls, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
