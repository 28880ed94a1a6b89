"""Plain files whose last line is cut off, and files that begin with a mark of byte order."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ingest.service_logs import read

from sakimori.ingest.catalogue import source_named, source_of
from sakimori.ingest.documents import head_of, without_bom
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.ingest.source import Document, Reason

SAMPLES = Path(__file__).parent / "samples"
SHOWN = {
    "alb": "alb.log", "nlb": "nlb.log", "elb": "elb.log", "cloudfront": "cloudfront.log", "vpc-flow": "vpc_flow.log",
    "tgw-flow": "tgw_flow.log", "dns": "dns.hosted_zone.log",
}  # fmt: skip
"""Of these, every cut of the last line shows itself."""
IN_PART = {"alb-connection": "alb-connection.log", "s3-access": "s3-access.log"}
"""Of these, a cut in a last field that the form does not know does not."""


def whole(name: str) -> tuple[bytes, bytes]:
    lines = (SAMPLES / name).read_bytes().rstrip(b"\n").split(b"\n")
    return b"".join(line + b"\n" for line in lines[:-1]), lines[-1]


@pytest.mark.parametrize(("kind", "name"), [*SHOWN.items(), *IN_PART.items()])
def test_a_last_line_that_is_cut_off_is_refused_at_its_place_and_is_no_row(kind: str, name: str) -> None:
    source = source_named(kind)
    before, last = whole(name)
    rows, refused = read(source, before)
    end = len(last) if kind in SHOWN else last.rindex(b" ")
    step = max(1, end // 40)
    for cut in (*range(1, end - 8, step), *range(max(1, end - 8), end)):
        now, left = read(source, before + last[:cut])
        assert len(now) == len(rows), last[:cut]
        assert [each.offset for each in left[len(refused) :]] == [len(before)], last[:cut]


@pytest.mark.parametrize(("kind", "name"), [*SHOWN.items(), *IN_PART.items()])
def test_a_whole_last_line_needs_no_end(kind: str, name: str) -> None:
    source = source_named(kind)
    before, last = whole(name)
    # Lines of AWS's next version are among the samples, and have more fields.
    start = b"".join(line + b"\n" for line in before.splitlines() if line.count(b" ") <= last.count(b" "))
    assert read(source, start + last) == read(source, start + last + b"\n")


def test_an_audit_entry_that_is_cut_off_at_the_end_of_its_file_is_refused() -> None:
    for line in (
        b'2026-10-01 00:00:03 UTC::@:[1]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,"select',
        b"20261001 00:02:00,ip-10-0-3-21,app,10.0.1.15,4711,0,DISCONNECT,shop,,",
        b"20261001 00:02:00,ip-10-0-3-21,app,10.0.1.15,4711,9,QUERY,shop,'select * from",
    ):
        rows, [refused] = read(source_named("rds-audit"), line)
        assert (rows, refused.reason) == ([], Reason.CUT_OFF)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("alb", "alb.log"), ("elb", "elb.log"), ("s3-access", "s3-access.log"), ("cloudfront", "cloudfront.log"),
     ("cloudfront", "cloudfront.v2.plain.log"), ("cur", "cur.legacy.csv"), ("waf", "waf.log"), ("vpc-flow", "vpc_flow.log"),
     ("rds-audit", "rds_audit.mysql.log"), ("dns", "dns.resolver.jsonl")],
)  # fmt: skip
def test_a_mark_of_byte_order_changes_no_row(kind: str, name: str, tmp_path: Path) -> None:
    source, data = source_named(kind), (SAMPLES / name).read_bytes()
    marked = b"\xef\xbb\xbf" + data
    assert source_of(name, head_of(marked)) == source_of(name, head_of(data))
    batch = source.batch()
    refused = batch.add(without_bom(Document(location="file", data=marked)))
    plain = source.batch()
    assert [each.reason for each in refused] == [
        each.reason for each in plain.add(Document(location="file", data=data))
    ]
    assert [table.to_pylist() for table in batch.finish()] == [table.to_pylist() for table in plain.finish()]
    (tmp_path / name).write_bytes(marked)
    request = IngestRequest(home=tmp_path / "home", kind=kind, workers=1)
    assert not ingest(request, local_objects(str(tmp_path / name)), clock=_now).refused


def _now() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)
