import json
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, HOSTILE, LOCATIONS, at, lines, read, read_sample, sample, told

from sakimori.ingest.cloudfront.fields import STANDARD
from sakimori.ingest.cloudfront.source import SOURCE
from sakimori.ingest.documents import documents_of
from sakimori.ingest.place import Place
from sakimori.ingest.source import Document, Reason

NAME = "cloudfront.log"
VERSION, HEADER, FIRST = lines(NAME)[:3]
V2 = "cloudfront.v2.jsonl"
REAL_TIME = "cloudfront.real_time.log"


def row_at(second: int, name: str = NAME) -> dict[str, object]:
    found = (told(row) for row in read_sample(SOURCE, name))
    return next(row for row in found if str(row.get("x_edge_request_id")).startswith(f"EXAMPLE{second:02d}"))


def test_a_line_of_a_standard_log_fills_its_columns() -> None:
    row = row_at(1)
    assert (row["account_id"], row["region"], row["distribution_id"]) == ("unknown", "global", "EMLARXS9EXAMPLE")
    assert row["time"] == at("2026-10-01T00:05:01")
    assert (row["c_ip"], row["c_port"], row["cs_method"], row["cs_uri_stem"]) == (
        "192.0.2.100",
        11040,
        "GET",
        "/index.html",
    )
    assert (row["cs_host"], row["x_host_header"]) == ("d111111abcdef8.cloudfront.net", "www.example.com")
    assert (row["sc_status"], row["sc_bytes"], row["time_taken"]) == (200, 5120, 0.001)
    assert not {"cs_referer", "cs_cookie", "cs_uri_query", "sc_range_start", "fle_status", "rest"} & row.keys()


def test_what_a_viewer_sent_is_as_he_sent_it() -> None:
    assert row_at(1)["cs_user_agent"] == (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    )
    assert row_at(3)["cs_uri_query"] == "q=%E8%8C%B6&page=2"
    assert row_at(3)["cs_referer"] == "https://www.example.com/?a=%7B1%7D"
    assert row_at(4)["cs_user_agent"] == "curl/8.5.0 (twice)"
    assert row_at(7)["cs_uri_stem"] == "/video/a%20b.mp4"
    assert (row_at(8)["cs_cookie"], row_at(8)["x_forwarded_for"]) == (
        "session=visibly-fake; theme=dark", "203.0.113.77, 192.0.2.100",
    )  # fmt: skip


def test_bytes_that_are_no_text_stay_as_the_log_has_them() -> None:
    assert row_at(12)["cs_user_agent"] == "%22evil%22%20%09agent%20%FF"


def test_a_viewer_who_left_early_has_the_status_0() -> None:
    assert (row_at(6)["sc_status"], row_at(6)["x_edge_detailed_result_type"]) == (0, "ClientHungUpRequest")


def test_a_value_of_another_kind_is_kept_beside_its_empty_column() -> None:
    row = row_at(13)
    assert "sc_bytes" not in row
    assert json.loads(str(row["rest"])) == {"sc-bytes": "many"}


def test_lines_read_at_once_and_one_by_one_give_the_same_rows() -> None:
    rows, _ = read(SOURCE, sample(NAME))
    cut = [line.replace(b"2026-10-01\t", b"2026-10-01 \t") for line in lines(NAME)]
    alone, refused = read(SOURCE, b"\n".join(cut))
    assert refused == ()
    assert [{**row, "x": 0} for row in alone] == [{**row, "x": 0} for row in rows]


def test_a_header_without_some_fields_or_with_new_ones_is_followed() -> None:
    header = b"#Fields: date time c-ip new-field cs(User-Agent)"
    rows, refused = read(SOURCE, header + b"\n2026-10-01\t00:00:01\t192.0.2.1\tx y\tcurl%2520\n")
    assert refused == ()
    assert told(rows[0])["cs_user_agent"] == "curl "
    assert json.loads(rows[0]["rest"]) == {"new-field": "x y"}


def test_files_that_were_put_together_have_several_headers() -> None:
    other = b"#Version: 1.0\n#Fields: date time c-ip\n2026-10-01\t00:00:01\t192.0.2.1\n"
    rows, refused = read(SOURCE, sample(NAME) + other + sample(NAME))
    assert refused == ()
    assert len(rows) == 29


