import csv
import io
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.trail import ACCOUNT, document, event

from sakimori.ingest.cloudtrail.reassemble import event_of
from sakimori.ingest.cloudtrail.source import SOURCE
from sakimori.ingest.documents import documents_of
from sakimori.ingest.place import Place, place_of
from sakimori.ingest.source import Reason, Refused


def read(data: bytes, place: Place | None = None) -> tuple[list[dict[str, Any]], list[Refused]]:
    """Rows in the order of their times, and refusals."""
    batch = SOURCE.batch()
    refused: list[Refused] = []
    for found in documents_of(SOURCE, "file", data, place or Place()):
        refused += [found] if isinstance(found, Refused) else batch.add(found)
    return [row for table in batch.finish() for row in table.to_pylist()], refused


def events_of(data: bytes) -> list[dict[str, Any]]:
    return [event_of(row) for row in read(data)[0]]


# -- columns ---------------------------------------------------------------------------


def test_an_event_becomes_a_row_of_typed_columns() -> None:
    [row], refused = read(document([event(7)]))
    assert refused == []
    assert row["account_id"] == ACCOUNT
    assert row["partition"] == "aws"
    assert row["region"] == row["aws_region"] == "ap-northeast-1"
    assert row["event_time"].isoformat() == "2026-10-01T00:00:07"
    assert row["source_ip"] == "198.51.100.7"
    assert row["read_only"] is False
    assert row["mfa_authenticated"] is False
    assert row["session_created_at"].isoformat() == "2026-10-01T00:00:00"
    assert json.loads(row["request_parameters"]) == {"bucketName": "bucket-7", "n": 1.5}
    assert row["response_elements"] is None
    assert row["null_fields"] == "responseElements"


@pytest.mark.parametrize(
    ("identity", "root"),
    [
        ({"type": "AssumedRole", "arn": "session", "sessionContext": {"sessionIssuer": {"arn": "role"}}}, "role"),
        ({"type": "IAMUser", "arn": "user", "userName": "taro"}, "user"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, "u-1"),
        ({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "1"}, "AIDAEXAMPLE"),
        ({"type": "Root", "arn": 5, "accountId": "1"}, "1"),
        ("root", None),
        (None, None),
    ],
)
def test_who_stands_behind_a_session_is_told(identity: Any, root: str | None) -> None:
    [row], refused = read(document([event(userIdentity=identity)]))
    assert (row["principal_root"], refused) == (root, [])


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("2001:DB8::1", "2001:db8::1"),
        ("ec2.amazonaws.com", None),
        ("AWS Internal", None),
        ("10.0.0.1", "10.0.0.1"),
        ("", None),
    ],
)
def test_an_origin_that_is_no_address_has_none(origin: str, address: str | None) -> None:
    [row], _ = read(document([event(sourceIPAddress=origin)]))
    assert (row["source_ip_address"], row["source_ip"]) == (origin, address)


def test_rows_come_by_account_region_day_and_time() -> None:
    events = [event(number, awsRegion=region) for number in (5, 3, 90_000, 4) for region in ("us-east-1", "eu-west-1")]
    rows, _ = read(document(events))
    places = [(row["account_id"], row["region"], row["event_time"]) for row in rows]
    assert places == sorted(places)
    assert len(rows) == 8


def test_account_and_region_come_from_the_place_where_the_event_says_nothing() -> None:
    bare = {"eventTime": "2026-10-01T00:00:00Z", "eventName": "X", "eventID": "e"}
    [row], _ = read(document([bare]), place_of(f"AWSLogs/o-abcdef1234/{ACCOUNT}/CloudTrail/cn-north-1/2026/10/01/x"))
    assert (row["account_id"], row["partition"], row["region"]) == (ACCOUNT, "aws-cn", "cn-north-1")


@pytest.mark.parametrize("account", ["../../etc", "1" * 13, 5, None])
def test_a_lying_account_is_unknown_and_stays_in_the_event(account: object) -> None:
    lying = event(recipientAccountId=account)
    [row], _ = read(document([lying]))
    assert row["account_id"] == "unknown"
    assert event_of(row) == lying


# -- nothing is lost -------------------------------------------------------------------


@pytest.mark.parametrize(
    "unusual",
    [
        {},
        {"newField": {"a": [1, None]}},
        {"readOnly": "true"},
        {"errorCode": None, "userAgent": None},
        {"requestParameters": None, "additionalEventData": {"x": 1}, "resources": []},
        {"requestParameters": "text", "tlsDetails": 4},
        {"userIdentity": None},
        {"eventTime": "2026-10-01T09:00:00+09:00"},
        {"eventTime": "2026-10-01T00:00:00.123Z"},
        {"eventID": None},
        {"rest": 1, "eventname": "lower"},
        {"userAgent": '日本語 \U0001f600 "quoted" \\ \u0007'},
    ],
    ids=str,
)
def test_the_event_comes_back_from_its_row(unusual: dict[str, Any]) -> None:
    whole = event(**unusual)
    assert events_of(document([whole])) == [whole]
    assert events_of(document([event(0, eventTime="1999-01-01T00:00:00Z"), whole]))[1:] == [whole]


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
_fields = st.sampled_from([*event(), "errorCode", "errorMessage", "sharedEventID", "tlsDetails", "resources", "new"])


