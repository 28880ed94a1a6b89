"""R62: a service of ECS that a thief made, with its tasks. Source: botocore's model of ecs (DeleteService, `force`)."""

from collections.abc import Mapping, Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Approval, Call

_DESCRIBE: Final = "ecs:DescribeServices"
_DELETE: Final = "ecs:DeleteService"


def _named(name: str) -> Mapping[str, str]:
    cluster, _, service = name.rpartition("/")
    return {"cluster": cluster or "default", "service": service}


def _read(site: Site, name: str) -> State | None:
    named = _named(name)
    answer = site.call(_DESCRIBE, ("ClusterNotFoundException",), cluster=named["cluster"], services=[named["service"]])
    found = [each for each in (answer or {}).get("services") or () if each.get("status") == "ACTIVE"]
    return {"tasks": str(found[0].get("taskDefinition", ""))} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    settled = ("ServiceNotFoundException", "ServiceNotActiveException")
    return (Call(operation=_DELETE, region=site.region, parameters={**_named(name), "force": True}, settled=settled),)


STEP: Final = ending_step(
    Ending(
        id="service-erased", order=4160, texts="respond_steps.service_erased", verb="erased",
        kind=Kind(service="ecs", call=_DESCRIBE, prefix="service/", pattern=r"([A-Za-z0-9_-]{1,255}/)?[A-Za-z0-9_-]{1,255}"),
        reads=(_DESCRIBE,), writes=(_DELETE,), read=_read, calls=_calls, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