def test_a_line_that_is_cut_off_or_goes_on_keeps_what_it_has() -> None:
    rows, refused = read(
        SOURCE, b"\n".join([HEADER, FIRST[: FIRST.index(b"Mozilla") + 3], FIRST + b"\tmore\tand more"])
    )
    assert refused == ()
    assert (rows[0]["c_ip"], rows[0]["cs_user_agent"], rows[0]["x_edge_request_id"]) == ("192.0.2.100", "Moz", None)
    assert json.loads(rows[1]["rest"]) == {"unparsed": "more\tand more"}


def test_a_later_piece_of_a_file_is_read_by_its_header() -> None:
    data = sample(NAME)
    cut = data.index(lines(NAME)[6])
    batch = SOURCE.batch()
    assert SOURCE.head(data) == VERSION + b"\n" + HEADER + b"\n"
    assert batch.add(Document(location="x", data=data[:cut])) == ()
    assert batch.add(Document(location="x", data=data[cut:], offset=cut, head=SOURCE.head(data))) == ()
    assert batch.row_count == 14


def test_records_of_v2_fill_the_same_columns_with_the_most_exact_time() -> None:
    row = row_at(21, V2)
    assert row["time"] == at("2026-10-01T00:05:21.814000")
    assert (row["account_id"], row["distribution_id"]) == ("111122223333", "E1TR1RHV123ABC")
    assert (row["cs_host"], row["x_host_header"]) == ("d111111abcdef8.cloudfront.net", "www.example.com")
    assert (row["c_country"], row["asn"], row["cache_behavior_path_pattern"]) == ("JP", 64500, "*")
    assert row_at(27, V2)["time"] == at("2026-10-01T00:05:27")
    assert row_at(23, V2)["x_host_header"] == "www.example.com"


def test_fields_of_v2_without_a_column_are_kept() -> None:
    assert row_at(24, V2)["viewer_request_log_data"] == "variant=b"
    assert json.loads(str(row_at(24, V2)["rest"])) == {"cmcd-session-id": "0a1b2c"}
    assert json.loads(str(row_at(26, V2)["rest"])) == {"unknown-field": {"a": [1]}}


def test_what_holds_a_space_was_not_encoded() -> None:
    assert row_at(25, V2)["cs_user_agent"] == "plain text, not encoded 100%41"


def test_the_plain_format_of_v2_has_its_names_in_the_first_line_and_any_delimiter() -> None:
    name = "cloudfront.v2.plain.log"
    assert SOURCE.head(sample(name)) == lines(name)[0] + b"\n"
    row = row_at(31, name)
    assert (row["account_id"], row["c_ip"], row["sc_status"], row["cs_user_agent"]) == (
        "111122223333", "192.0.2.100", 200, "curl/8.5.0",
    )  # fmt: skip
    shifted = next(told(row) for row in read_sample(SOURCE, name) if row["rest"])
    assert (shifted["c_ip"], shifted["cs_method"]) == ("192.0.2.100", "GET")
    assert not {"cs_uri_stem", "sc_status", "x_edge_request_id"} & shifted.keys()
    assert json.loads(str(shifted["rest"]))["unparsed"].startswith(
        "/index.html,200,Mozilla/5.0%20(KHTML,%20like%20Gecko),"
    )


def test_parquet_of_v2_is_read() -> None:
    records = [json.loads(line) for line in lines(V2)[:2]]
    written = BytesIO()
    pq.write_table(pa.Table.from_pylist(records), written)
    location = "AWSLogs/111122223333/CloudFront/E1TR1RHV123ABC.2026-10-01-00.d0bb1f1a.parquet"
    assert SOURCE.recognises(location, written.getvalue()[:100])
    documents = list(documents_of(SOURCE, location, written.getvalue(), Place()))
    assert len(documents) == 1
    rows, refused = read(SOURCE, written.getvalue(), location)
    expected, _ = read(SOURCE, b"\n".join(lines(V2)[:2]), location)
    assert (rows, refused) == (expected, ())
    rows, refused = read(SOURCE, written.getvalue()[:-9], location)
    assert (rows, [piece.reason for piece in refused]) == ([], [Reason.UNREADABLE])


def test_real_time_lines_are_known_by_the_order_of_all_fields_in_each_year() -> None:
    rows = read_sample(SOURCE, REAL_TIME)
    assert [row["cs_headers_count"] for row in rows] == [3] * 6
    assert [row["asn"] for row in rows] == [64500, 64500, None, 64500, 64500, 64500]
    assert [row["s_ip"] for row in rows] == [None, None, None, None, "198.51.100.200", None]
    assert rows[0]["time"] == at("2026-10-01T00:05:41.937000")


