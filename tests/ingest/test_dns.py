import json
from datetime import datetime

import pytest
from hypothesis import assume, given
from tests.ingest.service_logs import (
    FOREIGN,
    garbage,
    line_of_garbage,
    read,
    read_in_pieces,
    sample,
    samples_of_others,
    told,
)

from sakimori.ingest.dns import SOURCE
from sakimori.ingest.source import Reason
from sakimori.ingest.wrapping import foreign_packing

ZONE_LINE = b"1.0 2026-10-01T00:00:02.130Z Z0123456789EXAMPLE example.com A NOERROR UDP NRT12-C1 192.0.2.53 -"


def test_a_query_of_a_vpc_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("dns.resolver.jsonl"))
    assert refused == []
    assert len(rows) == 10
    assert told(rows[1]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "query_timestamp": datetime(2026, 10, 1, 0, 0, 2),  # noqa: DTZ001
        "query_name": "www.example.com.",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "rdata": "example.com., 203.0.113.9, 203.0.113.10",
        "answers": rows[1]["answers"],
        "srcaddr": "10.0.1.15",
        "srcport": 40002,
        "transport": "UDP",
        "vpc_id": "vpc-0123456789abcdef0",
        "instance": "i-0db2e26bb837c93b1",
        "version": "1.100000",
    }
    assert json.loads(rows[1]["answers"])[0] == {"Rdata": "example.com.", "Type": "CNAME", "Class": "IN"}
    assert (rows[4]["firewall_rule_action"], rows[4]["rdata"]) == ("BLOCK", None)
    assert (rows[7]["resolver_endpoint"], rows[7]["instance"]) == ("rslvr-in-0123456789abcdef0", None)
    assert rows[9]["rest"] == '{"firewall_protection":"DGA"}'


def test_a_query_of_a_hosted_zone_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("dns.hosted_zone.log"))
    assert refused == []
    assert len(rows) == 10
    assert told(rows[1]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "query_timestamp": datetime(2026, 10, 1, 0, 0, 4, 512000),  # noqa: DTZ001
        "query_name": "www.example.com",
        "query_type": "AAAA",
        "rcode": "NOERROR",
        "transport": "UDP",
        "hosted_zone_id": "Z0123456789EXAMPLE",
        "edge_location": "NRT12-C1",
        "resolver_ip": "192.0.2.53",
        "edns_client_subnet": "198.51.100.0/24",
        "version": "1.0",
    }
    assert rows[0]["edns_client_subnet"] is None


def test_both_kinds_may_come_mixed_and_with_the_time_of_an_export() -> None:
    lines = [*sample("dns.resolver.jsonl").splitlines(), *sample("dns.hosted_zone.log").splitlines()]
    exported = b"\n".join(b"2026-10-01T05:00:00.000Z " + line for line in lines)
    rows, refused = read(SOURCE, exported)
    assert refused == []
    assert rows == [*read(SOURCE, sample("dns.resolver.jsonl"))[0], *read(SOURCE, sample("dns.hosted_zone.log"))[0]]


def test_the_export_tells_the_time_where_the_query_does_not() -> None:
    [row], refused = read(SOURCE, b'2026-10-01T05:00:00.000Z {"query_name":"a.","query_timestamp":"soon"}')
    assert refused == []
    assert row["query_timestamp"] == datetime(2026, 10, 1, 5)  # noqa: DTZ001
    assert row["rest"] == '{"query_timestamp":"soon"}'


def test_values_of_another_kind_are_kept_in_the_rest() -> None:
    line = b'{"query_timestamp":"2026-10-01T00:00:00Z","query_name":"a.","srcport":"http","srcids":["i"],"answers":"none","rcode":{"a":1}}'
    [row], _ = read(SOURCE, line)
    assert (row["srcport"], row["rcode"], row["rdata"]) == (None, None, None)
    assert json.loads(row["rest"]) == {"srcport": "http", "srcids": ["i"], "rcode": {"a": 1}}


def test_fields_that_may_yet_come_are_kept() -> None:
    [row], _ = read(SOURCE, ZONE_LINE + b" new fields")
    assert row["rest"] == '{"more":["new","fields"]}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1.0 2026-10-01T00:00:02.130Z Z0123456789EXAMPLE example.com A NOERROR UDP", Reason.BAD_LINE),
        (b"1.0 2026-99-01T00:00:02.130Z Z0123456789EXAMPLE a A NOERROR UDP N 192.0.2.53 -", Reason.NO_TIME),
        (b"words", Reason.BAD_LINE),
        (b'{"query_name":', Reason.NOT_JSON),
        (b'{"query_timestamp":"2026-10-01T00:00:00Z"}', Reason.NOT_A_RECORD),
        (b'{"query_name":"a."}', Reason.NO_TIME),
        (b'{"query_name":"a.","x":' + b"[" * 9000 + b"]" * 9000 + b"}", Reason.TOO_DEEP),
    ],
)
def test_a_broken_line_is_refused_and_loses_nothing_else(line: bytes, reason: Reason) -> None:
    rows, [refused] = read(SOURCE, ZONE_LINE + b"\n" + line + b"\n" + ZONE_LINE)
    assert len(rows) == 2
    assert (refused.reason, refused.offset) == (reason, len(ZONE_LINE) + 1)


@pytest.mark.parametrize("size", [100, 997])
def test_a_file_in_pieces_gives_the_same_rows(size: int) -> None:
    data = sample("dns.resolver.jsonl")
    assert read_in_pieces(SOURCE, data, size) == read(SOURCE, data)
    assert read_in_pieces(SOURCE, data.replace(b"\n", b""), size) == read(SOURCE, data)


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    # What begins as a foreign archive is refused as that, whatever follows.
    assume(not foreign_packing(before))
    good = sample("dns.resolver.jsonl").splitlines()[0]
    rows, _ = read(SOURCE, b"\n".join([before, good, ZONE_LINE, after]))
    assert {"example.com.", "example.com"} <= {row["query_name"] for row in rows}


def test_it_knows_its_own_files_and_no_others() -> None:
    for name in ("dns.resolver.jsonl", "dns.hosted_zone.log"):
        assert SOURCE.recognises("any", sample(name))
    assert SOURCE.recognises("AWSLogs/111122223333/vpcdnsquerylogs/vpc-1/2026/10/01/a.log.gz", b"")
    for name, head in (*FOREIGN.items(), *samples_of_others("dns")):
        assert not SOURCE.recognises(name, head), name
