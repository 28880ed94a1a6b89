"""R62: a Lambda function that a thief made, with its versions and its address. Its code is evidence and is kept before.

Source: botocore's model of lambda (DeleteFunction).
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call

_GET: Final = "lambda:GetFunctionConfiguration"
_DELETE: Final = "lambda:DeleteFunction"
_ABSENT: Final = ("ResourceNotFoundException",)


def _read(site: Site, name: str) -> State | None:
    found = site.call(_GET, _ABSENT, FunctionName=name)
    return {"code": str(found.get("CodeSha256", "")), "role": str(found.get("Role", ""))} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"FunctionName": name}, settled=_ABSENT),)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    return (
        Caution(
            text="respond_steps.function_code_first",
            values={"name": name, "hash": state["code"], "region": site.region},
        ),
    )


STEP: Final = ending_step(
    Ending(
        id="function-erased", order=4150, texts="respond_steps.function_erased", verb="erased",
        kind=Kind(service="lambda", call=_GET, prefix="function:", pattern=r"[A-Za-z0-9_-]{1,140}"),
        reads=(_GET,), writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
