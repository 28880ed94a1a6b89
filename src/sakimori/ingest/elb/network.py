"""Access logs of Network Load Balancers: a line a TLS connection.

https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
"""

from functools import partial
from typing import Final
from urllib.parse import unquote

from sakimori.ingest.elb.lines import is_named, named
from sakimori.ingest.lines.batch import LineBatch
from sakimori.ingest.lines.fields import address, arn, moment, text, whole
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Source, col, log_table

_SPACELESS: Final = r"[^ ]+"

FORMAT: Final = LineFormat(
    head=(
        text("type", like="tls"),
        text("version", like="[0-9.]+"),
        moment("time"),
        text("elb", like="net/[^ ]+"),
        text("listener"),
        address("client:port", "client_ip", "client_port"),
        address("destination:port", "destination_ip", "destination_port"),
        whole("connection_time"),
        whole("tls_handshake_time"),
        whole("received_bytes"),
        whole("sent_bytes"),
        whole("incoming_tls_alert"),
        arn("chosen_cert_arn"),
        text("chosen_cert_serial"),
        text("tls_cipher"),
        text("tls_protocol_version"),
        text("tls_keyexchange"),
    ),
    tail=(
        text("domain_name", to=unquote),
        text("alpn_fe_protocol"),
        text("alpn_be_protocol"),
        text("alpn_client_preference_list", like=_SPACELESS, to=unquote),
        moment("tls_connection_creation_time"),
    ),
    least=21,
    appended=_SPACELESS,
    has_quotes=False,
)

TABLE: Final = log_table(
    "aws_nlb_access_log",
    "TLS connections to Network Load Balancers, from their access logs.",
    time="time",
    columns=[
        col("type", TEXT, "tls, the only kind of listener that is logged."),
        col("version", TEXT, "The version of the log's format."),
        col("time", TIMESTAMP, "When the connection ended."),
        col("elb", TEXT, "The load balancer's resource ID (net/…)."),
        col("listener", TEXT, "The listener's resource ID."),
        col("client_ip", TEXT, "The client's IP address."),
        col("client_port", INTEGER, "The client's port."),
        col("destination_ip", TEXT, "The IP address of the listener, or of the VPC endpoint that the client used."),
        col("destination_port", INTEGER, "The destination's port."),
        col("connection_time", INTEGER, "Milliseconds from beginning to end."),
        col("tls_handshake_time", INTEGER, "Milliseconds of the TLS handshake, also part of connection_time."),
        col("received_bytes", INTEGER, "Bytes from the client, after decryption."),
        col("sent_bytes", INTEGER, "Bytes to the client, before encryption."),
        col("incoming_tls_alert", INTEGER, "The number of the TLS alert that the client sent; NULL where none came."),
        col("chosen_cert_arn", TEXT, "The ARN of the certificate that the client got."),
        col("chosen_cert_serial", TEXT, "Kept free by AWS."),
        col("tls_cipher", TEXT, "The TLS cipher; NULL where the handshake failed."),
        col("tls_protocol_version", TEXT, "The TLS version (tlsv12); NULL where the handshake failed."),
        col("tls_keyexchange", TEXT, "The key exchange of the handshake; long named tls_named_group and empty."),
        col("domain_name", TEXT, "The name that the client asked for in the TLS handshake (SNI), decoded."),
        col("alpn_fe_protocol", TEXT, "The application protocol that was agreed with the client."),
        col("alpn_be_protocol", TEXT, "The application protocol that was agreed with the target."),
        col("alpn_client_preference_list", TEXT, "The application protocols that the client offered, decoded."),
        col("tls_connection_creation_time", TIMESTAMP, "When the connection began."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)


def _recognises(name: str, head: bytes) -> bool:
    return is_named(name, "", "net.") or FORMAT.begins(head)


SOURCE: Final = Source(name="nlb", table=TABLE, batch=partial(LineBatch, TABLE, FORMAT, named), recognises=_recognises)
