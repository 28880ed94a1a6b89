"""Connection logs of Application Load Balancers: a line a connection, with the client's certificate under mutual TLS.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-connection-logs.html
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.elb.lines import is_named, named
from sakimori.ingest.lines.batch import LineBatch
from sakimori.ingest.lines.fields import decimal, moment, quoted, text, whole
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.source import DOUBLE, INTEGER, TEXT, TIMESTAMP, Source, col, log_table

_VALIDITY: Final = r"NotBefore=[^ ;]+;NotAfter=[^ ;]+"

FORMAT: Final = LineFormat(
    head=(
        moment("time"),
        text("client_ip", like="[0-9a-fA-F:.]+"),
        whole("client_port"),
        whole("listener_port"),
        text("tls_protocol", like="(?:TLS|SSL)v[0-9.]+"),
        text("tls_cipher", like="[A-Za-z0-9_-]+"),
        decimal("tls_handshake_latency"),
    ),
    middle=(quoted("leaf_client_cert_subject"),),
    bounds=re.compile(rf'(?:"(.*)"|-) (?=(?:-|{_VALIDITY}) )', re.DOTALL),
    tail=(
        text("leaf_client_cert_validity", like=_VALIDITY),
        text("leaf_client_cert_serial_number", like="[0-9a-fA-F]+"),
        text("tls_verify_status", like=r'(?:"[^ "]+"|[^ "]+)'),
        text("conn_trace_id"),
        text("tls_keyexchange"),
    ),
    least=11,
    appended=r'[^ "]+',
)

TABLE: Final = log_table(
    "aws_alb_connection_log",
    "Connections to Application Load Balancers, from their connection logs.",
    time="time",
    columns=[
        col("elb", TEXT, "The load balancer's resource ID (app/…), from the file's name."),
        col("time", TIMESTAMP, "When the connection was made, or failed to be."),
        col("client_ip", TEXT, "The client's IP address."),
        col("client_port", INTEGER, "The client's port."),
        col("listener_port", INTEGER, "The listener's port."),
        col("tls_protocol", TEXT, "The TLS version; NULL without TLS, or where the handshake failed."),
        col("tls_cipher", TEXT, "The TLS cipher; NULL without TLS, or where the handshake failed."),
        col("tls_handshake_latency", DOUBLE, "Seconds of a TLS handshake that succeeded."),
        col("leaf_client_cert_subject", TEXT, "The subject of the client's certificate; NULL where it sent none."),
        col("leaf_client_cert_validity", TEXT, "When the client's certificate is valid (NotBefore=…;NotAfter=…)."),
        col("leaf_client_cert_serial_number", TEXT, "The serial number of the client's certificate."),
        col("tls_verify_status", TEXT, "Success, or Failed: and why; NULL without TLS."),
        col("conn_trace_id", TEXT, "The ID of the connection, the same in the access log."),
        col("tls_keyexchange", TEXT, "The key exchange of the TLS handshake."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)


def _recognises(name: str, head: bytes) -> bool:
    return is_named(name, "conn_log", "app.") or FORMAT.begins(head)


SOURCE: Final = Source(
    name="alb-connection",
    table=TABLE,
    batch=partial(LineBatch, TABLE, FORMAT, named, only_named=("elb",)),
    recognises=_recognises,
)
