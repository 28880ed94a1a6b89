"""Answers that look empty but are not AWS's: a proxy's page or half a body must never read as «there is none».

botocore gives an empty answer, and no error, for a JSON body that does not parse and for
an XML body with another root than the operation's.
"""

import json
import re
from typing import Any, Final

from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

_METADATA: Final = "ResponseMetadata"
_HTML: Final = re.compile(rb"\s*(?:<!--(?>.*?-->)\s*)*<(?:!doctype\s+)?html\b", re.IGNORECASE | re.DOTALL)
_ROOT: Final = re.compile(rb"<([A-Za-z_][\w.-]*)(?::([\w.-]+))?[\s/>]")
# "Response Elements" of each operation in the Amazon S3 API reference: the service model does not name them.
_ROOTS: Final = {
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectsV2": "ListBucketResult",
}
_OK: Final = 200
_NOT_OK: Final = 300


def check_answer(http_response: AWSResponse, parsed: dict[str, Any], model: OperationModel, **_event: object) -> None:
    """Raises ResponseParserError for a body that is no answer to this operation; a handler of `after-call`."""
    if not _OK <= http_response.status_code < _NOT_OK or model.has_streaming_output or model.output_shape is None:
        return
    protocol = str(model.service_model.resolved_protocol)
    # An XML body with another root leaves the whole payload empty; an empty JSON object was really sent.
    nothing = {} if protocol == "rest-xml" else None
    if any(value != nothing for key, value in parsed.items() if key != _METADATA):
        return
    body = http_response.content
    if not body.strip():
        if _is_told_in_body(model):
            raise ResponseParserError("the body is empty")
        return
    if _HTML.match(body):
        raise ResponseParserError("an HTML page came instead of an answer")
    if "json" in protocol:
        _check_json(body)
    elif protocol in {"query", "ec2"}:
        _check_root(body, {f"{model.name}Response"})
    elif protocol == "rest-xml":
        _check_root(body, _roots_of(model))


def _check_json(body: bytes) -> None:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise ResponseParserError("the body is not JSON") from error
    if not isinstance(data, dict):
        raise ResponseParserError("the body is not a JSON object")
    if any(value is not None for value in data.values()):
        raise ResponseParserError("the body has none of the members of this answer")


def _roots_of(model: OperationModel) -> set[str]:
    """Root elements that an answer of this operation may have, where the protocol does not fix it."""
    shape: Any = model.output_shape
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        return {member.serialization.get("name", member.name), member.name}
    return {_ROOTS.get(str(model.name), ""), shape.name, f"{model.name}Response", f"{model.name}Result"}


def _check_root(body: bytes, expected: set[str]) -> None:
    root = _ROOT.search(body)
    name = (root.group(2) or root.group(1)).decode("ascii") if root else ""
    if name not in expected:
        raise ResponseParserError("the body answers another operation")


def _is_told_in_body(model: OperationModel) -> bool:
    """Whether the answer has members that stand in the body, and not in headers or the status code."""
    shape: Any = model.output_shape  # botocore's lazy properties have no types
    return shape is not None and any("location" not in member.serialization for member in shape.members.values())
