"""One call as the event that CloudTrail makes of it.

Source: CloudTrail User Guide, "CloudTrail record contents" (event version 1.11).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import uuid4

from botocore.parsers import ResponseParserError, create_parser
from werkzeug.exceptions import HTTPException

from sakimori.simulate.answers import error_code_of, parameters_of, protocol_of
from sakimori.simulate.call import Answer, Call, ServiceError
from sakimori.simulate.identify import request_of
from sakimori.simulate.models import model_of
from sakimori.simulate.trail.identity import Identity, user_name_of
from sakimori.simulate.trail.names import event_name_of, is_data, is_read_only, source_of, tells_result
from sakimori.simulate.trail.shown import concealed, shown, shown_in_s3

_VERSION: Final = "1.11"
ADDRESS: Final = "HTTP_X_SIMULATED_ADDRESS"
"""WSGI's name of the header by which a story says from where a call comes."""
_SENTENCE: Final = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)
_KEPT_BODY: Final = 256 << 10
"""Larger requests and answers are data: their parameters are not shown."""
_KEPT_HEADERS: Final = (
    "REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "HTTP_HOST", "HTTP_USER_AGENT", "HTTP_X_AMZ_TARGET",
    "HTTP_SMITHY_PROTOCOL", ADDRESS, "wsgi.url_scheme", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "RAW_URI", "REQUEST_URI",
)  # fmt: skip
_OK: Final = 400
_ARN_COLONS: Final = 5
_REQUEST_IDS: Final = ("x-amzn-requestid", "x-amz-request-id")
_BUCKET_OF: Final = re.compile(r"[a-z0-9.-]+")


@dataclass(slots=True, kw_only=True)
class Happening:
    """What CloudTrail tells of: `at` in UTC to the second; `number` grows with the order of coming.

    `event` is the whole record; of a call it is made when somebody first looks.
    """

    number: int
    at: datetime
    region: str
    is_data: bool
    event_id: str = field(default_factory=lambda: str(uuid4()))
    made: Mapping[str, Any] | None = None
    call: "AnsweredCall | None" = None

    @property
    def event(self) -> Mapping[str, Any]:
        """The record, in CloudTrail's order of fields."""
        if self.made is None and self.call is not None:
            self.made = self.call.as_event(self.at, self.event_id)
            self.call = None
        return self.made or {}


