import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, HOSTILE, LOCATIONS, at, lines, one_by_one, read, read_sample, told

from sakimori.ingest.s3_access import FORMAT, SOURCE
from sakimori.ingest.source import Reason

NAME = "s3-access.log"
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def row_of(request_id: str) -> dict[str, object]:
    return next(told(row) for row in read_sample(SOURCE, NAME) if row["request_id"] == request_id)


def row_at(second: int) -> dict[str, object]:
    return row_of(f"3E57427F{second:02d}EXAMPLE")


def test_a_line_fills_its_columns() -> None:
    row = row_at(1)
    assert (row["bucket_owner"], row["bucket"], row["requester"]) == (OWNER, "amzn-s3-demo-bucket", OWNER)
    assert row["time"] == at("2026-10-01T00:04:01")
    assert (row["operation"], row["key"]) == ("REST.GET.OBJECT", "photos/2026/puppy.jpg")
    assert row["request_uri"] == "GET /photos/2026/puppy.jpg HTTP/1.1"
    assert (row["http_status"], row["bytes_sent"], row["object_size"]) == (200, 4096, 4096)
    assert (row["total_time"], row["turn_around_time"]) == (41, 28)
    assert (row["tls_version"], row["source_region"]) == ("TLSv1.3", "us-east-2")
    assert not {"error_code", "referer", "version_id", "access_point_arn", "acl_required", "rest"} & row.keys()


def test_the_place_comes_from_keys_that_are_partitioned_and_from_no_requester() -> None:
    assert (row_at(8)["account_id"], row_at(8)["region"]) == ("111122223333", "us-east-2")
    assert row_at(8)["requester"] == "arn:aws:sts::444455556666:assumed-role/Reader/session"
    rows, _ = read(SOURCE, lines(NAME)[7], "logs/2026-10-01-00-04-11-ABCDEF0123456789")
    assert (rows[0]["account_id"], rows[0]["region"]) == ("unknown", "unknown")


def test_an_unsigned_request_has_no_requester() -> None:
    row = row_at(3)
    assert (row["http_status"], row["error_code"]) == (403, "AccessDenied")
    assert not {"requester", "signature_version", "authentication_type"} & row.keys()


@pytest.mark.parametrize(
    ("second", "told_of_it"),
    [
        (4, {"request_uri": 'GET /" HTTP/1.1', "referer": "referer test", "user_agent": "curl/8.5.0"}),
        (5, {"user_agent": 'Mozilla/5.0 (iPad; CPU OS 19_1 like Mac OS X)"', "tls_version": "TLSv1.3"}),
        (6, {"referer": "x", "host_header": "amzn-s3-demo-bucket.s3.us-east-2.amazonaws.com", "http_status": 200}),
    ],
)
def test_quotes_of_a_stranger_shift_no_field(second: int, told_of_it: dict[str, object]) -> None:
    row = row_at(second)
    assert {name: row[name] for name in told_of_it} == told_of_it
    assert "rest" not in row


def test_what_s3_does_itself_has_no_request() -> None:
    assert (row_at(9)["operation"], row_at(9)["object_size"]) == ("S3.EXPIRE.OBJECT", 27)
    assert not {"remote_ip", "request_uri", "http_status", "user_agent"} & (row_at(9).keys() | row_at(10).keys())


def test_a_copy_is_two_rows_of_one_request() -> None:
    copies = [row["operation"] for row in read_sample(SOURCE, NAME) if row["request_id"] == "COPY00EXAMPLE"]
    assert copies == ["REST.COPY.OBJECT_GET", "REST.COPY.OBJECT"]
    assert SOURCE.table.identity == ()


def test_older_lines_end_earlier_and_newer_ones_later() -> None:
    assert "source_region" not in row_at(14)
    assert not {"access_point_arn", "acl_required"} & row_at(15).keys()
    assert not {"host_id", "signature_version"} & row_at(16).keys()
    assert json.loads(str(row_at(17)["rest"])) == {"field_29": "new-field"}


def test_a_number_that_is_none_is_kept_beside_its_empty_column() -> None:
    rows, refused = read(SOURCE, lines(NAME)[0].replace(b" 41 28 ", b" long 28 "))
    assert refused == ()
    assert (rows[0]["total_time"], rows[0]["turn_around_time"]) == (None, 28)
    assert json.loads(rows[0]["rest"]) == {"total_time": "long"}


@pytest.mark.parametrize(
    "time", [b"31/Feb/2026:00:04:01 +0000", b"01/Okt/2026:00:04:01 +0000", b"01/Oct/2026:24:04:01 +0000"]
)
def test_a_time_that_no_calendar_shows_is_refused(time: bytes) -> None:
    rows, refused = read(SOURCE, lines(NAME)[0].replace(b"01/Oct/2026:00:04:01 +0000", time))
    assert (rows, [piece.reason for piece in refused]) == ([], [Reason.NO_TIME])


def test_well_written_lines_give_the_same_rows_all_at_once_and_one_by_one() -> None:
    found = [line for line in lines(NAME) if FORMAT.well_written(line)]
    assert len(found) == len(lines(NAME)) - 3
    rows, _ = read(SOURCE, b"\n".join(found))
    assert rows == one_by_one(SOURCE, FORMAT, found)


@pytest.mark.slow
@given(HOSTILE, HOSTILE)
def test_whatever_referer_and_user_agent_are_the_other_fields_stay(referer: str, agent: str) -> None:
    line = lines(NAME)[0].replace(b'"-" "aws-cli/2.31.0 md/awscrt#0.27.6"', f'"{referer}" "{agent}"'.encode())
    rows, refused = read(SOURCE, line, LOCATIONS[NAME])
    assert refused == ()
    assert (rows[0]["http_status"], rows[0]["tls_version"], rows[0]["rest"]) == (200, "TLSv1.3", None)
    # Who writes `" "` into a referer says where the user agent begins; nothing of the two is lost.
    both = ["-" if rows[0][name] is None else rows[0][name] for name in ("referer", "user_agent")]
    assert '" "'.join(both) == f'{referer}" "{agent}'


@pytest.mark.slow
@given(GARBAGE, GARBAGE, st.sampled_from(lines(NAME)))
def test_a_good_line_survives_whatever_stands_around_it(before: bytes, after: bytes, line: bytes) -> None:
    rows, _ = read(SOURCE, b"\n".join([before, line, after]))
    assert len(rows) == 1
