"""HTTP Activity (4002) from the access logs of load balancers, CloudFront and S3, and from the logs of WAF.

Source: OCSF 1.8.0, events/network/http_activity.json, profiles/{load_balancer,security_control,host}.json. The log's own
reference stands at each table in `sakimori.ingest`.
"""

import re
from typing import Any, Final, cast

from sakimori.outputs.log_ocsf.event import (
    FAILURE,
    OTHER,
    SUCCESS,
    UNKNOWN,
    UNTOLD,
    EventClass,
    Span,
    cloud_of,
    finished,
    metadata_of,
    time_of,
)
from sakimori.outputs.log_ocsf.http_exchange import (
    ACTIVITIES,
    addresses_of,
    code_of,
    method_of,
    milliseconds_of,
    status_of,
    tls_of,
    url_of,
    url_of_parts,
)
from sakimori.outputs.log_ocsf.row_values import (
    Left,
    Row,
    address,
    known,
    moment,
    number,
    port,
    structure,
    text,
    values_of,
    whole,
)

CLASS: Final = EventClass(
    uid=4002, name="HTTP Activity", category_uid=4, category_name="Network Activity", activities=ACTIVITIES
)
_RULE_ACTIONS: Final = {
    "ALLOW": {"action_id": 1, "action": "Allowed", "disposition_id": 1, "disposition": "Allowed"},
    "BLOCK": {"action_id": 2, "action": "Denied", "disposition_id": 2, "disposition": "Blocked"},
    "CAPTCHA": {"action_id": 0, "action": "Unknown", "disposition_id": 22, "disposition": "Captcha"},
    "CHALLENGE": {"action_id": 0, "action": "Unknown", "disposition_id": 23, "disposition": "Challenge"},
    "COUNT": {"action_id": 3, "action": "Observed", "disposition_id": 20, "disposition": "Count"},
}
_REQUEST_LINE: Final = re.compile(r"(\S+) (.*) (HTTP/[0-9.]+)", re.DOTALL)


def from_load_balancer(row: Row) -> dict[str, Any]:
    """One request of `aws_alb_access_log`."""
    left = values_of(row)
    at, created = time_of(left, "time"), moment(left, "request_creation_time")
    method, balancer = text(left, "request_verb"), text(left, "elb")
    code, target_code = code_of(left, "elb_status_code"), code_of(left, "target_status_code")
    received, sent = whole(left, "received_bytes"), whole(left, "sent_bytes")
    latency = milliseconds_of(*(left.get(f"{phase}_processing_time") for phase in ("request", "target", "response")))
    target_ip = address(left, "target_ip")
    request = known(
        url=url_of(text(left, "request_url")),
        version=text(left, "request_protocol"),
        user_agent=text(left, "user_agent"),
        uid=text(left, "trace_id"),
        length=received,
    )
    share = known(
        uid=balancer,
        dst_endpoint=known(ip=target_ip, port=port(left, "target_port")) if target_ip else None,
        code=target_code,
        error_message=text(left, "error_reason"),
        classification=text(left, "classification"),
    )
    if not balancer:
        share["name"] = UNKNOWN
    event: dict[str, Any] = {
        **_begun(method, request),
        **Span(at=at, start=created, end=at if created else None).attributes(),
        "metadata": metadata_of("Elastic Load Balancing", "load_balancer", feature="Application Load Balancer"),
        "cloud": cloud_of(left),
        "src_endpoint": _client(left, "client_ip", "client_port"),
        "dst_endpoint": {"uid": balancer, "type_id": 15, "type": "Load Balancer"} if balancer else None,
        "load_balancer": share,
        "http_response": code and known(code=code, length=sent, latency=latency),
        "traffic": known(bytes_out=received, bytes_in=sent) or None,
        "tls": tls_of(left, "ssl_protocol", "ssl_cipher", "domain_name"),
        **_ended(code),
    }
    return finished(event, left)


def from_cloudfront(row: Row) -> dict[str, Any]:
    """One request of `aws_cloudfront_access_log`."""
    left = values_of(row)
    at, method, request_id = time_of(left, "time"), text(left, "cs_method"), text(left, "x_edge_request_id")
    received, sent, code = whole(left, "cs_bytes"), whole(left, "sc_bytes"), code_of(left, "sc_status")
    path, query = text(left, "cs_uri_stem"), text(left, "cs_uri_query")
    request = known(
        url=url_of_parts(text(left, "cs_protocol"), text(left, "x_host_header"), path, query),
        version=text(left, "cs_protocol_version"),
        user_agent=text(left, "cs_user_agent"),
        referrer=text(left, "cs_referer"),
        x_forwarded_for=addresses_of(left, "x_forwarded_for"),
        uid=request_id,
        length=received,
    )
    response = code and known(
        code=code,
        length=sent,
        latency=milliseconds_of(number(left, "time_taken")),
        content_type=text(left, "sc_content_type"),
        body_length=whole(left, "sc_content_len"),
    )
    edge = known(ip=address(left, "s_ip"), hostname=text(left, "cs_host"), uid=text(left, "distribution_id"))
    event: dict[str, Any] = {
        **_begun(method, request),
        **Span(at=at).attributes(),
        "metadata": metadata_of("CloudFront", uid=request_id, original_event_uid=request_id),
        "cloud": cloud_of(left),
        "src_endpoint": _client(left, "c_ip", "c_port", asn="asn", country="c_country"),
        "dst_endpoint": edge or None,
        "http_response": response,
        "traffic": known(bytes_out=received, bytes_in=sent) or None,
        "tls": tls_of(left, "ssl_protocol", "ssl_cipher"),
        **_ended(code),
    }
    return finished(event, left)


