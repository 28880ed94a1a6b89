"""Access logs of Classic Load Balancers: a line a request, or a connection of a TCP listener.

https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.elb.lines import NOT_CLASSIC, REQUEST_AND_AGENT, is_named, named
from sakimori.ingest.lines.batch import LineBatch
from sakimori.ingest.lines.fields import address, decimal, moment, quoted, request, text, whole
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.source import DOUBLE, INTEGER, TEXT, TIMESTAMP, Source, col, log_table

_TLS: Final = "(?:TLS|SSL)v[0-9.]+"

FORMAT: Final = LineFormat(
    head=(
        moment("time"),
        text("elb", like="[A-Za-z0-9-]{1,32}"),
        address("client:port", "client_ip", "client_port"),
        address("backend:port", "backend_ip", "backend_port"),
        decimal("request_processing_time"),
        decimal("backend_processing_time"),
        decimal("response_processing_time"),
        whole("elb_status_code"),
        whole("backend_status_code"),
        whole("received_bytes"),
        whole("sent_bytes"),
    ),
    middle=(request(), quoted("user_agent")),
    bounds=re.compile(rf"{REQUEST_AND_AGENT}(?=[A-Za-z0-9_-]+ (?:-|{_TLS})\Z)", re.DOTALL),
    tail=(text("ssl_cipher", like="[A-Za-z0-9_-]+"), text("ssl_protocol", like=_TLS)),
    # User agent, cipher and protocol came in 2015.
    least=12,
    appended=r'[^ "]+',
)

TABLE: Final = log_table(
    "aws_elb_access_log",
    "Requests to Classic Load Balancers, from their access logs.",
    time="time",
    columns=[
        col("time", TIMESTAMP, "When the load balancer got the request."),
        col("elb", TEXT, "The load balancer's name."),
        col("client_ip", TEXT, "The client's IP address."),
        col("client_port", INTEGER, "The client's port."),
        col("backend_ip", TEXT, "The instance's IP address; NULL where the request reached none."),
        col("backend_port", INTEGER, "The instance's port."),
        col(
            "request_processing_time",
            DOUBLE,
            "Seconds until the request went to an instance; -1 where it went to none.",
        ),
        col("backend_processing_time", DOUBLE, "Seconds until the instance began to answer; -1 where it did not."),
        col("response_processing_time", DOUBLE, "Seconds until the answer went to the client; -1 where none came."),
        col("elb_status_code", INTEGER, "The status code that the client got; NULL of a TCP listener."),
        col("backend_status_code", INTEGER, "The status code of the instance's answer; NULL of a TCP listener."),
        col("received_bytes", INTEGER, "Bytes from the client."),
        col("sent_bytes", INTEGER, "Bytes to the client."),
        col("request_verb", TEXT, "The HTTP method; NULL of a TCP listener."),
        col("request_url", TEXT, "The URL, with protocol, host and port; NULL of a TCP listener."),
        col("request_protocol", TEXT, "The HTTP version of the request; NULL of a TCP listener."),
        col("user_agent", TEXT, "The User-Agent header."),
        col("ssl_cipher", TEXT, "The TLS cipher; NULL without TLS."),
        col("ssl_protocol", TEXT, "The TLS version; NULL without TLS."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)


def _recognises(name: str, head: bytes) -> bool:
    return (is_named(name, "", "") and not is_named(name, "", NOT_CLASSIC)) or FORMAT.begins(head)


SOURCE: Final = Source(name="elb", table=TABLE, batch=partial(LineBatch, TABLE, FORMAT, named), recognises=_recognises)
