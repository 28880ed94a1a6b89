"""Reading logs of web traffic in tests."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from sakimori.ingest.lines.format import LineFormat
from sakimori.ingest.place import place_of
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import Document, Refused, Source

SAMPLES = Path(__file__).parent / "samples"
ELB_FOLDER = "logs/AWSLogs/111122223333/elasticloadbalancing/us-east-2/2026/10/01"
LOCATIONS = {
    "alb.log": f"{ELB_FOLDER}/111122223333_elasticloadbalancing_us-east-2_app.shop.50dc6c495c0c9188_20261001T0005Z_10.0.0.9_1abc.log.gz",
    "alb-connection.log": f"{ELB_FOLDER}/conn_log_111122223333_elasticloadbalancing_us-east-2_app.shop.50dc6c495c0c9188_20261001T0005Z_10.0.0.9_1abc.log.gz",
    "nlb.log": f"{ELB_FOLDER}/111122223333_elasticloadbalancing_us-east-2_net.gate.c6e77e28c25b2234_20261001T0005Z_1abc.log.gz",
    "elb.log": f"{ELB_FOLDER}/111122223333_elasticloadbalancing_us-east-2_old-shop_20261001T0005Z_10.0.0.9_1abc.log",
    "cloudfront.log": "cdn/EMLARXS9EXAMPLE.2026-10-01-00.RT4KCN4SGK9.gz",
    "cloudfront.v2.jsonl": "AWSLogs/111122223333/CloudFront/E1TR1RHV123ABC.2026-10-01-00.d0bb1f1a.gz",
    "cloudfront.v2.plain.log": "AWSLogs/aws-account-id=111122223333/CloudFront/E1TR1RHV123ABC.2026-10-01-00.d0bb1f1b.gz",
    "cloudfront.real_time.log": "real-time/2026/10/01/00/stream-1-2026-10-01-00-05-00-0a1b2c",
    "waf.log": "AWSLogs/111122223333/WAFLogs/us-east-2/shop/2026/10/01/00/10/111122223333_waflogs_us-east-2_shop_20261001T0010Z_0a1b2c.log.gz",
    "waf.firehose.log": "2026/10/01/00/aws-waf-logs-shop-1-2026-10-01-00-10-00-0a1b2c",
    "s3-access.log": "111122223333/us-east-2/amzn-s3-demo-bucket/2026/10/01/2026-10-01-00-04-11-ABCDEF0123456789",
}
"""Each sample, and where AWS puts such a file."""

HOSTILE = st.text(alphabet=st.sampled_from('"\\ -:[]{}%?\t\0,茶aZ09'), max_size=40)
GARBAGE = st.lists(
    st.one_of(st.binary(max_size=60), HOSTILE.map(str.encode)).map(lambda found: found.replace(b"#", b"")), max_size=4
).map(b"\n".join)


def at(time: str) -> datetime:
    """A time as the lake has it: UTC without saying so."""
    return datetime.fromisoformat(time)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def lines(name: str) -> list[bytes]:
    return sample(name).splitlines()


def read(source: Source, data: bytes, location: str = "somewhere") -> tuple[list[dict[str, Any]], tuple[Refused, ...]]:
    """All rows of a document in the order of their times, and what was refused."""
    batch = source.batch()
    refused = batch.add(Document(location=location, data=data, place=place_of(location)))
    count = batch.row_count
    rows = [row for table in batch.finish() for row in table.to_pylist()]
    assert count == len(rows)
    assert batch.row_count == 0
    return sorted(rows, key=lambda row: row[source.table.time]), refused


def read_sample(source: Source, name: str) -> list[dict[str, Any]]:
    """The rows of a sample of which nothing may be refused."""
    rows, refused = read(source, sample(name), LOCATIONS[name])
    assert refused == ()
    return rows


def told(row: dict[str, Any]) -> dict[str, Any]:
    """What the row knows."""
    return {name: value for name, value in row.items() if value is not None}


def one_by_one(source: Source, line_format: LineFormat, data: Iterable[bytes]) -> list[dict[str, Any]]:
    """The rows of lines that are read field by field, however well written they are."""
    batch = RowBatch(source.table, lambda document: line_format.rows_of(document, {}))
    document = Document(location="somewhere", data=b"")
    for line in data:
        batch.add(replace(document, data=line))
    return [row for table in batch.finish() for row in table.to_pylist()]