@pytest.mark.slow
@settings(max_examples=150)
@given(
    st.lists(
        st.dictionaries(_fields.filter(lambda name: name != "eventTime"), _json, max_size=6), min_size=1, max_size=4
    )
)
def test_any_values_of_any_fields_come_back(changes: list[dict[str, Any]]) -> None:
    events = [event(number) | change for number, change in enumerate(changes)]
    assert sorted(map(repr, events_of(document(events)))) == sorted(map(repr, map(_ordered, events)))


def _ordered(whole: dict[str, Any]) -> dict[str, Any]:
    """The fields in the order in which a row gives them back."""
    [row], _ = read(document([whole]))
    back = event_of(row)
    assert back == whole
    return back


# -- wrappings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrapped",
    [
        document([event(1), event(2)]),
        json.dumps([event(1), event(2)]).encode(),
        b"\n".join(json.dumps(event(number)).encode() for number in (1, 2)),
        b"".join(json.dumps(event(number), indent=2).encode() for number in (1, 2)),
        json.dumps({"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(event(number))} for number in (1, 2)]}).encode(),
        json.dumps({"NextToken": "t", "Records": [event(1), event(2)]}, indent=1).encode(),
        b"\n".join(json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": event(number)}).encode() for number in (1, 2)),
        json.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "message": json.dumps(event(number))} for number in (1, 2)]}).encode(),
        b"\n".join(document([event(number)]) for number in (1, 2)),
        b"\xef\xbb\xbf" + document([event(1), event(2)]),
    ],
    ids=["document", "array", "lines", "pretty", "lookup", "pretty-document", "eventbridge", "firehose", "documents", "bom"],
)  # fmt: skip
def test_events_are_found_in_every_usual_wrapping(wrapped: bytes) -> None:
    rows, refused = read(wrapped)
    assert [row["event_id"][-1] for row in rows] == ["1", "2"]
    assert [each for each in refused if not wrapped.startswith(b"\xef")] == []


def test_an_export_of_athena_is_read_with_its_structures() -> None:
    identity = (
        "{type=AssumedRole, principalid=AROAEXAMPLE:s, arn=arn:aws:sts::111122223333:assumed-role/r/s, accountid=111122223333, "
        "invokedby=null, sessioncontext={attributes={mfaauthenticated=true, creationdate=2026-10-01T00:00:00Z}, "
        "sessionissuer={type=Role, arn=arn:aws:iam::111122223333:role/r, username=r}}}"
    )
    rows = [
        [
            "useridentity",
            "eventtime",
            "eventname",
            "eventid",
            "readonly",
            "requestparameters",
            "resources",
            "recipientaccountid",
        ],
        [
            identity,
            "2026-10-01T00:00:01Z",
            "GetObject",
            "e-1",
            "true",
            '{"key":"a, b",\n "n": 1}',
            "[{arn=arn:aws:s3:::b, type=AWS::S3::Bucket}]",
            ACCOUNT,
        ],
        ["{broken", "2026-10-01 00:00:02.000", "PutObject", "e-2", "", "", "", ACCOUNT],
    ]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    data = text.getvalue().encode() + b'"too","few"\r\n'
    (first, second), refused = read(data)
    assert first["principal_root"] == "arn:aws:iam::111122223333:role/r"
    assert first["mfa_authenticated"] is True
    assert first["read_only"] is True
    assert json.loads(first["request_parameters"]) == {"key": "a, b", "n": 1}
    assert json.loads(first["resources"]) == [{"arn": "arn:aws:s3:::b", "type": "AWS::S3::Bucket"}]
    assert (second["user_identity"], second["event_name"]) == ('"{broken"', "PutObject")
    assert [each.reason for each in refused] == [Reason.BAD_LINE]
    assert data[refused[0].offset :].startswith(b'"too"')


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_no_csv_makes_the_reader_fail(data: bytes) -> None:
    read(b"eventid,eventname,eventtime,useridentity\n" + data)


# -- hostile input ---------------------------------------------------------------------


def test_a_torn_document_gives_what_is_whole_and_refuses_the_rest() -> None:
    data = document([event(1), event(2), event(3)])
    cut = data.index(b"request-3")
    rows, refused = read(data[:cut])
    assert [row["request_id"] for row in rows] == ["request-1", "request-2"]
    assert [each.reason for each in refused] == [Reason.NOT_JSON]
    assert data[refused[0].offset :].startswith(b'{"eventVersion"')


