"""R62: a stack of CloudFormation that a thief made, with all that it made. Source: botocore's model of cloudformation."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call

_DESCRIBE: Final = "cloudformation:DescribeStacks"
_PROTECT: Final = "cloudformation:UpdateTerminationProtection"
_DELETE: Final = "cloudformation:DeleteStack"


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, ("ValidationError",), StackName=site.resource)
    found = next(iter((answer or {}).get("Stacks") or ()), None)
    if found is None or found["StackStatus"] == "DELETE_COMPLETE":
        return None
    return {"name": name.partition("/")[0], "protected": bool(found.get("EnableTerminationProtection"))}


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    named = {"StackName": site.resource}
    off = Call(operation=_PROTECT, region=site.region, parameters={**named, "EnableTerminationProtection": False})
    end = Call(operation=_DELETE, region=site.region, parameters=named)
    return (off, end) if state["protected"] else (end,)


def _cautions(_site: Site, _name: str, state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.stack_takes_along", values={"name": state["name"]}),)


STEP: Final = ending_step(
    Ending(
        id="stack-erased", order=4010, texts="respond_steps.stack_erased", verb="erased",
        kind=Kind(service="cloudformation", call=_DESCRIBE, prefix="stack/", pattern=r"[A-Za-z][A-Za-z0-9-]{0,127}/[0-9a-f-]{36}"),
        reads=(_DESCRIBE,), writes=(_PROTECT, _DELETE), read=_read, calls=_calls, cautions=_cautions,
        approval=Approval.TWO_PERSON, shown_within=600.0,
    )
)  # fmt: skip
