"""R62: a Lambda function that nobody can run any more: none of it at a time. Its code and its address stay.

Source: AWS Lambda Developer Guide, "Configuring reserved concurrency for a function" (0 throttles every call); botocore's
model of lambda.
"""

from collections.abc import Sequence
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_FUNCTION: Final = "lambda:GetFunctionConfiguration"
_GET: Final = "lambda:GetFunctionConcurrency"
_PUT: Final = "lambda:PutFunctionConcurrency"
_DELETE: Final = "lambda:DeleteFunctionConcurrency"
_KEY: Final = "ReservedConcurrentExecutions"
_NOT_THERE: Final = "ResourceNotFoundException"


def _read(site: Site, name: str) -> State | None:
    if site.call(_FUNCTION, (_NOT_THERE,), FunctionName=name) is None:
        return None
    return {_KEY: (site.call(_GET, FunctionName=name) or {}).get(_KEY)}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    named: dict[str, Any] = {"FunctionName": name}
    if target[key] is None:
        return Call(operation=_DELETE, region=site.region, parameters=named)
    return Call(operation=_PUT, region=site.region, parameters={**named, key: target[key]})


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.function_stops", values={"name": name}),)


STEP: Final = setting_step(
    Setting(
        id="function-stopped", order=3206, texts="respond_steps.function_stopped", rules=(),
        kind=Kind(service="lambda", call=_FUNCTION, prefix="function:", pattern=r"[A-Za-z0-9_-]{1,140}"),
        reads=(_FUNCTION, _GET), writes=(_PUT, _DELETE), read=_read, safe={_KEY: 0}, put=_put, cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)  # fmt: skip
