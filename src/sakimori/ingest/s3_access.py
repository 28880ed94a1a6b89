"""Server access logs of S3: a line a request, two of a copy.

S3 writes quotation marks of strangers as they came: a line is read from both its ends.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

import re
from datetime import datetime
from functools import partial
from typing import Final

from sakimori.ingest.lines.batch import LineBatch
from sakimori.ingest.lines.fields import CLOCK, REGION, Field, quoted, text, whole
from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Document, Source, col, log_table

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY: Final = (
    rf"(?:(?:0[1-9]|1[0-9]|2[0-8])/(?:{'|'.join(_MONTHS)})"
    rf"|(?:29|30)/(?:{'|'.join(month for month in _MONTHS if month != 'Feb')})"
    r"|31/(?:Jan|Mar|May|Jul|Aug|Oct|Dec))/(?:20[0-9]{2}|21[0-9]{2})"
)
_PARTITIONED: Final = re.compile(
    rf"(?:^|/)(?P<account_id>[0-9]{{12}})/(?P<region>{REGION})/[^/]+/[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}/[^/]+\Z"
)


def _time_of(found: str) -> datetime:
    """The time in `[06/Feb/2019:00:00:38`, without the help of a locale."""
    day, month, year = found[1:12].split("/")
    hour, minute, second = found[13:].split(":")
    numbers = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    return datetime(*numbers)  # noqa: DTZ001 - the lake's times are UTC without saying so


FORMAT: Final = LineFormat(
    head=(
        text("bucket_owner", like="[0-9a-f]{64}"),
        text("bucket", like="[A-Za-z0-9._-]+"),
        Field(name="time", into=("time",), shape=rf"\[{_DAY}:{CLOCK}", is_strict=True, to=_time_of),
        Field(name="zone", into=(), shape=r"\+0000\]", is_strict=True),
        text("remote_ip"),
        text("requester"),
        text("request_id"),
        text("operation"),
        text("key"),
    ),
    middle=(
        quoted("request_uri"),
        whole("http_status"),
        text("error_code"),
        whole("bytes_sent"),
        whole("object_size"),
        whole("total_time"),
        whole("turn_around_time"),
        quoted("referer"),
        quoted("user_agent"),
    ),
    # A URI has no spaces, so that the first quotation mark before six words ends it; no field after the user agent has
    # quotation marks, so that the last one ends that.
    bounds=re.compile(
        r'(?>(?:"(.*?)"|-) ([^ "]+) ([^ "]+) ([^ "]+) ([^ "]+) ([^ "]+) ([^ "]+) (?="|- ))'
        r'(?>(?:"(.*?)"|-) (?="|- [^"]*\Z))(?:"(.*)"|-) (?=[^"]*\Z)',
        re.DOTALL,
    ),
    tail=(
        text("version_id"),
        text("host_id"),
        text("signature_version"),
        text("cipher_suite"),
        text("authentication_type"),
        text("host_header"),
        text("tls_version", like=r"TLSv1(?:\.[0-9])?"),
        text("access_point_arn"),
        text("acl_required", like="Yes"),
        text("source_region", like=REGION),
    ),
    # The version ID was the last field until 2018.
    least=19,
    appended=r'[^ "]+',
)

TABLE: Final = log_table(
    "aws_s3_access_log",
    "Requests to buckets, from their server access logs.",
    time="time",
    distinct=("request_id", "host_id"),
    columns=[
        col("bucket_owner", TEXT, "The canonical user ID of the bucket's owner."),
        col("bucket", TEXT, "The bucket's name."),
        col("time", TIMESTAMP, "When S3 got the request."),
        col("remote_ip", TEXT, "The requester's IP address; NULL where S3 itself acted."),
        col("requester", TEXT, "The requester's canonical user ID or ARN; NULL of an unsigned request."),
        col(
            "request_id", TEXT, "The ID of the request; all lines of a copy or of a deletion of many objects share it."
        ),
        col("operation", TEXT, "What was done (REST.GET.OBJECT)."),
        col("key", TEXT, "The object's key as the log has it, URL-encoded; NULL where the request names none."),
        col("request_uri", TEXT, "The first line of the HTTP request."),
        col("http_status", INTEGER, "The status code of the answer."),
        col("error_code", TEXT, "S3's error code; NULL where there was no error."),
        col("bytes_sent", INTEGER, "Bytes of the answer; NULL where it had none."),
        col("object_size", INTEGER, "The object's size in bytes."),
        col("total_time", INTEGER, "Milliseconds from the request to the last byte of the answer."),
        col("turn_around_time", INTEGER, "Milliseconds from the last byte of the request to the first of the answer."),
        col("referer", TEXT, "The Referer header."),
        col("user_agent", TEXT, "The User-Agent header."),
        col("version_id", TEXT, "The version of the object that the request names."),
        col("host_id", TEXT, "The extended request ID (x-amz-id-2)."),
        col("signature_version", TEXT, "SigV2 or SigV4; NULL of an unsigned request."),
        col("cipher_suite", TEXT, "The TLS cipher; NULL without TLS."),
        col("authentication_type", TEXT, "AuthHeader, or QueryString of a presigned URL; NULL of an unsigned request."),
        col("host_header", TEXT, "The endpoint that the request went to."),
        col("tls_version", TEXT, "The TLS version; NULL without TLS."),
        col("access_point_arn", TEXT, "The ARN of the access point that the request went through."),
        col("acl_required", TEXT, "Yes where an ACL was needed to allow the request."),
        col("source_region", TEXT, "The Region that the request came from."),
        col("rest", TEXT, "JSON of what has no column or is not of its column's type; NULL where nothing is left."),
    ],
)


def _named(document: Document) -> dict[str, str]:
    """Account and Region of the bucket, where the log's keys are partitioned by date."""
    found = _PARTITIONED.search(document.location)
    return found.groupdict() if found else {}


def _recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 - names of these files say nothing
    return FORMAT.begins(head)


SOURCE: Final = Source(
    name="s3-access", table=TABLE, batch=partial(LineBatch, TABLE, FORMAT, _named), recognises=_recognises
)
