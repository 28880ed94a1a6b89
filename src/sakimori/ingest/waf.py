"""Logs of AWS WAF: a record a request that a web ACL judged, as WAF delivers them to S3 or through Firehose.

https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
"""

from functools import partial
from typing import Any, Final

from sakimori.ingest.json_members import Values, finished, plan_of, take
from sakimori.ingest.json_records import Record, rows_of, top_keys
from sakimori.ingest.lines.fields import owner_of
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Reason, Refused, Row, Source, col, log_table

TABLE: Final = log_table(
    "aws_waf_log",
    "Requests that web ACLs of AWS WAF judged; those of CloudFront stand in us-east-1.",
    time="time",
    # No identity: a client can choose the trace ID that is the request ID behind a load balancer.
    distinct=("request_id",),
    columns=[
        col("time", TIMESTAMP, "When WAF judged the request."),
        col("format_version", INTEGER, "The version of the log's format."),
        col("web_acl_id", TEXT, "The web ACL's ARN, or its ID in WAF Classic."),
        col("action", TEXT, "ALLOW, BLOCK, CAPTCHA or CHALLENGE."),
        col("terminating_rule_id", TEXT, "The rule that decided; Default_Action where none did."),
        col("terminating_rule_type", TEXT, "REGULAR, RATE_BASED, GROUP or MANAGED_RULE_GROUP."),
        col("terminating_rule_match_details", TEXT, "JSON of what that rule found (SQL injection and cross-site scripting only)."),
        col("http_source_name", TEXT, "Where the request went: CF, ALB, APIGW, APPSYNC and so on."),
        col("http_source_id", TEXT, "The ID of the resource that the request went to."),
        col("response_code_sent", INTEGER, "The status code that WAF answered itself; NULL where it did not."),
        col("client_ip", TEXT, "The client's IP address."),
        col("country", TEXT, "The country of that address; NULL where WAF does not know it."),
        col("client_asn", INTEGER, "The autonomous system of that address, logged where a rule asks for it."),
        col("forwarded_asn", INTEGER, "The autonomous system of the address in a forwarding header, logged where a rule asks for it."),
        col("http_method", TEXT, "The HTTP method."),
        col("scheme", TEXT, "http or https."),
        col("host", TEXT, "The host of the request, from its own field or the Host header."),
        col("uri", TEXT, "The path."),
        col("args", TEXT, "The query string."),
        col("fragment", TEXT, "The part of the URL after #."),
        col("http_version", TEXT, "The HTTP version."),
        col("user_agent", TEXT, "The User-Agent header."),
        col("headers", TEXT, "JSON of all headers in order (name, value)."),
        col("request_id", TEXT, "The ID of the request; behind a load balancer its trace ID, which a client can choose."),
        col("labels", TEXT, "The labels that rules put on the request, with commas; NULL where there are none."),
        col("rule_group_list", TEXT, "JSON of the rule groups that looked at the request, and what matched in each."),
        col("rate_based_rule_list", TEXT, "JSON of the rate-based rules that looked at the request."),
        col("non_terminating_matching_rules", TEXT, "JSON of the rules that matched and let the request go on (COUNT)."),
        col("request_headers_inserted", TEXT, "JSON of the headers that WAF added."),
        col("captcha_response", TEXT, "JSON of how a CAPTCHA went."),
        col("challenge_response", TEXT, "JSON of how a challenge went."),
        col("ja3_fingerprint", TEXT, "The JA3 fingerprint of the TLS handshake."),
        col("ja4_fingerprint", TEXT, "The JA4 fingerprint of the TLS handshake."),
        col("oversize_fields", TEXT, "JSON of the parts of the request that were larger than WAF looks at."),
        col("request_body_size", INTEGER, "The body's size in bytes."),
        col("request_body_size_inspected_by_waf", INTEGER, "Bytes of the body that WAF looked at."),
        col("cf_distribution_tenant_id", TEXT, "The CloudFront distribution tenant."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)  # fmt: skip

_PLAN: Final = plan_of(
    TABLE,
    {
        "timestamp": "time",
        "formatVersion": "format_version",
        "webaclId": "web_acl_id",
        "action": "action",
        "terminatingRuleId": "terminating_rule_id",
        "terminatingRuleType": "terminating_rule_type",
        "httpSourceName": "http_source_name",
        "httpSourceId": "http_source_id",
        "responseCodeSent": "response_code_sent",
        "clientAsn": "client_asn",
        "forwardedAsn": "forwarded_asn",
        "ja3Fingerprint": "ja3_fingerprint",
        "ja4Fingerprint": "ja4_fingerprint",
        "requestBodySize": "request_body_size",
        "requestBodySizeInspectedByWAF": "request_body_size_inspected_by_waf",
        "cfDistributionTenantId": "cf_distribution_tenant_id",
    },
    {
        "terminatingRuleMatchDetails": "terminating_rule_match_details",
        "ruleGroupList": "rule_group_list",
        "rateBasedRuleList": "rate_based_rule_list",
        "nonTerminatingMatchingRules": "non_terminating_matching_rules",
        "requestHeadersInserted": "request_headers_inserted",
        "captchaResponse": "captcha_response",
        "challengeResponse": "challenge_response",
        "oversizeFields": "oversize_fields",
    },
)
_OF_REQUEST: Final = plan_of(
    TABLE,
    {
        "clientIp": "client_ip",
        "country": "country",
        "clientAsn": "client_asn",
        "forwardedAsn": "forwarded_asn",
        "httpMethod": "http_method",
        "scheme": "scheme",
        "host": "host",
        "uri": "uri",
        "args": "args",
        "fragment": "fragment",
        "httpVersion": "http_version",
        "requestId": "request_id",
    },
    {"headers": "headers"},
)
_UNKNOWN_AS_HYPHEN: Final = frozenset({"country", "httpSourceName", "httpSourceId"})
_OF_HEADERS: Final = {"host": "host", "user-agent": "user_agent"}
_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "x-amz-security-token"}
)
_BETWEEN: Final = b'}{"timestamp":'
"""Between two records that Firehose put together without a line end. No text in JSON can hold it."""


