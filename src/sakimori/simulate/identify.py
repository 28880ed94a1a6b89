"""Which service and operation a raw request asks for.

Signature Version 4 names Region and service in its credential scope; the operation
stands in X-Amz-Target (JSON), in the form's Action (query and EC2), in the path (Smithy
RPC), or must be found by method, path and query in the service's model (REST).
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

from moto.core.request import Request
from werkzeug.exceptions import NotFound

from sakimori.simulate.call import Call
from sakimori.simulate.models import router_of
from sakimori.simulate.services import BY_TARGET, BY_VERSION, SIGNED_AS, UNSIGNED

_HEADER_SCOPE: Final = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/,]*)/(?P<service>[^/,]+)/aws4")
_OLD_HEADER: Final = re.compile(r"^AWS (?P<key>[^:\s]+):")
_SMITHY_PATH: Final = re.compile(r"^/service/[^/]+/operation/(?P<operation>\w+)$")
_S3_CONTROL_PATH: Final = "/v20180820/"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Signed:
    key: str = ""
    region: str = ""
    name: str = ""
    token: str = ""


def identify(environ: Mapping[str, Any], body: bytes) -> Call:
    """The call in a WSGI environment; service and operation are "" where nothing fits."""
    query = parse_qs(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    signed = _signed(environ, query)
    form = _form(environ, body) or query
    service, operation = _name(environ, body, signed.name, form)
    return Call(
        service=service,
        operation=operation,
        region=signed.region,
        access_key_id=signed.key,
        session_token=signed.token,
        environ={key: value for key, value in environ.items() if key != "wsgi.input"},
        body=body,
    )


def request_of(environ: Mapping[str, Any], body: bytes) -> Request:
    """A fresh request with its body unread."""
    return Request({**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})


def _signed(environ: Mapping[str, Any], query: Mapping[str, list[str]]) -> _Signed:
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    token = str(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")) or _first(query, "X-Amz-Security-Token")
    scope = header if "Credential=" in header else f"Credential={_first(query, 'X-Amz-Credential')}"
    if found := _HEADER_SCOPE.search(scope):
        return _Signed(found["key"], found["region"], found["service"].lower(), token)
    if found := _OLD_HEADER.match(header):
        return _Signed(found["key"], "us-east-1", "s3", token)
    if key := _first(query, "AWSAccessKeyId"):
        return _Signed(key, "us-east-1", "s3", token)
    return _Signed()


def _form(environ: Mapping[str, Any], body: bytes) -> Mapping[str, list[str]]:
    if not str(environ.get("CONTENT_TYPE", "")).startswith(_FORM):
        return {}
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)


def _name(environ: Mapping[str, Any], body: bytes, signing_name: str, form: Mapping[str, list[str]]) -> tuple[str, str]:
    action = _first(form, "Action")
    if not signing_name:
        signing_name = UNSIGNED.get(action, "" if action else "s3")
    if target := str(environ.get("HTTP_X_AMZ_TARGET", "")):
        prefix, _, operation = target.rpartition(".")
        return BY_TARGET.get(prefix, _likeliest(signing_name)), operation
    if smithy := _SMITHY_PATH.match(str(environ.get("PATH_INFO", ""))):
        return _likeliest(signing_name), smithy["operation"]
    if action and signing_name != "s3":
        version = _first(form, "Version")
        return BY_VERSION.get((signing_name, version), _likeliest(signing_name)), action
    return _by_path(environ, body, signing_name)


def _by_path(environ: Mapping[str, Any], body: bytes, signing_name: str) -> tuple[str, str]:
    candidates = SIGNED_AS.get(signing_name, (signing_name,))
    if signing_name == "s3":
        candidates = ("s3control",) if _is_s3_control(environ) else ("s3",)
    for service in candidates:
        if operation := _routed(service, environ, body):
            return service, operation
    return candidates[0], ""


def _is_s3_control(environ: Mapping[str, Any]) -> bool:
    # An object key may begin with the same words: s3control also names the account.
    path = str(environ.get("PATH_INFO", ""))
    host = str(environ.get("HTTP_HOST", ""))
    return "s3-control" in host or (path.startswith(_S3_CONTROL_PATH) and bool(environ.get("HTTP_X_AMZ_ACCOUNT_ID")))


def _routed(service: str, environ: Mapping[str, Any], body: bytes) -> str:

    router = router_of(service)
    if router is None:
        return ""
    try:
        operation, _ = router.match(request_of(environ, body))
    except (NotFound, NotImplementedError):
        return ""
    return str(operation.name)


def _likeliest(signing_name: str) -> str:
    return SIGNED_AS.get(signing_name, (signing_name,))[0]


def _first(values: Mapping[str, list[str]], name: str) -> str:
    found = values.get(name)
    return found[0] if found else ""
