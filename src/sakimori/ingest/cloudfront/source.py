"""Access logs of CloudFront: a line or JSON record a request.

Standard logs (legacy, and v2 as w3c, plain, JSON or Parquet) and real-time logs (as Kinesis carries them, or as JSON).
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.cloudfront.batch import CloudFrontBatch
from sakimori.ingest.cloudfront.layout import header_of, is_ours
from sakimori.ingest.source import DOUBLE, INTEGER, TEXT, TIMESTAMP, Document, Source, col, log_table

_FILE: Final = re.compile(r"(?:^|/)(E[A-Z0-9]{9,20})\.[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}\.[^/]+\Z")
_DISTRIBUTION: Final = re.compile(r"(?:^|/)[Dd]istribution[Ii]d=(E[A-Z0-9]{9,20})/")
_ACCOUNT: Final = re.compile(r"(?:^|/)accountid=([0-9]{12})/")

TABLE: Final = log_table(
    "aws_cloudfront_access_log",
    "Requests to CloudFront distributions, from their standard and real-time logs.",
    time="time",
    identity=("x_edge_request_id",),
    distinct=("x_edge_request_id",),
    columns=[
        col("time", TIMESTAMP, "When the edge location had answered; of a WebSocket, when it was closed."),
        col("distribution_id", TEXT, "The distribution's ID, from the file's name."),
        col("x_edge_location", TEXT, "The edge location (an airport's code and a number)."),
        col("sc_bytes", INTEGER, "Bytes to the viewer, with headers."),
        col("c_ip", TEXT, "The viewer's IP address, or that of a proxy before CloudFront."),
        col("cs_method", TEXT, "The HTTP method."),
        col("cs_host", TEXT, "The distribution's domain name (….cloudfront.net)."),
        col("cs_uri_stem", TEXT, "The path, as the viewer sent it."),
        col("sc_status", INTEGER, "The status code of the answer; 0 where the viewer left before it."),
        col("cs_referer", TEXT, "The Referer header, as the viewer sent it."),
        col("cs_user_agent", TEXT, "The User-Agent header, as the viewer sent it."),
        col("cs_uri_query", TEXT, "The query string, as the viewer sent it."),
        col("cs_cookie", TEXT, "The Cookie header; NULL where the distribution does not log cookies."),
        col("x_edge_result_type", TEXT, "How CloudFront answered (Hit, Miss, Error, Redirect and so on)."),
        col("x_edge_request_id", TEXT, "The ID of the request, which CloudFront makes."),
        col("x_host_header", TEXT, "The Host header, as the viewer sent it."),
        col("cs_protocol", TEXT, "http, https, ws, wss or grpcs."),
        col("cs_bytes", INTEGER, "Bytes from the viewer, with headers."),
        col("time_taken", DOUBLE, "Seconds from the request to the last byte of the answer."),
        col("x_forwarded_for", TEXT, "The X-Forwarded-For header, as the viewer sent it."),
        col("ssl_protocol", TEXT, "The TLS version; NULL without TLS."),
        col("ssl_cipher", TEXT, "The TLS cipher; NULL without TLS."),
        col("x_edge_response_result_type", TEXT, "How CloudFront took the answer just before it was sent."),
        col("cs_protocol_version", TEXT, "The HTTP version of the request."),
        col("fle_status", TEXT, "How field-level encryption went; NULL where there is none."),
        col("fle_encrypted_fields", INTEGER, "How many fields were encrypted."),
        col("c_port", INTEGER, "The viewer's port."),
        col("time_to_first_byte", DOUBLE, "Seconds from the request to the first byte of the answer."),
        col("x_edge_detailed_result_type", TEXT, "As x_edge_result_type, and of an error its kind."),
        col("sc_content_type", TEXT, "The Content-Type header of the answer."),
        col("sc_content_len", INTEGER, "The Content-Length header of the answer."),
        col("sc_range_start", INTEGER, "Where the range in the answer begins."),
        col("sc_range_end", INTEGER, "Where the range in the answer ends."),
        col("origin_fbl", DOUBLE, "Seconds from the request to the first byte of the origin's answer."),
        col("origin_lbl", DOUBLE, "Seconds from the request to the last byte of the origin's answer."),
        col("asn", INTEGER, "The autonomous system of the viewer's address."),
        col("c_country", TEXT, "The country of the viewer's address."),
        col("cache_behavior_path_pattern", TEXT, "The path pattern of the cache behavior."),
        col("s_ip", TEXT, "The IP address of the edge server."),
        col("c_ip_version", TEXT, "IPv4 or IPv6."),
        col("cs_accept_encoding", TEXT, "The Accept-Encoding header."),
        col("cs_accept", TEXT, "The Accept header."),
        col("cs_headers", TEXT, "All headers with values, a line each, cut at 800 bytes."),
        col("cs_header_names", TEXT, "The names of all headers, a line each, cut at 800 bytes."),
        col("cs_headers_count", INTEGER, "How many headers the viewer sent."),
        col("primary_distribution_id", TEXT, "The primary distribution's ID, where a staging one answered."),
        col("primary_distribution_dns_name", TEXT, "The primary distribution's domain name, where a staging one answered."),
        col("r_host", TEXT, "The origin's domain name, where an edge function chose it."),
        col("sr_reason", TEXT, "Why the origin was chosen."),
        col("x_edge_mqcs", TEXT, "Media quality scores of the origins."),
        col("distribution_tenant_id", TEXT, "The distribution tenant."),
        col("connection_id", TEXT, "The ID of the connection, the same in the connection log."),
        col("viewer_request_log_data", TEXT, "What a function wrote at the viewer's request."),
        col("viewer_response_log_data", TEXT, "What a function wrote at the answer to the viewer."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)  # fmt: skip


def _named(document: Document) -> dict[str, str]:
    """What the file's name says of its rows; a distribution belongs to no Region."""
    distribution = _FILE.search(document.location) or _DISTRIBUTION.search(document.location)
    account = _ACCOUNT.search(document.location)
    found = {
        "region": "global",
        "distribution_id": distribution and distribution[1],
        "account_id": account and account[1],
    }
    return {name: value for name, value in found.items() if value}


def _recognises(name: str, head: bytes) -> bool:
    return is_ours(head, is_named=bool(_FILE.search(name)) or "/CloudFront/" in name)


SOURCE: Final = Source(
    name="cloudfront",
    table=TABLE,
    batch=partial(CloudFrontBatch, TABLE, _named),
    recognises=_recognises,
    head=header_of,
)