def _row(record: Record) -> Row | Refused:
    rest = _without_hyphens(record.members)
    if "webaclId" not in rest:
        return Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
    row: Values = {}
    take(_PLAN, rest, row)
    _take_request(rest, row)
    _take_labels(rest, row)
    row["account_id"], row["region"] = owner_of(str(row.get("web_acl_id")))
    return finished(record, TABLE, row, rest)


def _take_request(rest: dict[str, Any], row: Values) -> None:
    request = rest.pop("httpRequest", None)
    if isinstance(request, dict):
        for name, value in _headers(request.get("headers")).items():
            row.setdefault(name, value)
        host = row.pop("host", None)
        request = _without_hyphens(request)
        request["headers"] = _without_secrets(request.get("headers"))
        take(_OF_REQUEST, request, row)
        row.setdefault("host", host)
    if request:
        rest["httpRequest"] = request


def _without_hyphens(members: dict[str, Any]) -> dict[str, Any]:
    """The members without those for which WAF writes a hyphen, because it does not know them. A client may write one."""
    return {name: value for name, value in members.items() if value != "-" or name not in _UNKNOWN_AS_HYPHEN}


def _without_secrets(headers: object) -> object:
    """The headers, with *** for values that let whoever reads them sign in: the lake holds no secret."""
    if not isinstance(headers, list):
        return headers
    return [
        {**header, "value": "***"}
        if isinstance(header, dict) and str(header.get("name")).lower() in _SECRET_HEADERS
        else header
        for header in headers
    ]


def _headers(headers: object) -> Values:
    """The columns that headers fill, of each the first."""
    found: Values = {}
    for header in headers if isinstance(headers, list) else ():
        name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        column = _OF_HEADERS.get(name.lower()) if isinstance(name, str) else None
        if column and isinstance(value, str):
            found.setdefault(column, value)
    return found


def _take_labels(rest: dict[str, Any], row: Values) -> None:
    labels = rest.get("labels")
    if not isinstance(labels, list):
        return
    names = [label.get("name") if isinstance(label, dict) and len(label) == 1 else None for label in labels]
    if all(isinstance(name, str) for name in names):
        row["labels"] = ", ".join(map(str, names)) or None
        del rest["labels"]


def _cut(data: bytes) -> int:
    """After the last line, or the last record that another follows without a line end."""
    return max(data.rfind(b"\n") + 1, data.rfind(_BETWEEN) + 1)


def _recognises(name: str, head: bytes) -> bool:
    return "/WAFLogs/" in name or "_waflogs_" in name or {"webaclId", "terminatingRuleId"} <= top_keys(head)


SOURCE: Final = Source(
    name="waf",
    table=TABLE,
    batch=partial(RowBatch, TABLE, partial(rows_of, row=_row)),
    recognises=_recognises,
    cut=_cut,
)
