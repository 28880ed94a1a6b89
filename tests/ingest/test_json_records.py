import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.service_logs import line_of_garbage

from sakimori.ingest.json_members import finished, inside, moment, plan_of, take
from sakimori.ingest.json_records import Record, cut, json_text, pieces, records_of, rows_of, top_keys
from sakimori.ingest.log_messages import first_message, message_of
from sakimori.ingest.source import INTEGER, TEXT, TIMESTAMP, Document, Reason, Refused, col, log_table

Found = tuple[list[Record], list[Refused]]


def split(data: bytes, offset: int = 0) -> Found:
    found = list(records_of(Document(location="file", data=data, offset=offset)))
    return [each for each in found if isinstance(each, Record)], [each for each in found if isinstance(each, Refused)]


def members(data: bytes) -> list[dict[str, Any]]:
    records, refused = split(data)
    assert refused == []
    return [record.members for record in records]


ONE, TWO = {"a": 1}, {"b": {"c": [1, "}{"]}}


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}\n{"b":{"c":[1,"}{"]}}\n',
        b'{"a":1}{"b":{"c":[1,"}{"]}}',
        b'{"a":1},\r\n{"b":{"c":[1,"}{"]}},\r\n',
        b'[{"a":1},{"b":{"c":[1,"}{"]}}]',
        b'\xef\xbb\xbf{"a":1}\n\n\n{"b":{"c":[1,"}{"]}}',
        json.dumps([ONE, TWO], indent=2).encode(),
        json.dumps(ONE, indent=2).encode() + b"\n" + json.dumps(TWO, indent=4).encode() + b"\n",
    ],
)
def test_records_are_found_however_they_are_laid_out(data: bytes) -> None:
    assert members(data) == [ONE, TWO]


def test_the_time_of_an_export_is_told_beside_the_record() -> None:
    [record], _ = split(b'2026-10-01T00:00:00.123Z {"a":1}\n')
    assert record.logged_at == datetime(2026, 10, 1, 0, 0, 0, 123000)  # noqa: DTZ001
    assert record.members == ONE


def test_a_record_tells_where_it_begins_in_the_unpacked_file() -> None:
    records, [refused] = split(b'{"a":1}\nnothing\n{"a":1}{"a":2}', offset=100)
    assert [record.offset for record in records] == [100, 116, 123]
    assert refused.offset == 108


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b'{"a":1', Reason.NOT_JSON),
        (b'{"a":\xff}', Reason.NOT_UTF8),
        (b'{"a":"\xff"}', Reason.NOT_UTF8),
        (b"[1,2,3]", Reason.NOT_A_RECORD),
        (b"7", Reason.NOT_A_RECORD),
        (b"[" * 100_000, Reason.NOT_JSON),
        (b"[" * 100_000 + b"]" * 100_000, Reason.TOO_DEEP),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, Reason.TOO_DEEP),
        (b'{"a":"' + b"x" * (5 << 20) + b'"}', Reason.TOO_LARGE),
        (b'{"a":' + b"1" * 5000 + b"}", Reason.NOT_JSON),
    ],
)
def test_a_broken_record_is_refused_for_what_it_is_and_loses_no_other(line: bytes, reason: Reason) -> None:
    records, refused = split(b'{"a":1}\n' + line + b'\n{"a":2}')
    assert [record.members["a"] for record in records] == [1, 2]
    assert [piece.reason for piece in refused] == [reason]


def test_many_escaped_quotes_behind_an_open_one_cost_one_pass() -> None:
    _, refused = split(b'{"a":"' + b'\\"' * 1_000_000)
    assert [piece.reason for piece in refused] == [Reason.NOT_JSON]


def test_a_stranger_cannot_take_his_record_out_of_the_log() -> None:
    [lone, control] = members(b'{"agent":"\\ud800"}\n{"agent":"a\x01\x00b"}')
    assert json_text(lone) == '{"agent": "\\ud800"}'
    assert control == {"agent": "a\x01\x00b"}


def test_a_long_line_of_objects_is_more_than_one_record() -> None:
    objects = b'{"a":"' + b"x" * (1 << 20) + b'"}'
    records, refused = split(objects * 6)
    assert (len(records), refused) == (6, [])


def test_lines_that_are_no_json_go_to_their_own_reader() -> None:
    document = Document(location="file", data=b'text, \n{"a":1}\n2026-10-01T00:00:00.000Z more\n\xff\n')
    found = list(rows_of(document, lambda record: record.members, lambda message: {"text": message.text}))
    assert found[:3] == [{"text": "text,"}, {"a": 1}, {"text": "more"}]
    assert isinstance(found[3], Refused)


def test_a_record_too_deep_to_be_written_again_is_refused() -> None:
    def row(record: Record) -> dict[str, object]:
        raise RecursionError

    [refused] = list(rows_of(Document(location="file", data=b'{"a":1}'), row))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.TOO_DEEP


plain = st.none() | st.booleans() | st.text(max_size=8) | st.integers(-(2**60), 2**60)
objects = st.dictionaries(st.text(max_size=8), plain | st.lists(plain, max_size=3), max_size=4)


