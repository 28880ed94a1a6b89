import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, HOSTILE, LOCATIONS, at, lines, one_by_one, read, read_sample, told

from sakimori.ingest.elb.connection import FORMAT, SOURCE

NAME = "alb-connection.log"
WITH_CERTIFICATE = lines(NAME)[3]


def row_at(second: int) -> dict[str, object]:
    return told(read_sample(SOURCE, NAME)[second - 1])


def test_a_line_fills_its_columns_and_the_files_name_tells_the_load_balancer() -> None:
    row = row_at(4)
    assert (row["account_id"], row["region"], row["elb"]) == ("111122223333", "us-east-2", "app/shop/50dc6c495c0c9188")
    assert row["time"] == at("2026-10-01T00:01:04.514108")
    assert (row["client_ip"], row["client_port"], row["listener_port"]) == ("203.0.113.1", 36280, 443)
    assert (row["tls_handshake_latency"], row["tls_verify_status"]) == (4.036, "Success")
    assert row["leaf_client_cert_subject"] == "CN=client.example.com,OU=IT,O=Example Corp,L=Seattle,ST=Washington,C=US"
    assert row["leaf_client_cert_validity"] == "NotBefore=2026-01-02T19:17:20Z;NotAfter=2027-01-02T19:17:20Z"
    assert row_at(2)["client_ip"] == "2001:db8::17"


def test_without_tls_or_a_certificate_there_is_none() -> None:
    plain = row_at(3)
    assert not {name for name in plain if name.startswith(("tls_", "leaf_"))}
    assert row_at(11)["tls_verify_status"] == "Success"


def test_a_failed_handshake_says_why() -> None:
    found = [row_at(second)["tls_verify_status"] for second in (5, 6, 7)]
    assert found == ["Failed:ClientCertUntrusted", "Failed:ClientCertExpired", "Failed:UnmappedConnectionError"]


def test_a_subject_may_hold_quotes_and_shifts_nothing() -> None:
    row = row_at(8)
    assert row["leaf_client_cert_subject"] == 'CN=a "quoted" name,O=Example Corp'
    assert (row["leaf_client_cert_serial_number"], row["tls_verify_status"]) == ("0A", "Failed:ClientCertRejected")


def test_fields_came_one_after_the_other_and_more_will_come() -> None:
    assert not {"tls_keyexchange"} & row_at(9).keys()
    assert not {"tls_keyexchange", "conn_trace_id"} & row_at(10).keys()
    assert "rest" not in row_at(12)
    assert json.loads(str(row_at(13)["rest"])) == {"field_14": "new-field"}


def test_well_written_lines_give_the_same_rows_all_at_once_and_one_by_one() -> None:
    found = [line for line in lines(NAME) if FORMAT.well_written(line)]
    assert len(found) == len(lines(NAME)) - 1
    rows, _ = read(SOURCE, b"\n".join(found))
    assert rows == one_by_one(SOURCE, FORMAT, found)


@pytest.mark.slow
@given(HOSTILE)
def test_whatever_the_subject_is_the_fields_after_it_stay(subject: str) -> None:
    line = WITH_CERTIFICATE.replace(b"client.example.com", subject.encode())
    rows, refused = read(SOURCE, line, LOCATIONS[NAME])
    assert refused == ()
    assert rows[0]["leaf_client_cert_subject"].startswith(f"CN={subject}")
    assert (rows[0]["leaf_client_cert_serial_number"], rows[0]["rest"]) == ("FEF257372D5C14D4", None)


@pytest.mark.slow
@given(GARBAGE, GARBAGE, st.sampled_from(lines(NAME)))
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, line: bytes) -> None:
    rows, _ = read(SOURCE, b"\n".join([before, line, after]))
    assert len(rows) == 1
