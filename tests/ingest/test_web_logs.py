"""What all sources of web traffic hold to: none takes a file of another, no bytes are too strange, both languages tell them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, LOCATIONS, SAMPLES, read, sample

from sakimori.ingest.catalogue import sources
from sakimori.ingest.place import place_of
from sakimori.ingest.source import Document, Source
from sakimori.lake.table import Type

SOURCES = {name: sources()[name] for name in ("alb", "alb-connection", "nlb", "elb", "cloudfront", "waf", "s3-access")}
ELSE = {
    "cloudtrail": b'{"Records":[{"eventVersion":"1.11","eventTime":"2026-10-01T00:00:00Z","eventSource":"wafv2.amazonaws.com",'
    b'"requestParameters":{"webACLArn":"x","terminatingRuleId":"y"},"webaclId":"z"}]}',
    "vpc-flow": b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action\n"
    b"2 111122223333 eni-0a 192.0.2.1 10.0.0.1 443 51000 6 10 840 1790812800 1790812860 ACCEPT OK\n",
    "dns": b'{"version":"1.100000","account_id":"111122223333","query_timestamp":"2026-10-01T00:00:00Z","query_name":"example.com."}',
    "health checks": b'http 2026-10-01T00:00:01.186641Z 0.000124 10.0.0.1:80 shop OK - "Target.ResponseCodeMismatch"\n',
    "iis": b"#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
    b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n",
    "apache": b'192.0.2.1 - - [01/Oct/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8.5.0"\n',
    "cloudfront connections": b'{"eventTimestamp":"1790812800000","connectionId":"x","connectionStatus":"Success","clientIp":"192.0.2.1"}',
    "time and words": b"2026-10-01T00:00:01.186641Z started 1 2 3 - - -\n",
    "tabs": b"1790812800.123\t192.0.2.1\tx\ty\n",
    "nothing": b"",
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("name", LOCATIONS)
def test_a_sample_is_taken_by_its_own_source_alone_by_name_or_by_content(name: str) -> None:
    own = name.partition(".")[0]
    for location, head in (
        (LOCATIONS[name], sample(name)),
        ("renamed", sample(name)),
        ("renamed", b"\0\n" + sample(name)),
    ):
        taken = [source.name for source in SOURCES.values() if source.recognises(location, head[: 64 << 10])]
        assert taken == [own] or (head.startswith(b"\0") and taken == [] and own in {"waf", "cloudfront"}), (
            location,
            taken,
        )


@pytest.mark.parametrize("location", sorted(path.name for path in SAMPLES.iterdir() if path.name not in LOCATIONS))
def test_a_sample_of_another_source_is_left_to_it(location: str) -> None:
    head = sample(location)[: 64 << 10]
    assert [source.name for source in SOURCES.values() if source.recognises(location, head)] == []


@pytest.mark.parametrize("what", ELSE)
def test_other_logs_are_left_alone(what: str) -> None:
    folder = "CloudFront" if "cloudfront" in what else "CloudTrail/us-east-1/2026/10/01"
    for location in ("x.log", f"AWSLogs/111122223333/{folder}/x.gz"):
        assert [source.name for source in SOURCES.values() if source.recognises(location, ELSE[what])] == []


def test_health_check_logs_are_no_access_logs() -> None:
    name = LOCATIONS["alb.log"].replace("/01/1111", "/01/health_check_log_1111")
    assert [source.name for source in SOURCES.values() if source.recognises(name, ELSE["health checks"])] == []


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
@given(data=st.one_of(st.binary(max_size=400), GARBAGE))
def test_no_bytes_are_too_strange(source: Source, data: bytes) -> None:
    rows, refused = read(source, data)
    assert len(rows) + len(refused) <= len(data) + 1
    source.recognises("x", data)
    assert 0 <= source.cut(data) <= len(data)


@pytest.mark.parametrize("name", LOCATIONS)
def test_a_file_in_two_pieces_gives_the_rows_of_one(name: str) -> None:
    source = SOURCES[name.partition(".")[0]]
    data = sample(name)
    whole, _ = read(source, data, LOCATIONS[name])
    cut = source.cut(data[: len(data) // 2])
    document = Document(location=LOCATIONS[name], data=data[:cut], place=place_of(LOCATIONS[name]))
    batch = source.batch()
    assert batch.add(document) == ()
    assert batch.add(replace(document, data=data[cut:], offset=cut, head=source.head(data[:cut]))) == ()
    rows = [row for table in batch.finish() for row in table.to_pylist()]
    assert sorted(rows, key=lambda row: row["time"]) == whole


@pytest.mark.parametrize("name", LOCATIONS)
def test_a_table_has_the_columns_and_types_that_it_declares(name: str) -> None:
    source = SOURCES[name.partition(".")[0]]
    batch = source.batch()
    batch.add(Document(location="x", data=sample(name)))
    kinds = {Type.TEXT: "string", Type.INTEGER: "int64", Type.DOUBLE: "double", Type.TIMESTAMP: "timestamp[us]"}
    for table in batch.finish():
        assert [(field.name, str(field.type)) for field in table.schema] == [
            (column.name, kinds[column.type]) for column in source.table.columns
        ]
        assert table.column(source.table.time).null_count == 0
