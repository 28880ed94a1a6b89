"""Events without who, what, an id or a time that can be: they are kept, and told."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.test_contested import take, written
from tests.ingest.trail import event
from tests.lake.test_compaction import compact_all

from sakimori.app.query import QueryRequest, ask
from sakimori.cli.ingest import command
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of, say_coverage
from sakimori.lake.coverage_days import Coverage
from sakimori.lake.engines.log_incomplete import incomplete_count
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.rules.questions import find_question

NOW = datetime(2026, 11, 1, tzinfo=UTC)
MISSING: list[Any] = [
    {"eventName": None}, {"eventName": ""}, {"eventSource": None}, {"userIdentity": None}, {"userIdentity": {}},
    {"eventID": None}, {"eventTime": "1999-01-01T00:00:00Z"}, {"eventName": 7},
]  # fmt: skip


def coverage(home: Path) -> Coverage:
    reader = LogReader(home)
    try:
        return coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",))
    finally:
        reader.close()


@pytest.mark.parametrize("change", MISSING, ids=repr)
@pytest.mark.parametrize("is_left_out", [True, False])
def test_an_event_that_lacks_what_every_event_has_is_kept_and_told(
    change: dict[str, Any], is_left_out: bool, tmp_path: Path
) -> None:
    [(name, value)] = change.items()
    odd = {**event(1), name: value}
    if is_left_out and value is None:
        del odd[name]
    tally = take(tmp_path / "home", written(tmp_path / "a.json", odd, event(2), event(3)))
    assert (tally.rows, tally.incomplete_events) == (3, 1)
    found = coverage(tmp_path / "home")
    assert (found.row_count, found.incomplete_count, found.is_complete) == (3, 1, False)
    for language in ("en", "ja"):
        assert "cloudtrail.incomplete-events" in say_coverage(found, language)
    sql = find_question("cloudtrail.incomplete-events").query
    with ask(QueryRequest(home=tmp_path / "home", sql=sql), clock=lambda: NOW) as answer:
        assert len(list(answer.rows())) == 1


def test_an_event_of_insights_names_nobody_and_is_whole(tmp_path: Path) -> None:
    whole = {
        name: value for name, value in event(1).items() if name not in {"eventName", "eventSource", "userIdentity"}
    }
    told = {**whole, "eventCategory": "Insight", "insightDetails": {"state": "Start"}}
    assert take(tmp_path / "home", written(tmp_path / "a.json", told)).incomplete_events == 0


def test_an_event_dated_before_cloudtrail_stretches_no_coverage(tmp_path: Path) -> None:
    old = event(1, eventTime="1999-01-01T00:00:00Z")
    take(tmp_path / "home", written(tmp_path / "a.json", old, event(2)))
    found = coverage(tmp_path / "home")
    assert found.held is not None
    assert (found.held.first, found.hole_count, found.row_count) == (date(2026, 10, 1), 0, 2)


def test_a_lake_of_nothing_but_such_events_has_a_coverage(tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", event(1, eventTime="1999-01-01T00:00:00Z")))
    found = coverage(tmp_path / "home")
    assert (found.row_count, found.incomplete_count, found.is_complete) == (1, 1, False)


def test_what_is_dropped_as_a_copy_is_not_counted_and_compaction_forgets_none(tmp_path: Path) -> None:
    odd = event(1, eventName="")
    for number in range(2):
        take(tmp_path / "home", written(tmp_path / f"{number}.json", odd, event(2 + number)))
    assert coverage(tmp_path / "home").incomplete_count == 1
    compact_all(tmp_path / "home")
    assert coverage(tmp_path / "home").incomplete_count == 1


VALUE = st.sampled_from([None, "", "{}", "[]", "null", '""', "x", '{"type":"Root"}', "abcdefgh"])


@given(
    st.lists(st.tuples(VALUE, VALUE, VALUE, VALUE, st.sampled_from([None, "Insight", "Data"])), max_size=8),
    st.booleans(),
)
def test_rows_are_counted_one_by_one_whatever_their_form(rows: list[tuple[Any, ...]], is_dictionary: bool) -> None:
    names = (*TABLE.essential, "event_category")
    columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(names))]
    table = pa.table([each.dictionary_encode() if is_dictionary else each for each in columns], names=list(names))
    nothing = (None, "", "{}", "[]", "null", '""')
    expected = sum(row[4] != "Insight" and any(value in nothing for value in row[:4]) for row in rows)
    assert incomplete_count(TABLE, table) == expected


@pytest.mark.parametrize(
    ("option", "events", "expected"),
    [
        ((), ({**event(1), "sourceIPAddress": "203.0.113.9"}, event(3, eventName="")), 0),
        (("--fail-on", "contested"), (event(3, eventName=""),), 0),
        (("--fail-on", "incomplete"), (event(3, eventName=""),), 4),
        (("--fail-on", "contested"), ({**event(1), "sourceIPAddress": "203.0.113.9"},), 4),
        (("--fail-on", "contested"), ({**event(1), "eventTime": "2026-10-09T00:00:00Z"},), 4),
    ],
)
def test_what_was_taken_in_fails_an_ingest_only_where_somebody_asks_for_it(
    option: tuple[str, ...], events: tuple[dict[str, Any], ...], expected: int, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    take(home, written(tmp_path / "a.json", event(1)))
    words = ["cloudtrail", str(written(tmp_path / "b.json", *events)), *option]
    assert CliRunner().invoke(command, words, obj=home, standalone_mode=False).return_value == expected