def test_real_time_lines_mean_the_same_as_standard_ones() -> None:
    row = row_at(41, REAL_TIME)
    assert (row["cs_host"], row["x_host_header"]) == ("d111111abcdef8.cloudfront.net", "www.example.com")
    assert (row["cs_uri_stem"], row["cs_uri_query"]) == ("/a/b", "x=1")
    assert row_at(46, REAL_TIME)["cs_uri_query"] == "x=1"
    assert row["cs_headers"] == "host:www.example.com\nuser-agent:curl/8.5.0\naccept:*/*\n"


def test_real_time_records_in_json_are_read_by_their_names() -> None:
    record = {
        "timestamp": "1790813101.5",
        "c_ip": "192.0.2.1",
        "cs-host": "www.example.com",
        "cs-uri-stem": "/?a",
        "sc-status": 200,
    }
    rows, refused = read(SOURCE, json.dumps(record).encode() * 2)
    assert refused == ()
    assert [(row["c_ip"], row["x_host_header"], row["cs_uri_query"], row["sc_status"]) for row in rows] == [
        ("192.0.2.1", "www.example.com", "a", 200)
    ] * 2


def test_some_fields_of_a_real_time_log_without_names_are_refused() -> None:
    line = lines(REAL_TIME)[0].split(b"\t")
    rows, refused = read(SOURCE, b"\n".join([b"\t".join(line[:41]), b"\t".join([*line[:15], b"x", *line[16:]])]))
    assert (rows, {piece.reason for piece in refused}) == ([], {Reason.UNKNOWN_FORMAT})


@pytest.mark.parametrize("count", [12, 33, 35])
def test_lines_of_a_standard_log_without_a_header_are_known_by_date_and_time(count: int) -> None:
    line = b"\t".join([*FIRST.split(b"\t"), b"JP", b"*"][:count])
    rows, refused = read(SOURCE, line, LOCATIONS[NAME])
    assert refused == ()
    assert rows[0]["c_ip"] == "192.0.2.100"
    assert len(STANDARD) == 35


def test_a_time_that_no_clock_shows_is_refused_and_loses_nothing_else() -> None:
    data = b"\n".join([HEADER, FIRST.replace(b"2026-10-01", b"2026-02-30"), FIRST])
    rows, refused = read(SOURCE, data)
    assert len(rows) == 1
    assert [(piece.reason, piece.offset) for piece in refused] == [(Reason.NO_TIME, len(HEADER) + 1)]


def test_the_span_is_that_of_the_rows() -> None:
    batch = SOURCE.batch()
    batch.add(Document(location="x", data=sample(NAME)))
    assert batch.span() == (1_790_813_101_000_000, 1_790_813_114_000_000)
    assert batch.span() is None


TEXTS = st.text(alphabet=st.characters(exclude_characters="\t\r\n", exclude_categories=("Cs",)), max_size=30)


@pytest.mark.slow
@given(TEXTS, TEXTS, TEXTS)
@example("", "0 ", "")
@example("", "+5", "")
def test_whatever_stands_in_a_line_both_readings_agree(agent: str, count: str, query: str) -> None:
    values = FIRST.split(b"\t")
    values[3], values[10], values[11] = count.encode(), agent.encode(), query.encode()
    line = b"\t".join(values)
    rows, _ = read(SOURCE, HEADER + b"\n" + line)
    alone, _ = read(SOURCE, HEADER + b"\n" + line.replace(b"2026-10-01\t", b"2026-10-01 \t", 1))
    assert rows == alone


@pytest.mark.slow
@given(GARBAGE, GARBAGE, HOSTILE)
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, agent: str) -> None:
    line = FIRST.replace(b"Windows", agent.replace("\t", "").encode())
    rows, _ = read(SOURCE, b"\n".join([HEADER, before, line, after]))
    assert [row["c_port"] for row in rows if row["x_edge_request_id"]] == [11040]


@pytest.mark.slow
@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    for beginning in (b"", b"#Fields: ", b"PAR1", b"{", HEADER):
        read(SOURCE, beginning + data)
        SOURCE.recognises("CloudFront/x", beginning + data)
        SOURCE.head(beginning + data)
