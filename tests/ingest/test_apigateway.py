import json
from datetime import datetime

import pytest
from hypothesis import given
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

from sakimori.ingest.apigateway.source import SOURCE, TABLE
from sakimori.ingest.source import Reason

GOOD = b'{"requestId":"here","ip":"192.0.2.7","requestTimeEpoch":"1790812800000","status":"200"}'


def test_the_json_that_the_console_proposes_becomes_rows() -> None:
    rows, refused = read(SOURCE, sample("apigateway.json.log"))
    assert refused == []
    assert len(rows) == 10
    assert told(rows[0]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "request_time": datetime(2026, 10, 1, 0, 0, 1),  # noqa: DTZ001
        "request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadb001",
        "extended_request_id": "JKJaXmPLvHcESH1=",
        "ip": "198.51.100.7",
        "http_method": "GET",
        "resource_path": "/orders/{id}",
        "protocol": "HTTP/1.1",
        "status": 200,
        "response_length": 312,
    }
    assert rows[4]["request_time"] == datetime(2026, 10, 1, 0, 0, 5, 123000)  # noqa: DTZ001
    assert rows[4]["rest"] is None
    assert (rows[7]["event_type"], rows[7]["route_key"], rows[7]["connection_id"]) == ("CONNECT", "$connect", "abc123=")
    assert (rows[9]["status"], rows[9]["response_length"]) == (None, None)


def test_members_are_known_however_they_are_spelled() -> None:
    rows, _ = read(SOURCE, sample("apigateway.json.log"))
    snake, dotted = rows[5], rows[6]
    assert (snake["request_id"], snake["ip"], snake["status"]) == ("JKJaXmPLvHcESHB=", "198.51.100.7", 200)
    assert (snake["integration_latency"], snake["response_latency"]) == (12, 15)
    assert json.loads(snake["rest"]) == {"authorizer": {"sub": "u-1", "groups": ["admin"]}}
    assert (dotted["ip"], dotted["path"]) == ("198.51.100.8", "/prod/users/1")
    nested = b'{"requestId":"r","identity":{"sourceIp":"192.0.2.7","userAgent":"a"},"requestTimeEpoch":1790812800000}'
    [row], _ = read(SOURCE, nested)
    assert (row["ip"], row["user_agent"], row["rest"]) == ("192.0.2.7", "a", None)


def test_the_value_of_an_api_key_is_not_kept() -> None:
    rows, _ = read(SOURCE, sample("apigateway.json.log"))
    assert not any("not-a-real-key" in str(row) for row in rows)
    assert json.loads(rows[6]["rest"])["context.identity.apiKey"] == "***"


def test_the_lines_that_the_console_proposes_become_rows() -> None:
    rows, refused = read(SOURCE, sample("apigateway.clf.log"))
    assert refused == []
    assert [
        (row["http_method"] or row["event_type"], row["resource_path"] or row["route_key"], row["status"])
        for row in rows
    ] == [
        ("GET", "/orders/{id}", 200),
        ("POST", "/orders", 403),
        ("GET", '/a "quoted" path', 404),
        ("GET", "GET /pets", 200),
        ("GET", "$default", 200),
        ("CONNECT", "$connect", 200),
        ("MESSAGE", "sendmessage", 200),
        ("GET", "/orders", 200),
        ("GET", "GET /pets", 200),
        ("DISCONNECT", "$disconnect", 200),
    ]
    assert [row["request_time"].second for row in rows] == list(range(1, 11))
    assert (rows[1]["caller"], rows[0]["caller"], rows[4]["response_length"]) == ("AIDAEXAMPLE", None, None)
    assert [row["request_id"] for row in rows if row["extended_request_id"] is None][-1] == "JKJaXmPLvHcESHI="


def test_the_export_tells_the_time_where_the_format_has_none() -> None:
    [row], refused = read(SOURCE, b'2026-10-01T05:00:00.000Z {"requestId":"r","status":"200"}')
    assert refused == []
    assert row["request_time"] == datetime(2026, 10, 1, 5)  # noqa: DTZ001


def test_a_client_cannot_hide_requests_by_giving_all_one_id() -> None:
    assert "request_id" not in TABLE.identity


def test_an_unknown_format_is_refused_by_its_name() -> None:
    _, [refused] = read(SOURCE, b'<request id="r"> <ip>192.0.2.7</ip> </request>')
    assert (refused.reason, refused.detail) == (Reason.UNKNOWN_FORMAT, "XML")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"requestId":"r"}', Reason.NO_TIME),
        (b'{"requestId":"r","requestTime":"yesterday"}', Reason.NO_TIME),
        (b'{"a":1,"requestTimeEpoch":"1790812800000"}', Reason.NOT_A_RECORD),
        (b'{"requestId":', Reason.NOT_JSON),
        (b'192.0.2.7 - - [01/Oct/2026:00:00:01 +0000] "GET /" 200', Reason.BAD_LINE),
        (b'192.0.2.7 - - [99/Oct/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 1 JKJaXmPLvHcESHA=', Reason.NO_TIME),
        (b'{"requestId":"r","x":' + b"[" * 9000 + b"]" * 9000 + b"}", Reason.TOO_DEEP),
    ],
)
def test_a_broken_line_is_refused_and_loses_nothing_else(line: bytes, reason: Reason) -> None:
    rows, [refused] = read(SOURCE, GOOD + b"\n" + line + b"\n" + GOOD)
    assert len(rows) == 2
    assert refused.reason is reason


def test_values_of_another_kind_are_kept_in_the_rest() -> None:
    [row], _ = read(
        SOURCE, b'{"requestId":"r","requestTimeEpoch":1790812800000,"status":"ok","ip":["a"],"Request_Id":"s"}'
    )
    assert row["request_id"] == "r"
    assert json.loads(row["rest"]) == {"status": "ok", "ip": ["a"], "Request_Id": "s"}


@pytest.mark.parametrize("size", [100, 997])
def test_a_file_in_pieces_gives_the_same_rows(size: int) -> None:
    for name in ("apigateway.json.log", "apigateway.clf.log"):
        assert read_in_pieces(SOURCE, sample(name), size) == read(SOURCE, sample(name))


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    line = sample("apigateway.clf.log").splitlines()[0]
    rows, _ = read(SOURCE, b"\n".join([before, GOOD, line, after]))
    assert {"here", "c6af9ac6-7b61-11e6-9a41-93e8deadbee1"} <= {row["request_id"] for row in rows}


def test_it_knows_its_own_files_and_no_others() -> None:
    for name in ("apigateway.json.log", "apigateway.clf.log"):
        for line in sample(name).splitlines():
            assert SOURCE.recognises("any", line), line
            assert SOURCE.recognises("any", b"2026-10-01T05:00:00.000Z " + line), line
    for name, head in (*FOREIGN.items(), *samples_of_others("apigateway")):
        assert not SOURCE.recognises(name, head), name