def test_a_record_broken_in_the_middle_loses_no_other() -> None:
    data = document([event(1), event(2), event(3)]).replace(b'"requestID":"request-2"', b'"requestID":"reque')
    rows, refused = read(data)
    assert {row["request_id"] for row in rows} == {"request-1", "request-3"}
    assert refused


def test_what_is_nested_too_deeply_is_refused_alone() -> None:
    deep = json.dumps(event(2)).replace('"n": 1.5', '"n": ' + "[" * 10_000 + "]" * 10_000)
    data = (
        b'{"Records":['
        + json.dumps(event(1)).encode()
        + b","
        + deep.encode()
        + b","
        + json.dumps(event(3)).encode()
        + b"]}"
    )
    rows, refused = read(data)
    assert [row["request_id"] for row in rows] == ["request-1", "request-3"]
    assert [each.reason for each in refused] == [Reason.TOO_DEEP]


def test_a_record_beyond_the_limit_is_refused_alone() -> None:
    huge = event(2, requestParameters={"x": "y" * (5 << 20)})
    rows, refused = read(document([event(1), huge, event(3)]) + b" ")
    assert {row["request_id"] for row in rows} >= {"request-1", "request-3"}
    assert all(each.reason is Reason.TOO_LARGE for each in refused)


def test_invalid_utf8_is_refused_alone() -> None:
    data = document([event(1), event(2), event(3)]).replace(b"request-2", b"reque\xff\xfe2")
    rows, refused = read(data)
    assert [row["request_id"] for row in rows] == ["request-1", "request-3"]
    assert [each.reason for each in refused] == [Reason.NOT_UTF8]


@pytest.mark.parametrize(
    "time", [None, "yesterday", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z", 5]
)
def test_an_event_without_a_possible_time_is_refused_alone(time: object) -> None:
    rows, refused = read(document([event(1), event(2, eventTime=time), event(3)]))
    assert [row["request_id"] for row in rows] == ["request-1", "request-3"]
    assert [(each.reason, each.detail) for each in refused] == [(Reason.NO_TIME, "eventTime")]


def test_half_a_surrogate_pair_is_no_reason_to_lose_an_event() -> None:
    data = document([event(1), event(2)]).replace(b"request-2", b"\\ud800")
    rows, refused = read(data)
    assert [row["request_id"] for row in rows] == ["request-1", None]
    assert event_of(rows[1]) == event(2, requestID="\ud800")
    assert refused == []


def test_the_last_of_two_equal_keys_counts() -> None:
    data = document([event(1)]).replace(b'"eventName":', b'"eventName":"First","eventName":')
    [row], refused = read(data)
    assert (row["event_name"], refused) == ("PutBucketPolicy", [])


@pytest.mark.slow
@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    rows, _ = read(data)
    assert rows == []


def slow_reference(data: bytes) -> list[dict[str, Any]]:
    """What a plain reader finds: every balanced object after another beginning of a record that Python's json reads."""
    found: list[dict[str, Any]] = []
    decoder = json.JSONDecoder()
    text = data.decode("utf-8", "replace")
    at = 0
    while (begin := text.find('{"eventVersion"', at)) >= 0:
        try:
            whole, at = decoder.raw_decode(text, begin)
        except ValueError:
            at = begin + 1
            continue
        if "\ufffd" not in text[begin:at]:
            found.append(whole)
    return found


@pytest.mark.slow
@settings(max_examples=200)
@given(st.data())
def test_damage_anywhere_loses_nothing_that_a_slow_reader_finds(drawn: st.DataObject) -> None:
    data = document([event(number) for number in range(1, 6)])
    at = drawn.draw(st.integers(4, len(data) - 1))
    data = data[:at] + drawn.draw(st.binary(max_size=6)) + data[at + drawn.draw(st.integers(0, 40)) :]
    expected = {
        whole.get("eventID")
        for whole in slow_reference(data)
        if re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", str(whole.get("eventTime")))
    }
    assert expected <= {row["event_id"] for row in read(data)[0]}


@pytest.mark.slow
def test_a_large_document_is_read_in_pieces_with_the_same_result() -> None:
    filler = {"padding": "z" * 20_000}
    events = [event(number, requestParameters=filler) for number in range(1, 1_800)]
    rows, refused = read(document(events))
    assert len(rows) == 1_799
    assert refused == []


@pytest.mark.slow
def test_records_that_hold_what_looks_like_another_are_all_taken_beside_a_torn_one() -> None:
    nested = {"inner": [{"x": 1}, {"eventVersion": "1.0"}]}
    events = [event(number, requestParameters=nested) for number in range(1, 1_001)]
    data = document(events).replace(b'"requestID":"request-500"', b'"requestID":"reque')
    rows, refused = read(data)
    assert {row["request_id"] for row in rows} >= {f"request-{number}" for number in range(1, 1_001)} - {"request-500"}
    assert refused