def from_waf(row: Row) -> dict[str, Any]:
    """One request of `aws_waf_log`, with what the web ACL decided."""
    left = values_of(row)
    at, method, action = time_of(left, "time"), text(left, "http_method"), text(left, "action")
    code, acl, rule = code_of(left, "response_code_sent"), text(left, "web_acl_id"), text(left, "terminating_rule_id")
    labels, version = text(left, "labels"), whole(left, "format_version")
    path, query = text(left, "uri"), text(left, "args")
    request = known(
        url=url_of_parts(text(left, "scheme"), text(left, "host"), path, query),
        version=text(left, "http_version"),
        user_agent=text(left, "user_agent"),
        http_headers=_headers(left),
        uid=text(left, "request_id"),
        body_length=whole(left, "request_body_size"),
    )
    status = UNTOLD if action is None else SUCCESS if action == "ALLOW" else FAILURE
    event: dict[str, Any] = {
        **_begun(method, request),
        **Span(at=at).attributes(),
        **(_RULE_ACTIONS.get(action, {"action_id": OTHER, "action": action}) if action else {}),
        "metadata": metadata_of(
            "WAF",
            "security_control",
            log_version=None if version is None else str(version),
            labels=labels.split(", ") if labels else None,
        ),
        "cloud": cloud_of(left),
        "policy": {"uid": acl} if acl else None,
        "firewall_rule": known(uid=rule, type=text(left, "terminating_rule_type")) if rule else None,
        "src_endpoint": _client(left, "client_ip", "", asn="client_asn", country="country"),
        "dst_endpoint": known(uid=text(left, "http_source_id"), svc_name=text(left, "http_source_name")) or None,
        "http_response": {"code": code} if code else None,
        "status_id": status[0],
        "status": status[1],
        "status_code": action,
    }
    return finished(event, left)


def from_bucket(row: Row) -> dict[str, Any]:
    """One request of `aws_s3_access_log`."""
    left = values_of(row)
    at, request_id, key = time_of(left, "time"), text(left, "request_id"), text(left, "key")
    line, requester, bucket = (
        _REQUEST_LINE.fullmatch(str(left.get("request_uri"))),
        text(left, "requester"),
        text(left, "bucket"),
    )
    method, target, version = line.groups() if line else (None, None, None)
    if line:
        del left["request_uri"]
    code, tls = code_of(left, "http_status"), tls_of(left, "tls_version", "cipher_suite")
    host, operation, error = text(left, "host_header"), text(left, "operation"), text(left, "error_code")
    path, _, query = (target or "").partition("?")
    request = known(
        url=url_of_parts("https" if tls else None, host, path or None, query or None),
        version=version,
        user_agent=text(left, "user_agent"),
        referrer=text(left, "referer"),
        uid=request_id,
    )
    response = code and known(code=code, body_length=whole(left, "bytes_sent"), latency=whole(left, "total_time"))
    event: dict[str, Any] = {
        **_begun(method, request),
        **Span(at=at).attributes(),
        "metadata": metadata_of(
            "S3", *(("host",) if requester else ()), feature="Server Access Logging", original_event_uid=request_id
        ),
        "cloud": cloud_of(left),
        "actor": {"user": {"uid": requester}} if requester else None,
        "api": {"operation": operation, "service": {"name": "s3.amazonaws.com"}} if operation else None,
        "src_endpoint": _client(left, "remote_ip", ""),
        "dst_endpoint": known(name=bucket, hostname=host) or None,
        "file": _object(left, key) if key else None,
        "http_response": response,
        "tls": tls,
        **_ended(code),
        "status_detail": error,
    }
    return finished(event, left)


def _begun(method: str | None, request: dict[str, Any]) -> dict[str, Any]:
    """The head of the event and its request; a method that OCSF has no name for is the name of the activity."""
    activity, known_method = method_of(method)
    return {**CLASS.head(activity, method), "http_request": {**request, **known(http_method=known_method)}}


def _ended(code: int | None) -> dict[str, Any]:
    status = status_of(code)
    return {"status_id": status[0], "status": status[1], **known(status_code=None if code is None else str(code))}


def _client(left: Left, ip: str, source_port: str, *, asn: str = "", country: str = "") -> dict[str, Any] | None:
    """Who asked; None where the log has no address."""
    found = address(left, ip)
    if not found:
        return None
    system = whole(left, asn) if asn else None
    land = text(left, country) if country else None
    return known(
        ip=found,
        port=port(left, source_port) if source_port else None,
        autonomous_system=None if system is None else {"number": system},
        location={"country": land} if land else None,
    )


def _headers(left: Left) -> list[dict[str, str]] | None:
    """All headers in order; where one is strange all of them go with the rest."""
    held, listed = left.get("headers"), structure(left, "headers")
    made: list[dict[str, str]] = []
    for each in cast("list[object]", listed) if isinstance(listed, list) else []:
        members = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        name, value = members.get("name"), members.get("value")
        if members.keys() != {"name", "value"} or not (isinstance(name, str) and isinstance(value, str)):
            left["headers"] = held
            return None
        made.append({"name": name, "value": value})
    if not made and listed is not None:
        left["headers"] = held
    return made or None


def _object(left: Left, key: str) -> dict[str, Any]:
    """The object that the request names, as OCSF's file."""
    name = key.rstrip("/").rpartition("/")[2] or key
    return known(name=name, path=key, type_id=1, type="Regular File", size=whole(left, "object_size"))
