import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, at, lines, one_by_one, read, read_sample, told

from sakimori.ingest.elb.network import FORMAT, SOURCE

NAME = "nlb.log"


def row_at(second: int) -> dict[str, object]:
    return told(read_sample(SOURCE, NAME)[second - 1])


def test_a_line_fills_its_columns() -> None:
    row = row_at(1)
    assert row["time"] == at("2026-10-01T00:02:01")
    assert (row["elb"], row["listener"]) == ("net/gate/c6e77e28c25b2234", "g3d4b5e8bb8464cd")
    assert (row["client_ip"], row["client_port"]) == ("192.0.2.18", 51341)
    assert (row["destination_ip"], row["destination_port"]) == ("10.0.0.20", 443)
    assert (row["connection_time"], row["tls_handshake_time"]) == (5, 2)
    assert (row["received_bytes"], row["sent_bytes"]) == (98, 246)
    assert row["tls_connection_creation_time"] == at("2026-10-01T00:02:00")
    assert not {"chosen_cert_serial", "tls_keyexchange", "incoming_tls_alert", "rest"} & row.keys()


def test_protocols_and_names_are_decoded() -> None:
    assert {row_at(2)["alpn_client_preference_list"], row_at(3)["alpn_client_preference_list"]} == {'"h2","http/1.1"'}
    assert row_at(9)["domain_name"] == "café.example.com"


def test_ipv6_addresses_stand_without_their_brackets() -> None:
    assert (row_at(4)["client_ip"], row_at(4)["destination_ip"]) == ("2001:db8::19", "2001:db8:1::20")


def test_of_a_failed_handshake_there_is_an_alert_or_nothing() -> None:
    assert (row_at(5)["incoming_tls_alert"], row_at(5)["connection_time"]) == (48, 12)
    assert not {"tls_cipher", "tls_protocol_version", "tls_handshake_time"} & row_at(5).keys()
    assert not {"chosen_cert_arn", "domain_name", "incoming_tls_alert"} & row_at(6).keys()


def test_the_certificate_says_whose_the_row_is_or_else_the_files_name() -> None:
    assert (row_at(13)["account_id"], row_at(13)["region"]) == ("444455556666", "ap-northeast-1")
    assert (row_at(6)["account_id"], row_at(6)["region"]) == ("111122223333", "us-east-2")


def test_older_lines_end_earlier_and_newer_ones_later() -> None:
    assert "tls_connection_creation_time" not in row_at(7)
    assert row_at(8)["version"] == "1.0"
    assert "rest" not in row_at(11)
    assert json.loads(str(row_at(12)["rest"])) == {"field_23": "new-field"}


def test_a_value_of_another_kind_is_kept_beside_its_empty_column() -> None:
    rows, refused = read(
        SOURCE, lines(NAME)[0].replace(b" 98 246 ", b" 98 1e9 ").replace(b"T00:02:00", b"T24:02:00") + b"\n"
    )
    assert refused == ()
    assert (rows[0]["received_bytes"], rows[0]["sent_bytes"]) == (98, None)
    assert json.loads(rows[0]["rest"]) == {"sent_bytes": "1e9", "tls_connection_creation_time": "2026-10-01T24:02:00"}


def test_well_written_lines_give_the_same_rows_all_at_once_and_one_by_one() -> None:
    found = lines(NAME)
    assert all(FORMAT.well_written(line) for line in found)
    rows, _ = read(SOURCE, b"\n".join([*found, b""]))
    assert rows == one_by_one(SOURCE, FORMAT, found)


@pytest.mark.slow
@given(GARBAGE, GARBAGE, st.sampled_from(lines(NAME)), st.text(max_size=20))
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, line: bytes, name: str) -> None:
    named = line.replace(b"gate-c6e77e28c25b2234.elb", "".join(name.split()).encode("utf-8", "replace"))
    rows, _ = read(SOURCE, b"\n".join([before, named, after]))
    assert len(rows) == 1
