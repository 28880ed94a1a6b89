"""Reading the logs of services in tests: rows and refusals of bytes, the samples, and what is no source's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sakimori.ingest.documents import documents_of
from sakimori.ingest.place import Place
from sakimori.ingest.source import Document, Refused, Source

SAMPLES = Path(__file__).parent / "samples"
PLACE = Place(account="111122223333", region="ap-northeast-1")
STORED = Place(account="111122223333", region="ap-northeast-1", modified_at=datetime(2026, 10, 2, tzinfo=UTC))
Found = tuple[list[dict[str, Any]], list[Refused]]


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def samples_of_others(*own: str) -> Iterator[tuple[str, bytes]]:
    """Samples whose names do not begin with these."""
    for path in sorted(SAMPLES.iterdir()):
        if not path.name.startswith(own):
            yield path.name, path.read_bytes()[: 64 << 10]


def read(source: Source, data: bytes, location: str = "file", place: Place = PLACE) -> Found:
    """Rows and refusals of one file."""
    batch = source.batch()
    refused: list[Refused] = []
    for found in documents_of(source, location, data, place):
        refused += [found] if isinstance(found, Refused) else batch.add(found)
    return [row for table in batch.finish() for row in table.to_pylist()], refused


def read_in_pieces(source: Source, data: bytes, size: int, location: str = "file", place: Place = PLACE) -> Found:
    """The same, of a file that came in pieces of this size, cut where the source allows."""
    batch = source.batch()
    refused: list[Refused] = []
    waiting, begins, head = b"", 0, b""
    for start in range(0, len(data), size):
        waiting += data[start : start + size]
        upto = len(waiting) if start + size >= len(data) else source.cut(waiting)
        if upto:
            refused += batch.add(
                Document(location=location, data=waiting[:upto], place=place, offset=begins, head=head)
            )
            head = head or source.head(waiting)
            waiting, begins = waiting[upto:], begins + upto
    return [row for table in batch.finish() for row in table.to_pylist()], refused


def told(row: dict[str, Any]) -> dict[str, Any]:
    """The row's own values that are known."""
    return {name: value for name, value in row.items() if value is not None and name != "partition"}


garbage = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"{", b"}", b"[", b"]}", b'"', b"\\", b"\x00", b'{"a":', b"\xff\xfe", b'{"a":{"b":[1,2', b"null", b"-", b","]
    ),
).filter(lambda data: not data.startswith((b"PK", b"\x1f\x8b", b"\x28\xb5", b"PAR1")))
"""Bytes as no log has them; and not as a packed file."""
line_of_garbage = garbage.map(lambda data: data.replace(b"\n", b" ").replace(b"\r", b" "))

FOREIGN = {
    "AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/01/111122223333_CloudTrail_us-east-1_20261001T0005Z_a.json": (
        b'{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventTime":"2026-10-01T00:00:00Z",'
        b'"eventSource":"s3.amazonaws.com","eventName":"ListBuckets","requestID":"r","awsRegion":"us-east-1"}]}'
    ),
    "lookup-events.json": b'{"Events":[{"EventId":"1","EventName":"ListBuckets","CloudTrailEvent":"{\\"eventVersion\\":1}"}]}',
    "AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/10/01/x_vpcflowlogs_us-east-1_fl-0123456789abcdef0_20261001T0000Z_a.log": (
        b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
        b"2 111122223333 eni-0123456789abcdef0 10.0.0.1 10.0.0.2 443 51000 6 10 840 1790812800 1790812860 ACCEPT OK\n"
    ),
    "x_elasticloadbalancing_us-east-1_app.web.50dc6c495c0c9188_20261001T0000Z_192.0.2.1_abc.log": (
        b"https 2026-10-01T00:00:00.123456Z app/web/50dc6c495c0c9188 192.0.2.7:51000 10.0.0.1:80 0.001 0.002 0.000 200 200 34 366 "
        b'"GET https://example.com:443/ HTTP/1.1" "curl/8.0" - - arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/t/1 '
        b'"Root=1" "-" "-" 0 2026-10-01T00:00:00.122000Z "forward" "-" "-" "-" "-" "-" "-"\n'
    ),
    "E123EXAMPLE.2026-10-01-00.abcdef12": b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip\n2026-10-01\t00:00:00\tNRT12\t1\t192.0.2.7\n",
    "cloudfront.json": b'{"date":"2026-10-01","time":"00:00:00","x-edge-location":"NRT12","c-ip":"192.0.2.7","cs-method":"GET","sc-status":"200"}\n',
    "aws-waf-logs-web/2026/10/01/x_waflogs_us-east-1_web_20261001T0000Z_a.log": (
        b'{"timestamp":1790812800000,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:111122223333:regional/webacl/w/1",'
        b'"terminatingRuleId":"Default_Action","action":"ALLOW","httpRequest":{"clientIp":"192.0.2.7","httpMethod":"GET","requestId":"r"}}\n'
    ),
    "2026-10-01-00-00-00-ABCDEF0123456789": (
        b"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be logs-bucket [01/Oct/2026:00:00:00 +0000] 192.0.2.7 - "
        b'3E57427F3EXAMPLE REST.GET.OBJECT key "GET /key HTTP/1.1" 200 - 12 12 7 7 "-" "curl/8.0" - id SigV4 ECDHE AuthHeader host TLSv1.2\n'
    ),
    "i-0123456789abcdef0.log": b"Linux version 6.1\n",
    "notes.txt": b"2026-10-01 things to do\n- nothing\n",
    "findings.json": b'{"Findings":[{"SchemaVersion":"2018-10-08","Id":"1","ProductArn":"arn","Severity":{"Label":"HIGH"}}]}',
    "empty": b"",
}
"""Names and beginnings of files of other sources, and of none."""