@pytest.mark.slow
@given(st.lists(objects, min_size=1, max_size=4), st.sampled_from(["", "\n", ", "]))
def test_any_objects_come_back(values: list[dict[str, Any]], between: str) -> None:
    data = between.join(json.dumps(value) for value in values).encode()
    assert members(data) == values


@pytest.mark.slow
@given(st.lists(line_of_garbage), st.lists(line_of_garbage))
def test_a_record_between_garbage_survives(before: list[bytes], after: list[bytes]) -> None:
    records, _ = split(b"\n".join([*before, b'{"here":1}', *after]))
    assert {"here": 1} in [record.members for record in records]


@given(st.binary())
def test_pieces_cover_everything_that_is_not_between_them(data: bytes) -> None:
    end = 0
    for start, stop, _ in pieces(data):
        assert not data[end:start].strip(b" \t\r\n,")
        end = stop
    assert not data[end:].strip(b" \t\r\n,")


@pytest.mark.parametrize(
    ("data", "upto"),
    [
        (b'{"a":1}\n{"b":', 8),
        (b'{"a":1}{"b":2}{"c":', 14),
        (b'{"a":"}{"}', 0),
        (b'{"a":"}{"}{"b":"}{"', 10),
        (b'{"a":1}{', 0),
        (b"", 0),
    ],
)
def test_a_large_file_is_cut_between_records(data: bytes, upto: int) -> None:
    assert cut(data) == upto


@pytest.mark.parametrize(
    ("head", "keys"),
    [
        (b'{"a":1,"b":{"c":2},"d":"e\\"f", "g" : [', {"a", "b", "d", "g"}),
        (b'\xef\xbb\xbf[\n {"a":1},{"b":2}]', {"a"}),
        (b'2026-10-01T00:00:00.000Z {"a":1}', {"a"}),
        (b'{"a":1} trailing {"b":2}', {"a"}),
        (b'words {"a":1}', set()),
        (b"", set()),
        (b'{"a', set()),
    ],
)
def test_the_names_of_members_are_known_from_a_beginning(head: bytes, keys: set[str]) -> None:
    assert top_keys(head) == keys


# -- messages ------------------------------------------------------------------------------


def test_a_message_is_told_without_the_time_of_its_export() -> None:
    message = message_of(5, "2026-10-01T00:00:00.000Z  words")
    assert (message.offset, message.text, message.logged_at) == (5, " words", datetime(2026, 10, 1))  # noqa: DTZ001
    assert message_of(0, "2026-10-01T00:00:00.000Z").text == "2026-10-01T00:00:00.000Z"
    assert message_of(0, "2026-99-01T00:00:00.000Z words").logged_at is None
    assert first_message(b"\n\r\n2026-10-01T00:00:00.000Z first\r\nsecond") == "first"
    assert first_message(b"") == ""


# -- members ---------------------------------------------------------------------------------

TABLE = log_table(
    "aws_test_log",
    "A test.",
    time="at",
    columns=(
        col("at", TIMESTAMP, "When."),
        col("name", TEXT, "Name."),
        col("number", INTEGER, "Number."),
        col("tags", TEXT, "Tags."),
        col("rest", TEXT, "Rest."),
    ),
)
PLAN = plan_of(TABLE, {"at": "at", "name": "name", "Name": "name", "number": "number"}, {"tags": "tags"})


def row_of(**values: object) -> dict[str, object]:
    row: dict[str, object] = {}
    rest = dict(values)
    take(PLAN, rest, row)
    return dict(finished(Record(0, {}, datetime(2026, 1, 1)), TABLE, row, rest))  # type: ignore[call-overload]  # noqa: DTZ001


def test_values_of_another_kind_stay_in_the_rest_and_nulls_go() -> None:
    row = row_of(at="not a time", name=["x"], number="seven", tags=[1], other=None, more=True)
    assert row == {
        "at": datetime(2026, 1, 1),  # noqa: DTZ001
        "tags": "[1]",
        "rest": '{"at":"not a time","name":["x"],"number":"seven","other":null,"more":true}',
    }


def test_the_first_of_two_members_fills_a_column_and_the_other_stays() -> None:
    assert row_of(name="a", Name="b")["name"] == "a"
    assert row_of(name="a", Name="b")["rest"] == '{"Name":"b"}'
    assert row_of(name=None, Name="b")["name"] == "b"


def test_plain_values_are_told_as_text_and_a_json_text_as_it_is() -> None:
    row = row_of(name=5, number="7", tags='{"a":1}')
    assert (row["name"], row["number"], row["tags"]) == ("5", 7, '{"a":1}')
    assert row_of(tags="prod")["tags"] == '"prod"'


def test_no_number_is_too_large_to_be_no_time() -> None:
    assert moment(10**400) is None
    assert moment(-(10**30)) is None
    assert moment(1790812800) == datetime(2026, 10, 1)  # noqa: DTZ001


def test_what_stands_inside_is_found_or_nothing() -> None:
    value = {"a": [{"b": 1}, {"b": 2}], "c": []}
    assert inside(value, "a", "b") == 1
    assert inside(value, "c", "b") is None
    assert inside(value, "a", "b", "c") is None
    assert inside(None, "a") is None
