"""R62: the address (function URL) of a Lambda function that a thief opened. A new one has another address.

Source: botocore's model of lambda; AWS Lambda Developer Guide, "Creating and managing Lambda function URLs".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_GET: Final = "lambda:GetFunctionUrlConfig"
_DELETE: Final = "lambda:DeleteFunctionUrlConfig"
_ABSENT: Final = ("ResourceNotFoundException",)


def _read(site: Site, name: str) -> State | None:
    found = site.call(_GET, _ABSENT, FunctionName=name)
    return {"auth": str(found.get("AuthType", ""))} if found else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"FunctionName": name}, settled=_ABSENT),)


STEP: Final = ending_step(
    Ending(
        id="function-url-erased", order=4140, texts="respond_steps.function_url_erased", verb="erased",
        lasting="respond_steps.function_url_erased_lasting",
        kind=Kind(service="lambda", call=_GET, prefix="function:", pattern=r"[A-Za-z0-9_-]{1,140}"),
        reads=(_GET,), writes=(_DELETE,), read=_read, calls=_calls,
    )
)  # fmt: skip
