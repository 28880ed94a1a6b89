import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.ingest.web_logs import ELB_FOLDER, GARBAGE, HOSTILE, at, lines, one_by_one, read, read_sample, told

from sakimori.ingest.elb.application import FORMAT, SOURCE
from sakimori.ingest.source import Document, Reason

NAME = "alb.log"
FIRST = lines(NAME)[0]


def row_at(second: int) -> dict[str, object]:
    return told(read_sample(SOURCE, NAME)[second - 1])


def test_a_line_fills_its_columns() -> None:
    row = row_at(1)
    assert (row["account_id"], row["partition"], row["region"]) == ("111122223333", "aws", "us-east-2")
    assert row["time"] == at("2026-10-01T00:00:01.186641")
    assert row["request_creation_time"] == at("2026-10-01T00:00:01.137000")
    assert (row["client_ip"], row["client_port"], row["target_ip"], row["target_port"]) == (
        "192.0.2.17", 46532, "10.0.0.1", 8080,
    )  # fmt: skip
    assert (row["request_verb"], row["request_url"], row["request_protocol"]) == (
        "GET", "https://www.example.com:443/", "HTTP/1.1",
    )  # fmt: skip
    assert (row["elb_status_code"], row["target_processing_time"], row["sent_bytes"]) == (200, 0.048, 5120)
    assert row["conn_trace_id"] == "TID_1234abcd5678ef901234abcd5678ef90"
    assert not {"redirect_url", "error_reason", "classification", "rest"} & row.keys()


def test_what_aws_appends_is_kept_and_a_hyphen_for_a_field_to_come_is_nothing() -> None:
    assert json.loads(str(row_at(2)["rest"])) == {"field_34": "10.0.0.201"}
    assert "rest" not in row_at(3)


def test_ipv6_addresses_come_with_and_without_brackets() -> None:
    assert (row_at(3)["client_ip"], row_at(3)["client_port"]) == ("2001:db8::17", 46540)
    assert (row_at(4)["client_ip"], row_at(4)["client_port"]) == ("2001:db8:0:1::18", 51000)


def test_a_request_that_reached_no_target_has_none() -> None:
    blocked = row_at(6)
    assert (blocked["actions_executed"], blocked["elb_status_code"]) == ("waf", 403)
    assert (blocked["request_processing_time"], blocked["matched_rule_priority"]) == (-1.0, -1)
    assert not {"target_ip", "target_port", "target_status_code", "target_group_arn"} & blocked.keys()


def test_a_request_that_is_none_has_a_url_at_most() -> None:
    malformed = row_at(7)
    assert malformed["request_url"] == "http://www.example.com:80-"
    assert not {"request_verb", "request_protocol", "user_agent", "matched_rule_priority"} & malformed.keys()
    assert (malformed["classification"], malformed["classification_reason"]) == ("Severe", "BadHeader")


@pytest.mark.parametrize(("second", "count"), [(14, 30), (15, 29), (16, 25), (17, 18)])
def test_lines_of_earlier_years_end_earlier(second: int, count: int) -> None:
    names = {name for field in FORMAT.fields[count:] for name in field.into}
    assert not names & row_at(second).keys()
    assert row_at(second)["target_group_arn"]


def test_the_place_of_a_row_comes_from_its_arns_then_the_files_name_then_its_folder() -> None:
    bare = FIRST.split(b" arn:")[0] + b' - "Root=1" "-" "-" 0 2026-10-01T00:00:01.137000Z "forward" "-" "-"\n'
    name = f"{ELB_FOLDER}/444455556666_elasticloadbalancing_eu-west-1_app.shop.1_20261001T0005Z_10.0.0.9_1abc.log.gz"
    own, _ = read(SOURCE, FIRST, name)
    named, _ = read(SOURCE, bare, name)
    placed, _ = read(SOURCE, bare, f"{ELB_FOLDER}/renamed.log")
    unplaced, _ = read(SOURCE, bare, "renamed.log")
    assert [(rows[0]["account_id"], rows[0]["region"]) for rows in (own, named, placed, unplaced)] == [
        ("111122223333", "us-east-2"), ("444455556666", "eu-west-1"), ("111122223333", "us-east-2"), ("unknown", "unknown"),
    ]  # fmt: skip


def test_a_value_of_another_kind_is_kept_beside_its_empty_column() -> None:
    changed = FIRST.replace(b" 287 5120 ", b" many 5120 ").replace(b"192.0.2.17:46532", b"[unix]")
    rows, refused = read(SOURCE, changed)
    assert refused == ()
    assert (rows[0]["received_bytes"], rows[0]["client_ip"], rows[0]["sent_bytes"]) == (None, None, 5120)
    assert json.loads(rows[0]["rest"]) == {"client:port": "[unix]", "received_bytes": "many"}


