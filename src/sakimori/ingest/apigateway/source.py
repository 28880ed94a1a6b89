"""Access logs of API Gateway: REST, HTTP and WebSocket APIs, in the formats that its console proposes, and other JSON.

An API's owner writes the format. JSON is taken by the names of its members, however they are spelled (`requestId`,
`request_id`, `identity.sourceIp`); CLF and CSV as the console proposes them. XML is refused, as is any other line.
A client may choose its own `requestId`, so that alone does not tell requests apart: `extendedRequestId` does, where the
format has it. Source: API Gateway Developer Guide, "Set up access logging" and "Variables for access logging".
"""

import re
from datetime import datetime
from functools import partial
from typing import Any, Final

from sakimori.ingest.apigateway.lines import fields_of
from sakimori.ingest.json_members import Values, finished, moment, plan_of, take
from sakimori.ingest.json_records import Record, cut, rows_of, top_keys
from sakimori.ingest.log_messages import Message, first_message
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Reason, Refused, Row, Source, col, log_table

TABLE: Final = log_table(
    "aws_apigateway_access_log",
    "Requests that APIs of API Gateway got, as their access logs tell them.",
    key="request_id",
    time="request_time",
    identity=("extended_request_id", "request_time"),
    distinct=("request_time", "request_id", "extended_request_id"),
    columns=(
        col("request_time", TIMESTAMP, "When the request came, or where the format has no time, when it was logged."),
        col("request_id", TEXT, "The request's identifier, which the client may have chosen."),
        col("extended_request_id", TEXT, "API Gateway's own identifier of the request; NULL where the format lacks it."),
        col("ip", TEXT, "The IP address from which the request came."),
        col("caller", TEXT, "The principal that signed the request; NULL where it was not signed."),
        col("user", TEXT, "The user that signed the request; NULL where it was not signed."),
        col("user_arn", TEXT, "The ARN of that user."),
        col("principal_id", TEXT, "Whom the authorizer made out."),
        col("user_agent", TEXT, "The program that made the request, as it calls itself."),
        col("http_method", TEXT, "The method of the request."),
        col("resource_path", TEXT, "The resource as the API defines it, such as `/orders/{id}`."),
        col("route_key", TEXT, "The route of an HTTP or WebSocket API."),
        col("path", TEXT, "The path as it was asked for."),
        col("protocol", TEXT, "The protocol of the request."),
        col("event_type", TEXT, "CONNECT, MESSAGE or DISCONNECT, of a WebSocket API."),
        col("connection_id", TEXT, "The connection, of a WebSocket API."),
        col("status", INTEGER, "The status that the client got."),
        col("response_length", INTEGER, "The length of the response's body, in bytes."),
        col("response_latency", INTEGER, "How long the response took, in milliseconds."),
        col("integration_status", INTEGER, "The status that the integration gave."),
        col("integration_latency", INTEGER, "How long the integration took, in milliseconds."),
        col("error_message", TEXT, "What went wrong, in API Gateway's words."),
        col("api_id", TEXT, "The API."),
        col("stage", TEXT, "The API's stage."),
        col("domain_name", TEXT, "The domain name that was called."),
        col("rest", TEXT, "All other fields, as JSON; `***` for the value of an API key."),
    ),
)  # fmt: skip

_BY_SPELLING: Final = {
    "requesttimeepoch": "request_time", "requesttime": "request_time",
    "requestid": "request_id", "extendedrequestid": "extended_request_id",
    "ip": "ip", "sourceip": "ip", "identitysourceip": "ip", "clientip": "ip",
    "caller": "caller", "identitycaller": "caller", "user": "user", "identityuser": "user",
    "userarn": "user_arn", "identityuserarn": "user_arn",
    "principalid": "principal_id", "authorizerprincipalid": "principal_id",
    "useragent": "user_agent", "identityuseragent": "user_agent",
    "httpmethod": "http_method", "method": "http_method", "resourcepath": "resource_path", "routekey": "route_key",
    "path": "path", "protocol": "protocol", "eventtype": "event_type", "connectionid": "connection_id",
    "status": "status", "responselength": "response_length", "responselatency": "response_latency",
    "integrationstatus": "integration_status", "integrationlatency": "integration_latency",
    "integrationresponselatency": "integration_latency",
    "errormessage": "error_message", "errorresponsemessage": "error_message",
    "apiid": "api_id", "stage": "stage", "domainname": "domain_name", "accountid": "account_id",
}  # fmt: skip
"""Names of members in small letters, without what stands between words and without `context`."""
_PLAN: Final = plan_of(TABLE, _BY_SPELLING)
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_API_KEY: Final = ("apikey", "identityapikey")
_HIDDEN: Final = "***"
_REQUEST_IDS: Final = frozenset({"requestid", "extendedrequestid"})
_OF_REQUESTS: Final = frozenset(
    {"httpmethod", "routekey", "resourcepath", "path", "eventtype", "requesttime", "requesttimeepoch", "responselength"}
)
_OF_OTHERS: Final = frozenset(
    {"eventversion", "eventsource", "eventname", "webaclid", "httprequest", "detail", "records"}
)
_FEWEST: Final = 2


def _row(record: Record) -> Row | Refused:
    spelled: dict[str, Any] = {}
    names: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for name, value in _flat(record.members):
        spelling = _BETWEEN_WORDS.sub("", name).lower().removeprefix("context")
        if value is None or value == "-":
            continue
        if spelling in _API_KEY:
            rest[name] = _HIDDEN
        elif spelling in spelled:
            rest[name] = value
        else:
            names[spelling] = name
            spelled[spelling] = (_clf_time(value) or value) if spelling == "requesttime" else value
    row: Values = {}
    take(_PLAN, spelled, row)
    if isinstance(spelled.get("requesttime"), datetime):
        # The same moment as requestTimeEpoch, but to the second.
        del spelled["requesttime"]
    if "request_id" not in row and "extended_request_id" not in row and len(row) <= _FEWEST:
        return Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
    rest |= {names[spelling]: value for spelling, value in spelled.items()}
    return finished(record, TABLE, row, rest)


def _flat(members: dict[str, Any]) -> list[tuple[str, Any]]:
    """The members, those of an `identity` or `context` of their own with that name before them."""
    found: list[tuple[str, Any]] = []
    for name, value in members.items():
        if name in ("identity", "context") and isinstance(value, dict):
            found += ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            found.append((name, value))
    return found


def _clf_time(value: object) -> datetime | None:
    try:
        return moment(datetime.strptime(str(value), "%d/%b/%Y:%H:%M:%S %z"))
    except ValueError:
        return None


def _line_row(message: Message) -> Row | Refused:
    fields = fields_of(message.text)
    if fields is None:
        is_xml = message.text.startswith("<")
        reason = Reason.UNKNOWN_FORMAT if is_xml else Reason.BAD_LINE
        return Refused(offset=message.offset, reason=reason, detail="XML" if is_xml else "", size=len(message.text))
    return _row(Record(message.offset, dict(fields), message.logged_at))


def _recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 - an API's owner names the log group as they like
    keys = {_BETWEEN_WORDS.sub("", key).lower().removeprefix("context") for key in top_keys(head)}
    if keys:
        return bool(keys & _REQUEST_IDS) and len(keys & _OF_REQUESTS) >= _FEWEST and not keys & _OF_OTHERS
    return fields_of(first_message(head)) is not None


SOURCE: Final = Source(
    name="apigateway",
    table=TABLE,
    batch=partial(RowBatch, TABLE, partial(rows_of, row=_row, line=_line_row)),
    recognises=_recognises,
    cut=cut,
)
