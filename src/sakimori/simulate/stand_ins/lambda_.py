"""The code of functions and layers, the list of its URLs, which moto keeps and does not give, and statements as AWS writes them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300
_ACCOUNT_DIGITS: Final = 12
# Source: Lambda API reference, AddPermission; Lambda Developer Guide, "Control access to Lambda function URLs".
_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}


def function(desk: Desk) -> Answer:
    """Moto's answer, with an address at which the code lies."""
    return _leading_to(desk, "Code", lambda told: _function(desk, told["Configuration"]["FunctionName"]).code_bytes)


def layer_version(desk: Desk) -> Answer:
    """Moto's answer, with an address at which the zip of the layer lies."""
    backend: LambdaBackend = lambda_backends[desk.state.account_id][desk.call.region]
    found: Any = backend.get_layer_version
    return _leading_to(desk, "Content", lambda told: found(told["LayerArn"], str(told["Version"])).code_bytes)


def layer_versions(desk: Desk) -> Mapping[str, Any]:
    """The versions, the newest first, of a layer that is named or told by its ARN, by which moto finds none."""
    backend: Any = lambda_backends[desk.state.account_id][desk.call.region]
    found = backend.list_layer_versions(str(desk.parameters()["LayerName"]).rpartition(":")[2])
    told = [each.get_layer_version() for each in sorted(found, key=lambda each: each.version, reverse=True)]
    return {"LayerVersions": [{name: value for name, value in each.items() if name != "Content"} for each in told]}


def _leading_to(desk: Desk, member: str, content_of: Callable[[Mapping[str, Any]], Any]) -> Answer:
    """Moto's answer whose `member` names the place of these bytes: moto's own address leads to AWS."""
    answer = desk.moto()
    told = json.loads(answer.body) if answer.status < _SUCCESS else {}
    content = content_of(told) if "Location" in told.get(member, {}) else b""
    if not content:
        return answer
    told[member]["Location"] = desk.address_of(bytes(content))
    return replace(answer, body=json.dumps(told).encode())


def function_urls(desk: Desk) -> Mapping[str, Any]:
    """The URL of the function itself; moto knows none of aliases."""
    name = str(desk.parameters()["FunctionName"])
    config: Any = _function(desk, name).url_config
    if config is None:
        return {"FunctionUrlConfigs": []}
    # moto writes the mode as "Buffered"; AWS knows it in capitals alone.
    told = {**config.to_dict(), "InvokeMode": str(config.config.get("InvokeMode") or "BUFFERED")}
    return {"FunctionUrlConfigs": [{key: value for key, value in told.items() if value is not None}]}


def function_url(desk: Desk) -> Answer:
    """Moto's answer; an error of AWS's where there is no URL, at which moto breaks."""
    name = str(desk.parameters()["FunctionName"])
    if _function(desk, name).url_config is None:
        raise ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return desk.moto()


def add_permission(desk: Desk) -> Answer | Mapping[str, Any]:
    """Moto's answer; one statement of a name, its principal and conditions as AWS writes them."""
    asked = desk.parameters()
    statements = _function(desk, str(asked["FunctionName"])).policy.statements
    sid = asked["StatementId"]
    if any(each["Sid"] == sid for each in statements):
        message = f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."  # fmt: skip
        raise ServiceError("ResourceConflictException", message, 409)
    answer = desk.moto()
    if answer.status >= _SUCCESS:
        return answer
    made = statements[-1]
    for name in _CONDITIONS:
        made.pop(name, None)
    made["Principal"] = _principal(desk, asked["Principal"])
    conditions: dict[str, dict[str, str]] = {}
    for name, (operator, key) in _CONDITIONS.items():
        if name in asked:
            value = str(asked[name])
            conditions.setdefault(operator, {})[key] = value.lower() if operator == "Bool" else value
    made.pop("Condition", None)
    if conditions:
        made["Condition"] = conditions
    return {"Statement": json.dumps(made)}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "lambda:AddPermission": add_permission,
    "lambda:GetFunction": function,
    "lambda:GetFunctionUrlConfig": function_url,
    "lambda:GetLayerVersion": layer_version,
    "lambda:ListFunctionUrlConfigs": function_urls,
    "lambda:ListLayerVersions": layer_versions,
}


def _function(desk: Desk, name: str) -> LambdaFunction:
    backend: LambdaBackend = lambda_backends[desk.state.account_id][desk.call.region]
    try:
        return backend.get_function(name)
    except UnknownFunctionException as error:
        raise ServiceError("ResourceNotFoundException", f"Function not found: {name}", 404) from error


def _principal(desk: Desk, principal: str) -> str | Mapping[str, str]:
    if principal == "*":
        return "*"
    if principal.endswith(".amazonaws.com"):
        return {"Service": principal}
    is_account = len(principal) == _ACCOUNT_DIGITS and principal.isdigit()
    return {"AWS": f"arn:{desk.state.partition}:iam::{principal}:root" if is_account else principal}
