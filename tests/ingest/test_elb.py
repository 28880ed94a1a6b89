import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, HOSTILE, at, lines, one_by_one, read, read_sample, told

from sakimori.ingest.elb.classic import FORMAT, SOURCE

NAME = "elb.log"


def row_at(second: int) -> dict[str, object]:
    return told(read_sample(SOURCE, NAME)[second - 1])


def test_a_line_fills_its_columns() -> None:
    row = row_at(2)
    assert (row["account_id"], row["region"], row["elb"]) == ("111122223333", "us-east-2", "old-shop")
    assert row["time"] == at("2026-10-01T00:03:02.945958")
    assert (row["client_ip"], row["client_port"]) == ("192.0.2.19", 2817)
    assert (row["backend_ip"], row["backend_port"]) == ("10.0.0.30", 80)
    assert (row["backend_processing_time"], row["elb_status_code"], row["sent_bytes"]) == (0.001048, 200, 29)
    assert (row["request_verb"], row["request_url"]) == ("GET", "https://www.example.com:443/")
    assert (row["ssl_cipher"], row["ssl_protocol"]) == ("ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2")
    assert row_at(7)["client_ip"] == "2001:db8::21"


def test_a_connection_of_a_tcp_listener_has_no_request() -> None:
    names = {"request_verb", "request_url", "request_protocol", "user_agent", "elb_status_code", "backend_status_code"}
    assert not names & row_at(3).keys()
    assert row_at(4)["ssl_protocol"] == "TLSv1.2"


def test_a_request_that_reached_no_instance_has_none() -> None:
    row = row_at(5)
    assert (row["backend_processing_time"], row["elb_status_code"], row["backend_status_code"]) == (-1.0, 503, 0)
    assert not {"backend_ip", "backend_port"} & row.keys()


def test_lines_before_user_agents_were_logged_end_with_the_request() -> None:
    assert row_at(9)["request_url"] == "http://www.example.com:80/"
    assert not {"user_agent", "ssl_cipher", "rest"} & row_at(9).keys()


@pytest.mark.parametrize(
    ("second", "name", "value"),
    [
        (10, "user_agent", 'evil" AES128-SHA TLSv1 "agent'),
        (11, "user_agent", 'quote"'),
        (12, "request_url", 'http://www.example.com:80/a"b'),
        (13, "user_agent", ""),
    ],
)
def test_quotes_of_a_stranger_shift_no_field(second: int, name: str, value: str) -> None:
    row = row_at(second)
    assert row[name] == value
    assert "rest" not in row
    assert row.get("ssl_protocol") == ("TLSv1.2" if second == 10 else None)


def test_what_cannot_be_told_apart_is_kept_as_it_stands() -> None:
    rows, refused = read(SOURCE, lines(NAME)[1] + b' "and" more')
    assert refused == ()
    assert rows[0]["client_ip"] == "192.0.2.19"
    assert json.loads(rows[0]["rest"])["unparsed"].endswith(' TLSv1.2 "and" more')


def test_well_written_lines_give_the_same_rows_all_at_once_and_one_by_one() -> None:
    found = [line for line in lines(NAME)[:8] if FORMAT.well_written(line)]
    assert len(found) == 8
    rows, _ = read(SOURCE, b"\n".join(found))
    assert rows == one_by_one(SOURCE, FORMAT, found)


@pytest.mark.slow
@given(HOSTILE)
def test_whatever_the_user_agent_is_it_stays_one_field(agent: str) -> None:
    line = lines(NAME)[1]
    before, _, _ = line.partition(b'"Mozilla')
    rows, refused = read(SOURCE, before + f'"{agent}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'.encode())
    assert refused == ()
    assert rows[0]["user_agent"] == (None if agent == "-" else agent)
    assert (rows[0]["ssl_protocol"], rows[0]["rest"]) == ("TLSv1.2", None)


@pytest.mark.slow
@given(GARBAGE, GARBAGE, st.sampled_from(lines(NAME)))
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, line: bytes) -> None:
    rows, _ = read(SOURCE, b"\n".join([before, line, after]))
    assert len(rows) == 1
