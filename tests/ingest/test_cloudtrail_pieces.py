"""A document is decoded piece by piece; what looks like the border of two records may stand inside one."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.trail import document, event

from sakimori.ingest.cloudtrail import usual
from sakimori.ingest.cloudtrail.batch import CloudTrailBatch
from sakimori.ingest.cloudtrail.reassemble import event_of
from sakimori.ingest.source import Document, Refused

BORDER = '},{"eventVersion"'
PIECE = 200_000
"""Bytes that are decoded at a time, as the program has it."""


def read(data: bytes, offset: int = 0) -> tuple[Counter[str], list[Refused]]:
    """The events as texts, with how often each is there, and what was refused."""
    batch = CloudTrailBatch()
    refused = list(batch.add(Document(location="file", data=data, offset=offset)))
    rows = [row for table in batch.finish() for row in table.to_pylist()]
    return Counter(map(as_text, map(event_of, rows))), refused


def as_text(found: Any) -> str:
    return json.dumps(found, sort_keys=True)


def recorded(data: bytes) -> Counter[str]:
    """The same by Python's own reading."""
    return Counter(map(as_text, json.loads(data)["Records"]))


def pieces_of(data: bytes) -> list[int]:
    """How many events each piece held."""
    return [len(events) for events, _ in usual.UsualRecords(Document(location="file", data=data))]


TRAPS: dict[str, dict[str, Any]] = {
    "text": {"requestParameters": {"query": f'[{{"a":1{BORDER}:"1.11","eventName":"x"}}]'}},
    "text at its end": {"requestParameters": {"query": "x},{"}, "additionalEventData": {"eventVersion": "},{"}},
    "text in a text": {"requestParameters": {"body": json.dumps({"body": json.dumps([{"a": 1}, event(9)])})}},
    "objects": {"requestParameters": {"items": [{"a": 1}, {"eventVersion": "1.11"}, {"eventVersion": "1.11"}]}},
    "events": {"requestParameters": {"Records": [event(number) for number in range(3)]}},
    "events, deeper": {"responseElements": {"a": [{"b": [[event(1), event(2)], [event(3), event(4)]]}]}},
    "resources": {"resources": [{"eventVersion": "1.11"}, {"eventVersion": "1.11"}]},
    "unknown field": {"surprise": [{"eventVersion": "1.11"}, {"eventVersion": "1.11"}]},
}


@pytest.mark.slow
@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_what_looks_like_a_border_inside_a_record_neither_loses_nor_splits_nor_doubles_an_event(
    trap: dict[str, Any],
) -> None:
    plain = [event(number) for number in range(400)]
    size = len(document(plain[:1])) - len(document([])) + 1
    trapped = PIECE // size
    # The trap stands across the place where the first piece ends: a little before it, and a little behind it.
    for number in range(trapped - 3, trapped + 3):
        events = [*plain]
        padding = "x" * (PIECE - number * size - 1_500) if number < trapped else ""
        events[number] = event(number, userAgent=padding, **trap)
        data = document(events)
        assert len(data) > PIECE
        assert read(data) == (recorded(data), [])


def test_a_large_document_is_read_in_pieces_that_hold_all_of_it() -> None:
    data = document(event(number) for number in range(1_000))
    found = pieces_of(data)
    assert len(found) == len(data) // PIECE + 1
    assert sum(found) == 1_000


def test_a_trap_at_the_border_is_one_that_the_piece_is_cut_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual, "_PIECE", 100)
    assert pieces_of(document([event(1), event(2), event(3)])) == [1, 1, 1]
    # After the record with the trap everything is read at once.
    assert pieces_of(document([event(1), event(2, **TRAPS["events"]), event(3)])) == [1, 2]


@pytest.mark.parametrize("end", [b"]}", b"]", b"", b"]}\n", b"\n", b",", b",\n"])
@pytest.mark.parametrize("begin", [b'{"Records":[', b"[", b"", b",", b"\n, "])
def test_a_document_may_begin_and_end_as_pieces_of_a_trails_file_do(begin: bytes, end: bytes) -> None:
    events = [event(number) for number in range(3)]
    body = b",".join(json.dumps(each, separators=(",", ":")).encode() for each in events)
    assert read(begin + body + end, offset=1) == (Counter(map(as_text, events)), [])


def test_what_is_refused_behind_the_first_pieces_is_told_by_its_place_in_the_file() -> None:
    events = [event(number) for number in range(600)]
    data = document([*events[:500], {**event(500), "eventTime": "never"}, *events[501:]])
    found, [refused] = read(data, offset=7)
    assert found == Counter(map(as_text, [*events[:500], *events[501:]]))
    assert data[refused.offset - 7 :].startswith(b'{"eventVersion"')
    assert json.loads(data[refused.offset - 7 :][: refused.size])["eventTime"] == "never"


# -- any document ------------------------------------------------------------------------


ODD: tuple[dict[str, Any], ...] = (
    {},
    {"errorCode": None},
    {"readOnly": "false"},
    {"eventTime": "2026-10-01T00:00:00.500+00:00"},
    {"requestID": 5},
    {"userAgent": 'ほげ \U0001f600 \\" },{'},
    {"userIdentity": None},
    {"resources": []},
)  # fmt: skip
RECORD = st.builds(
    lambda number, odd, trap, is_turned: turned({**event(number), **odd, **trap}) if is_turned else {**event(number), **odd, **trap},
    st.integers(0, 9_999),
    st.sampled_from(ODD),
    st.sampled_from([{}, {}, {}, *TRAPS.values()]),
    st.booleans() | st.just(False),
)  # fmt: skip


def turned(record: dict[str, Any]) -> dict[str, Any]:
    """The same record, its fields the other way round."""
    return dict(reversed(record.items()))


@pytest.fixture(params=[1, 700, 3_000])
def small_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usual, "_PIECE", request.param)


@pytest.mark.slow
@pytest.mark.usefixtures("small_pieces")
@given(st.lists(RECORD, min_size=1, max_size=12), st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
@settings(deadline=None)
def test_every_document_gives_what_json_gives(
    records: list[dict[str, Any]], separators: tuple[str, str], is_ascii: bool
) -> None:
    data = json.dumps({"Records": records}, separators=separators, ensure_ascii=is_ascii).encode()
    assert read(data) == (recorded(data), [])


@pytest.mark.slow
@pytest.mark.usefixtures("small_pieces")
@given(st.lists(RECORD, min_size=1, max_size=8), st.data())
@settings(deadline=None)
def test_a_document_that_is_cut_or_torn_gives_the_same_as_when_it_is_read_carefully(
    records: list[dict[str, Any]], drawn: st.DataObject
) -> None:
    data = document(records)
    begin = drawn.draw(st.integers(0, len(data)))
    end = drawn.draw(st.integers(begin, len(data)))
    put = drawn.draw(
        st.sampled_from([b"", b"}", b"]}", b'"', b"\xff", b'},{"eventVersion"', b'},{"eventVersion":"1"},'])
    )
    data = data[:begin] + put + data[end:]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(usual.UsualRecords, "__iter__", nothing)
        carefully = read(data)
    assert read(data) == carefully


def nothing(_: object) -> Iterator[object]:
    return iter(())
