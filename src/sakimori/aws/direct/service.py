"""The operations of one service, called without a client of botocore's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from botocore import parsers, serialize
from botocore.awsrequest import AWSPreparedRequest, HeadersDict, prepare_request_dict
from botocore.compat import get_current_datetime
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.model import OperationModel

from sakimori.aws.answers import check_answer
from sakimori.aws.direct import events
from sakimori.aws.direct.endpoints import Endpoints, Place
from sakimori.aws.direct.signature import Key, Purpose, Unsigned, sign
from sakimori.aws.transport import Transport

_NOT_OK: Final = 300
_WITHOUT_LENGTH: Final = frozenset({"GET", "HEAD"})
"""Methods whose empty body needs no length."""
_V4: Final = "v4"
_SIGV4: Final = "aws.auth#sigv4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What all operations of a session share. `credentials` gives botocore's, renewed, or None; `emit` its events."""

    transport: Transport
    credentials: Callable[[], Any]
    emit: Callable[..., Any]
    user_agent: str
    injects_host_prefix: bool


def is_plain(operation: OperationModel) -> bool:
    """Whether the model, its parameters and version 4 signatures are all there is to a call of it."""
    service: Any = operation.service_model  # botocore's lazy properties have no types
    allowed: set[str] = {*cast("Any", operation.auth or ()), *(service.metadata.get("auth") or ())}
    return (
        service.signature_version == _V4
        and operation.auth_type in {None, _V4}
        and allowed <= {_SIGV4}
        and not operation.has_streaming_input
        and not operation.has_streaming_output
        and not operation.has_event_stream_output
        and not operation.unsigned_payload
        and not operation.http_checksum
        and not operation.http_checksum_required
        and not operation.request_compression
        and not operation.endpoint_discovery
        and not operation.static_context_parameters
        and not operation.context_parameters
        and not operation.operation_context_parameters
        and not events.is_special(service, str(operation.name))
    )


class DirectOperation:
    """One plain operation. Thread-safe."""

    def __init__(self, operation: OperationModel, endpoints: Endpoints, way: Way) -> None:
        self._operation = operation
        self._endpoints = endpoints
        self._way = way
        protocol = operation.service_model.resolved_protocol
        self._serializer = serialize.create_serializer(protocol)
        self._parser = parsers.create_parser(protocol)
        self._event = f"{operation.service_model.service_id.hyphenize()}.{operation.name}"

    def goes_to(self, region: str) -> Place | None:
        """None where botocore has to make the call. Raises EndpointProviderError for a Region that the rules do not know."""
        return self._endpoints.place(region, self._operation.service_model.signing_name)

    def call(self, place: Place, parameters: Mapping[str, object]) -> dict[str, Any]:
        """The answer as botocore's client gives it; raises what that raises, except that every error of AWS's is a plain ClientError."""
        context: dict[str, Any] = {}
        response = self._way.transport.send(self._signed(self._request(place, parameters, context), place))
        answer = self._parsed(response)
        self._emit(events.AFTER_CALL, http_response=response, parsed=answer, context=context)
        check_answer(response, answer, self._operation)
        if response.status_code >= _NOT_OK:
            raise ClientError(answer, str(self._operation.name))
        return answer

    def _request(self, place: Place, parameters: Mapping[str, object], context: dict[str, Any]) -> dict[str, Any]:
        given = dict(parameters)
        self._emit(events.BEFORE_PARAMETERS, params=given, context=context)
        request = self._serializer.serialize_to_request(given, self._operation)
        if not self._way.injects_host_prefix:
            request.pop("host_prefix", None)
        request["headers"].update(place.headers)
        prepare_request_dict(request, place.url, context, self._way.user_agent)
        self._emit(events.BEFORE_CALL, params=request, request_signer=None, context=context)
        return request

    def _signed(self, request: dict[str, Any], place: Place) -> AWSPreparedRequest:
        credentials = self._way.credentials()
        if credentials is None:
            raise NoCredentialsError
        frozen = credentials.get_frozen_credentials()
        key = Key(access_key=frozen.access_key, secret_key=frozen.secret_key, token=frozen.token or "")
        body = request["body"]
        if isinstance(body, dict):
            body = urlencode(body, doseq=True)
        content = body.encode() if isinstance(body, str) else bytes(body or b"")
        method, url = request["method"], request["url"]
        headers = {name: str(value) for name, value in request["headers"].items()}
        asked = Unsigned(method=method, url=url, headers=headers, body=content)
        purpose = Purpose(region=place.region, service=place.service)
        headers = sign(asked, key, purpose, get_current_datetime())
        if method not in _WITHOUT_LENGTH:
            headers["Content-Length"] = str(len(content))
        return AWSPreparedRequest(method, url, HeadersDict(headers), content or None, stream_output=False)

    def _parsed(self, response: Any) -> dict[str, Any]:
        told = {
            "headers": response.headers, "status_code": response.status_code, "body": response.content,
            "context": {"operation_name": self._operation.name},
        }  # fmt: skip
        answer = self._parser.parse(told, self._operation.output_shape)
        if response.status_code >= _NOT_OK:
            code = answer.get("Error", {}).get("Code")
            shape = self._operation.service_model.shape_for_error_code(code) if code is not None else None
            if shape is not None:
                answer.update(self._parser.parse(told, shape))
        return answer

    def _emit(self, event: str, **values: Any) -> None:
        self._way.emit(f"{event}.{self._event}", model=self._operation, **values)
