import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.web_logs import GARBAGE, LOCATIONS, at, lines, read, read_sample, sample, told

from sakimori.ingest.documents import documents_of
from sakimori.ingest.place import Place
from sakimori.ingest.source import Reason, Refused
from sakimori.ingest.waf import SOURCE

NAME = "waf.log"
FIRST = lines(NAME)[0]
ONE_LINE = "waf.firehose.log"


def row_at(second: int) -> dict[str, object]:
    return told(read_sample(SOURCE, NAME)[second - 1])


def test_a_record_fills_its_columns() -> None:
    row = row_at(2)
    assert (row["account_id"], row["region"]) == ("111122223333", "us-east-2")
    assert row["time"] == at("2026-10-01T00:10:02.007000")
    assert (row["action"], row["terminating_rule_id"], row["terminating_rule_type"]) == (
        "BLOCK", "AWS-AWSManagedRulesSQLiRuleSet", "MANAGED_RULE_GROUP",
    )  # fmt: skip
    assert (row["client_ip"], row["http_method"], row["uri"], row["args"]) == (
        "198.51.100.23", "GET", "/login", "id=1%27%20or%20%271%27=%271",
    )  # fmt: skip
    assert (row["host"], row["user_agent"]) == ("www.example.com", "Mozilla/5.0 (X11; Linux x86_64)")
    assert (row["response_code_sent"], row["format_version"]) == (403, 1)
    assert row["labels"] == "awswaf:managed:aws:sql-database:SQLi_QueryArguments, awswaf:clientip:geo:country:XX"
    assert json.loads(str(row["rule_group_list"]))[0]["terminatingRule"]["ruleId"] == "SQLi_QUERYARGUMENTS"
    assert not {"country", "rest", "captcha_response"} & row.keys()


def test_an_empty_list_is_known_to_be_empty_and_a_missing_one_is_not() -> None:
    assert (row_at(1)["rate_based_rule_list"], row_at(1)["terminating_rule_match_details"]) == ("[]", "[]")
    assert not {"labels", "request_headers_inserted", "challenge_response"} & row_at(1).keys()


def test_what_rules_found_is_kept_as_json() -> None:
    assert json.loads(str(row_at(3)["terminating_rule_match_details"]))[0]["matchedData"] == ["1", "'", "or"]
    assert json.loads(str(row_at(4)["rate_based_rule_list"]))[0]["limitValue"] == "198.51.100.23"
    assert json.loads(str(row_at(5)["non_terminating_matching_rules"]))[0]["action"] == "COUNT"
    assert json.loads(str(row_at(6)["captcha_response"]))["failureReason"] == "TOKEN_MISSING"
    assert json.loads(str(row_at(10)["oversize_fields"])) == ["REQUEST_BODY"]
    assert (row_at(5)["client_asn"], row_at(5)["forwarded_asn"]) == (64500, 64501)


def test_a_web_acl_of_cloudfront_stands_where_the_inventory_has_it() -> None:
    row = row_at(8)
    assert (row["region"], row["client_ip"], row["cf_distribution_tenant_id"]) == (
        "us-east-1",
        "2001:db8::50",
        "dt_example",
    )


def test_an_acl_of_waf_classic_leaves_the_place_to_the_files_folder() -> None:
    assert (row_at(9)["web_acl_id"], row_at(9)["account_id"]) == (
        "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
        "111122223333",
    )


def test_headers_tell_host_and_user_agent_the_first_of_each() -> None:
    row = row_at(11)
    assert row["host"] == 'a"}{"timestamp":1,"b'
    assert row["user_agent"] == 'evil "quotes" \n new line 茶 \0'
    assert len(json.loads(str(row["headers"]))) == 3


def test_a_field_without_a_column_or_of_another_kind_is_kept() -> None:
    assert json.loads(str(row_at(12)["rest"])) == {"requestBodySize": "large", "futureField": {"a": 1}}
    assert not {"request_body_size", "http_source_name"} & row_at(12).keys()


def test_a_client_can_write_a_hyphen() -> None:
    record = json.loads(FIRST)
    record["httpRequest"]["args"] = "-"
    rows, _ = read(SOURCE, json.dumps(record).encode())
    assert rows[0]["args"] == "-"


def test_records_without_line_ends_are_the_same_rows() -> None:
    rows, refused = read(SOURCE, sample(ONE_LINE), LOCATIONS[NAME])
    assert (rows, refused) == (read_sample(SOURCE, NAME), ())


@pytest.mark.slow
def test_a_large_file_without_line_ends_is_cut_between_records() -> None:
    many = sample(ONE_LINE) * 2_000
    pieces = list(documents_of(SOURCE, "x", many, Place()))
    assert len(pieces) == 2
    batch = SOURCE.batch()
    for piece in pieces:
        assert not isinstance(piece, Refused)
        assert batch.add(piece) == ()
    assert batch.row_count == 24_000


def test_the_same_request_id_twice_is_two_rows_for_a_client_can_choose_it() -> None:
    assert SOURCE.table.identity == ()


def test_a_record_of_something_else_is_refused_and_loses_nothing_else() -> None:
    data = b"\n".join(
        [FIRST, b'{"timestamp":1790813401007}', FIRST.replace(b"1790813401007", b"-"), b"[1]", FIRST, b'"text"']
    )
    rows, refused = read(SOURCE, data)
    assert len(rows) == 2
    assert [piece.reason for piece in refused] == [
        Reason.NOT_A_RECORD, Reason.NOT_JSON, Reason.NOT_A_RECORD, Reason.NOT_A_RECORD,
    ]  # fmt: skip


def test_a_record_without_a_time_is_refused() -> None:
    rows, refused = read(SOURCE, FIRST.replace(b"1790813401007", b'"soon"'))
    assert (rows, [piece.reason for piece in refused]) == ([], [Reason.NO_TIME])


def test_members_of_another_kind_harm_nothing() -> None:
    for member in (
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b'{"headers":{"name":"host"},"clientIp":[1]}',
        b'{"headers":[1,{"name":1}]}',
    ):
        begin, _, end = FIRST.partition(b'"httpRequest":')
        data = begin + b'"httpRequest":' + member + b"," + end[end.index(b'"requestBodySize"') :]
        rows, refused = read(SOURCE, data.replace(b'"ruleGroupList":[]', b'"labels":' + member))
        assert (len(rows), refused) == (1, ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from([*json.loads(FIRST), "labels", "x"]), JSON, max_size=6))
def test_whatever_a_record_holds_it_is_a_row_or_refused(members: dict[str, object]) -> None:
    rows, refused = read(SOURCE, json.dumps({**json.loads(FIRST), **members}).encode())
    assert len(rows) + len(refused) == 1


@pytest.mark.slow
@given(GARBAGE, GARBAGE, st.sampled_from(lines(NAME)))
def test_a_good_record_survives_whatever_stands_around_it(before: bytes, after: bytes, line: bytes) -> None:
    rows, _ = read(SOURCE, b"\n".join([before, line, after]))
    assert len(rows) == 1
