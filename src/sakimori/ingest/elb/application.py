"""Access logs of Application Load Balancers: a line a request.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.elb.lines import REQUEST_AND_AGENT, is_named, named
from sakimori.ingest.lines.batch import LineBatch
from sakimori.ingest.lines.fields import address, arn, decimal, moment, quoted, request, text, whole
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.source import DOUBLE, INTEGER, TEXT, TIMESTAMP, Source, col, log_table

_TLS: Final = r"(?:TLS|SSL)v[0-9.]+"

FORMAT: Final = LineFormat(
    head=(
        text("type", like="[a-z0-9]+"),
        moment("time"),
        text("elb", like=r"app/[^ ]+"),
        address("client:port", "client_ip", "client_port"),
        address("target:port", "target_ip", "target_port"),
        decimal("request_processing_time"),
        decimal("target_processing_time"),
        decimal("response_processing_time"),
        whole("elb_status_code"),
        whole("target_status_code"),
        whole("received_bytes"),
        whole("sent_bytes"),
    ),
    middle=(request(), quoted("user_agent")),
    bounds=re.compile(rf"{REQUEST_AND_AGENT}(?=[A-Za-z0-9_-]+ (?:-|{_TLS})(?: |\Z))", re.DOTALL),
    tail=(
        text("ssl_cipher", like="[A-Za-z0-9_-]+"),
        text("ssl_protocol", like=_TLS),
        arn("target_group_arn"),
        quoted("trace_id"),
        quoted("domain_name"),
        quoted("chosen_cert_arn", is_owner=True),
        whole("matched_rule_priority"),
        moment("request_creation_time"),
        quoted("actions_executed"),
        quoted("redirect_url"),
        quoted("error_reason"),
        quoted("target:port_list", into="target_port_list"),
        quoted("target_status_code_list"),
        quoted("classification"),
        quoted("classification_reason"),
        text("conn_trace_id"),
        quoted("transformed_host"),
        quoted("transformed_uri"),
        quoted("request_transform_status"),
    ),
    # The first lines of 2016 ended with the trace ID.
    least=18,
)

TABLE: Final = log_table(
    "aws_alb_access_log",
    "Requests to Application Load Balancers, from their access logs.",
    time="time",
    distinct=("trace_id",),
    columns=[
        col("type", TEXT, "http, https, h2, grpcs, ws or wss."),
        col("time", TIMESTAMP, "When the load balancer answered; of a WebSocket, when it was closed."),
        col("elb", TEXT, "The load balancer's resource ID (app/…)."),
        col("client_ip", TEXT, "The client's IP address, or that of a proxy before the load balancer."),
        col("client_port", INTEGER, "The client's port."),
        col("target_ip", TEXT, "The target's IP address; NULL where the request reached none, or a Lambda function."),
        col("target_port", INTEGER, "The target's port."),
        col("request_processing_time", DOUBLE, "Seconds until the request went to a target; -1 where it went to none."),
        col("target_processing_time", DOUBLE, "Seconds until the target began to answer; -1 where it did not."),
        col("response_processing_time", DOUBLE, "Seconds until the answer went to the client; -1 where none came."),
        col("elb_status_code", INTEGER, "The status code that the client got."),
        col("target_status_code", INTEGER, "The status code of the target's answer; NULL where there was none."),
        col("received_bytes", INTEGER, "Bytes from the client."),
        col("sent_bytes", INTEGER, "Bytes to the client."),
        col("request_verb", TEXT, "The HTTP method."),
        col("request_url", TEXT, "The URL, with protocol, host and port."),
        col("request_protocol", TEXT, "The HTTP version of the request."),
        col("user_agent", TEXT, "The User-Agent header; the log writes a quotation mark in it as \\x22."),
        col("ssl_cipher", TEXT, "The TLS cipher; NULL without TLS."),
        col("ssl_protocol", TEXT, "The TLS version; NULL without TLS."),
        col("target_group_arn", TEXT, "The target group's ARN."),
        col("trace_id", TEXT, "The X-Amzn-Trace-Id header, of which a client can choose the Root."),
        col("domain_name", TEXT, "The name that the client asked for in the TLS handshake (SNI)."),
        col(
            "chosen_cert_arn",
            TEXT,
            "The ARN of the certificate that the client got; session-reused where none was sent.",
        ),
        col("matched_rule_priority", INTEGER, "The priority of the matching rule; 0 the default one, -1 none."),
        col("request_creation_time", TIMESTAMP, "When the load balancer got the request."),
        col(
            "actions_executed",
            TEXT,
            "What was done with the request (waf, authenticate, forward and so on), with commas.",
        ),
        col("redirect_url", TEXT, "Where a redirect action sent the client."),
        col("error_reason", TEXT, "Why a waf, authenticate or Lambda action failed."),
        col("target_port_list", TEXT, "All targets that the request went to (ip:port), with spaces."),
        col("target_status_code_list", TEXT, "The status codes of their answers, with spaces."),
        col("classification", TEXT, "What desync mitigation took the request for: Acceptable, Ambiguous or Severe."),
        col("classification_reason", TEXT, "Why desync mitigation took it for that."),
        col("conn_trace_id", TEXT, "The ID of the connection, the same in the connection log."),
        col("transformed_host", TEXT, "The host after a rule transformed the request."),
        col("transformed_uri", TEXT, "The URI after a rule transformed the request."),
        col("request_transform_status", TEXT, "Whether the transformation of the request succeeded."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)


def _recognises(name: str, head: bytes) -> bool:
    return is_named(name, "", "app.") or FORMAT.begins(head)


SOURCE: Final = Source(
    name="alb",
    table=TABLE,
    batch=partial(LineBatch, TABLE, FORMAT, named),
    recognises=_recognises,
    beside=("alb-connection",),
)