@dataclass(frozen=True, kw_only=True)
class AnsweredCall:
    """A call with what is needed to tell of it: without the bytes of objects and of long listings."""

    call: Call
    identity: Identity
    account_id: str
    status: int
    body: bytes
    request_id: str
    shared_event_id: str = ""
    """Of a call that two accounts tell of."""
    is_from_console: bool = False

    @classmethod
    def of(  # noqa: PLR0913 - each is told by its name
        cls, call: Call, answer: Answer, identity: Identity, account_id: str, *, shared: str = "", is_from_console: bool = False
    ) -> "AnsweredCall":  # fmt: skip
        """What is kept of a call and its answer."""
        keeps = answer.status >= _OK or (tells_result(call.service, call.operation) and call.service != "s3")
        headers = {name.lower(): value for name, value in answer.headers}
        kept = Call(
            service=call.service,
            operation=call.operation,
            region=call.region,
            access_key_id=call.access_key_id,
            session_token="",
            environ={name: call.environ[name] for name in _KEPT_HEADERS if name in call.environ},
            body=call.body if len(call.body) <= _KEPT_BODY and not is_data(call.service, call.operation) else b"",
        )
        return cls(
            call=kept,
            identity=identity,
            account_id=account_id,
            status=answer.status,
            body=answer.body if keeps and len(answer.body) <= _KEPT_BODY else b"",
            request_id=next((headers[name] for name in _REQUEST_IDS if name in headers), "") or str(uuid4()),
            shared_event_id=shared,
            is_from_console=is_from_console,
        )

    @cached_property
    def error_code(self) -> str:
        """As CloudTrail spells it: EC2's with `Client.` before it, denials without `Exception`."""
        code = error_code_of(Answer(status=self.status, body=self.body))
        if code == "AccessDeniedException":
            return "AccessDenied"
        return f"Client.{code}" if code and self.call.service == "ec2" else code

    def as_event(self, at: datetime, event_id: str) -> dict[str, Any]:
        """The record."""
        call = self.call
        data = is_data(call.service, call.operation)
        event: dict[str, Any] = {
            "eventVersion": _VERSION,
            "userIdentity": dict(self.identity),
            "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": source_of(call.service),
            "eventName": event_name_of(call.service, call.operation),
            "awsRegion": call.region,
            "sourceIPAddress": str(call.environ.get(ADDRESS) or call.environ.get("REMOTE_ADDR", "127.0.0.1")),
            "userAgent": str(call.environ.get("HTTP_USER_AGENT", "")),
        }
        if self.status >= _OK:
            event |= {"errorCode": self.error_code or "InternalFailure", "errorMessage": self._message()}
        parameters = self._parameters()
        event |= {"requestParameters": parameters or None, "responseElements": self._elements()}
        if call.service in {"s3", "s3control"}:
            event["additionalEventData"] = {"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader"}
        event |= {"requestID": self.request_id, "eventID": event_id, "readOnly": is_read_only(call.operation)}
        if resources := _resources(call, parameters, self.account_id):
            event["resources"] = resources
        event |= {
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": self.account_id,
            "eventCategory": "Data" if data else "Management",
        }
        if self.shared_event_id:
            event["sharedEventID"] = self.shared_event_id
        return {**event, "sessionCredentialFromConsole": "true"} if self.is_from_console else event

    def _parameters(self) -> dict[str, Any]:
        try:
            found = parameters_of(self.call)
        except (ServiceError, HTTPException, LookupError, ValueError, AttributeError, TypeError):
            # moto's parsers and router on a request that is not as the model says: CloudTrail shows none either.
            return {}
        if self.call.service == "s3":
            query = request_of(self.call.environ, b"").args
            return shown_in_s3(found, query, self.call.region)
        return shown(concealed(found, self._model().input_shape), service=self.call.service)

    def _elements(self) -> Any:
        model = self._model()
        if self.status >= _OK or not self.body or model is None or model.output_shape is None:
            return None
        shape: Any = model.output_shape
        try:
            parsed = create_parser(protocol_of(self.call)).parse(
                {"status_code": self.status, "headers": {}, "body": self.body}, shape
            )
        except (ResponseParserError, ValueError, KeyError, AttributeError, TypeError):
            return None
        parsed.pop("ResponseMetadata", None)
        if self.call.service == "ec2":
            return {"requestId": self.request_id, **_ec2_elements(parsed, shape)}
        return shown(concealed(parsed, shape), service=self.call.service) or None

    def _model(self) -> Any:
        """botocore's model of the operation, None where it has none."""
        model: Any = model_of(self.call.service)
        if model is None or self.call.operation not in model.operation_names:
            return None
        return model.operation_model(self.call.operation)

    def _message(self) -> str:
        text = self.body.decode("utf-8", "replace")
        if found := _SENTENCE.search(text):
            return found[1]
        try:
            data = json.loads(text)
        except ValueError:
            return ""
        return str(data.get("message") or data.get("Message") or "") if isinstance(data, dict) else ""


def user_name_in(event: Mapping[str, Any]) -> str:
    """By which name LookupEvents finds who it was."""
    return user_name_of(event.get("userIdentity") or {})


def _ec2_elements(value: Any, shape: Any) -> Any:
    """An answer of EC2 by the names of its XML, lists as sets of items."""
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for name, each in value.items():
            member = shape.members[name]
            spelled = member.serialization.get("name", name)
            shown_each = "<sensitiveDataRemoved>" if name == "KeyMaterial" else _ec2_elements(each, member)
            found["_return" if spelled == "return" else spelled] = shown_each
        return found
    if isinstance(value, list):
        return {"items": [_ec2_elements(each, shape.member) for each in value]} if value else {}
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _resources(call: Call, parameters: Mapping[str, Any], account_id: str) -> list[dict[str, str]]:
    """S3's data events name their object and bucket, and assuming a role names the role."""
    role = str(parameters.get("roleArn", ""))
    if call.name == "sts:AssumeRole" and role.count(":") >= _ARN_COLONS:
        return [{"accountId": role.split(":")[4], "type": "AWS::IAM::Role", "ARN": role}]
    bucket = str(parameters.get("bucketName", ""))
    if call.service != "s3" or not is_data(call.service, call.operation) or not _BUCKET_OF.fullmatch(bucket):
        return []
    arn = f"arn:aws:s3:::{bucket}"
    key = parameters.get("key")
    first = {"type": "AWS::S3::Object", **({"ARN": f"{arn}/{key}"} if key else {"ARNPrefix": f"{arn}/"})}
    return [first, {"accountId": account_id, "type": "AWS::S3::Bucket", "ARN": arn}]