def test_quotes_of_a_stranger_shift_no_field() -> None:
    agent = b'x" AES128-SHA TLSv1.2 arn:aws:elasticloadbalancing:us-east-1:999999999999:targetgroup/a/b "y'
    before, _, after = FIRST.partition(b'"Mozilla')
    rows, refused = read(SOURCE, before + b'"' + agent + b'" ' + after.partition(b'" ')[2])
    assert refused == ()
    assert rows[0]["user_agent"] == agent.decode()
    assert (rows[0]["account_id"], rows[0]["ssl_protocol"], rows[0]["rest"]) == ("111122223333", "TLSv1.3", None)


def test_of_a_line_that_is_cut_off_the_beginning_is_kept() -> None:
    rows, refused = read(SOURCE, FIRST[: FIRST.index(b"Windows")] + b"\n")
    assert refused == ()
    assert rows[0]["client_ip"] == "192.0.2.17"
    assert json.loads(rows[0]["rest"])["unparsed"].startswith('"GET https://www.example.com:443/ HTTP/1.1" "Mozilla')


def test_a_line_without_a_time_is_refused_and_loses_nothing_else() -> None:
    data = b"\n".join(
        [FIRST, FIRST.replace(b"2026-10-01T00:00:01.186641Z", b"2026-02-30T00:00:01.186641Z"), b"", b"x y", FIRST]
    )
    rows, refused = read(SOURCE, data)
    assert len(rows) == 2
    assert [(piece.reason, piece.offset) for piece in refused] == [
        (Reason.NO_TIME, len(FIRST) + 1), (Reason.BAD_LINE, 2 * len(FIRST) + 3),
    ]  # fmt: skip


def test_a_line_that_is_too_long_is_refused_alone() -> None:
    rows, refused = read(SOURCE, b"\n".join([FIRST, FIRST + b" " + b"x" * (5 << 20), FIRST]))
    assert (len(rows), [piece.reason for piece in refused]) == (2, [Reason.TOO_LARGE])


def test_well_written_lines_give_the_same_rows_all_at_once_and_one_by_one() -> None:
    found = lines(NAME)
    assert all(FORMAT.well_written(line) for line in found)
    rows, _ = read(SOURCE, b"\n".join([*found, b""]))
    assert rows == one_by_one(SOURCE, FORMAT, found)


def test_the_span_is_that_of_the_rows_since_it_was_last_asked() -> None:
    batch = SOURCE.batch()
    first, last = lines(NAME)[0], lines(NAME)[-1]
    batch.add(Document(location="x", data=b"\n".join([last, first])))
    seconds = [1_790_812_801, 1_790_812_818]
    assert batch.span() == tuple(second * 1_000_000 + 186_641 for second in seconds)
    assert batch.span() is None
    batch.add(Document(location="x", data=first.replace(b"0.001", b"slow")))
    assert batch.span() == (seconds[0] * 1_000_000 + 186_641,) * 2


@pytest.mark.slow
def test_more_lines_than_a_chunk_are_all_there() -> None:
    rows, _ = read(SOURCE, b"\n".join([FIRST] * 20_000))
    assert len(rows) == 20_000


WORDS = st.text(
    alphabet=st.characters(exclude_characters='" \r\n', exclude_categories=("Cs",)), min_size=1, max_size=12
)
TEXTS = st.text(alphabet=st.characters(exclude_characters='"\r\n', exclude_categories=("Cs",)), max_size=20)


@pytest.mark.slow
@given(WORDS, TEXTS, WORDS, st.integers(-5, 10**18 - 1), st.lists(WORDS, max_size=3))
def test_whatever_stands_in_a_well_written_line_both_readings_agree(
    url: str, agent: str, trace: str, count: int, more: list[str]
) -> None:
    line = FIRST.replace(b"https://www.example.com:443/ ", url.encode() + b" ").replace(
        b" 5120 ", f" {count} ".encode()
    )
    before, _, after = line.partition(b'"Mozilla')
    line = before + f'"{agent}" '.encode() + after.partition(b'" ')[2].replace(b"Root=1", trace.encode())
    line = b" ".join([line, *(word.encode() for word in more)])
    if FORMAT.well_written(line):
        rows, _ = read(SOURCE, line)
        assert rows == one_by_one(SOURCE, FORMAT, [line])


@pytest.mark.slow
@given(GARBAGE, GARBAGE, HOSTILE)
@example(b"", b"\xff\n\x00\n" + FIRST[:60], '"')
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, agent: str) -> None:
    whole = FIRST.replace(b"Windows", agent.replace("\n", "").replace("\r", "").encode())
    rows, _ = read(SOURCE, b"\n".join([before, whole, after]))
    assert [row["client_port"] for row in rows if row["request_url"] == "https://www.example.com:443/"] == [46532]
