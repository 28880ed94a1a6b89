"""Requests parsed and answers written in the protocol of the service that was called."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any, Final
from uuid import uuid4

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class

from sakimori.simulate.call import Answer, Call, ServiceError
from sakimori.simulate.identify import request_of
from sakimori.simulate.models import model_of, router_of

_XML: Final = "text/xml"
_JSON: Final = "application/json"


def protocol_of(call: Call) -> str:
    """`ec2`, `query`, `json`, `rest-json`, `rest-xml` or `smithy-rpc-v2-cbor`: the request's, so the answer's."""
    if "HTTP_SMITHY_PROTOCOL" in call.environ:
        return "smithy-rpc-v2-cbor"
    if "HTTP_X_AMZ_TARGET" in call.environ:
        return "json"
    model = model_of(call.service)
    if model is None:
        return "rest-json" if "json" in call.content_type else "query"
    try:
        return determine_request_protocol(model, call.content_type)
    except NotImplementedError:
        return str(model.protocol)


def parameters_of(call: Call) -> Mapping[str, Any]:
    """The operation's parameters, named and typed as the service model says."""
    request = request_of(call.environ, call.body)
    model = _operation(call)
    protocol = protocol_of(call)
    uri: Mapping[str, Any] = {}
    router = router_of(call.service)
    if router and protocol.startswith("rest"):
        _, uri = router.match(request)
    parser = PROTOCOL_PARSERS[protocol](model)
    wire = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": call.body,
        "url_path": request.path,
        "url_params": uri,
    }
    return parser.parse(wire)


def success(call: Call, result: Mapping[str, Any]) -> Answer:
    """`result`, shaped as boto3 would give it back, written as the service would write it."""
    model = _operation(call)
    context = SerializationContext(request_id=str(uuid4()))
    serializer = get_serializer_class(call.service, protocol_of(call))(model, context=context)
    written = serializer.serialize(result)
    body = written["body"]
    return Answer(
        status=written["status_code"],
        headers=tuple((name, str(value)) for name, value in written["headers"].items()),
        body=body.encode() if isinstance(body, str) else body,
    )


def failure(call: Call, error: ServiceError) -> Answer:
    """`error` in the form in which the service writes errors."""
    request_id = str(uuid4())
    protocol = protocol_of(call)
    headers: tuple[tuple[str, str], ...]
    if protocol in ("json", "rest-json"):
        content_type = "application/x-amz-json-1.1" if protocol == "json" else _JSON
        headers = (("Content-Type", content_type), ("x-amzn-ErrorType", error.code))
        body = json.dumps({"__type": error.code, "message": error.message, "Message": error.message})
    elif protocol == "smithy-rpc-v2-cbor":
        headers = (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"))
        cbor = _cbor_map({"__type": error.code, "message": error.message})
        return Answer(status=error.status, headers=(*headers, ("x-amzn-RequestId", request_id)), body=cbor)
    else:
        headers = (("Content-Type", _XML),)
        body = _xml_error(call.service, protocol, error, request_id)
    headers = (*headers, ("x-amzn-RequestId", request_id))
    return Answer(status=error.status, headers=headers, body=b"" if call.method == "HEAD" else body.encode())


def error_code_of(answer: Answer) -> str:
    """The code in an error answer; "" for a success or an answer that is no AWS error."""
    if answer.status < 400:  # noqa: PLR2004 - HTTP's first status of an error
        return ""
    named = {name.lower(): value for name, value in answer.headers}.get("x-amzn-errortype", "")
    if named:
        return named.partition(":")[0]
    text = answer.body.decode("utf-8", "replace")
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0]
    try:
        data = json.loads(text)
    except ValueError:
        return ""
    return str(data.get("__type", "")).rpartition("#")[2] if isinstance(data, dict) else ""


def _operation(call: Call) -> OperationModel:
    model = model_of(call.service)
    names: Any = model.operation_names if model else ()
    if model is None or call.operation not in names:
        raise ServiceError("UnknownOperationException", f"No such operation: {call.name}", 404)
    return model.operation_model(call.operation)


def _xml_error(service: str, protocol: str, error: ServiceError, request_id: str) -> str:
    words = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if protocol == "ec2":
        errors = f"<Errors><Error>{words}</Error></Errors>"
        return f"{declaration}<Response>{errors}<RequestID>{request_id}</RequestID></Response>"
    if service == "s3":
        return f"{declaration}<Error>{words}<RequestId>{request_id}</RequestId><HostId>simulated</HostId></Error>"
    fault = "Sender" if error.status < 500 else "Receiver"  # noqa: PLR2004 - HTTP's first status of a server's fault
    inner = f"<Error><Type>{fault}</Type>{words}</Error><RequestId>{request_id}</RequestId>"
    return f"{declaration}<ErrorResponse>{inner}</ErrorResponse>"


def _cbor_map(texts: Mapping[str, str]) -> bytes:
    """RFC 8949: a map (major type 5) of text strings (major type 3), for the few members of an error."""
    written = bytes([0xA0 | len(texts)])
    for name, value in texts.items():
        for text in (name.encode(), value.encode()):
            written += bytes([0x79]) + len(text).to_bytes(2, "big") + text
    return written
