"""The law of the two engines: over columns and one by one, every rule says the same of every event."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.behaviour.learnt import write_parts
from tests.rules.detections.worlds import (
    ALB,
    DNS,
    FLOW,
    SURROUNDINGS,
    TRAIL_FIELDS,
    WAF,
    by_columns,
    conditions,
    names_of,
    one_by_one,
    rows_of,
    trail,
    trail_events,
)

from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms import rows as rows_of_logs
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import RowGroup, Rows
from sakimori.ingest.catalogue import sources
from sakimori.ingest.source import Document
from sakimori.lake.engines.log_columns import TableGroup, joined_groups, part_groups
from sakimori.rules.detections.batch import Plan
from sakimori.rules.detections.condition import All, Condition, Not
from sakimori.rules.detections.condition import Test as FieldTest
from sakimori.rules.detections.examples import completed
from sakimori.rules.detections.matching import Like, OneOf, Present

TRAIL_CONDITIONS = st.lists(conditions(FORM, TRAIL_FIELDS), min_size=1, max_size=6)
TRAIL_EVENTS = st.lists(trail_events, min_size=1, max_size=6)


def same(form: LogForm, events: list[dict[str, Any]], asked: list[Condition]) -> None:
    assert by_columns(form, events, asked) == one_by_one(form, events, asked)


@pytest.mark.slow
@settings(max_examples=60)
@given(events=TRAIL_EVENTS, asked=TRAIL_CONDITIONS, repeated=st.sampled_from([1, 1, 40]))
def test_random_conditions_say_the_same_of_random_events(
    events: list[dict[str, Any]], asked: list[Condition], repeated: int
) -> None:
    same(FORM, trail(events, repeated), asked)


@pytest.mark.slow
@settings(max_examples=600)
@given(events=TRAIL_EVENTS, asked=TRAIL_CONDITIONS, repeated=st.sampled_from([1, 1, 1, 100]))
def test_thousands_of_random_conditions_say_the_same(
    events: list[dict[str, Any]], asked: list[Condition], repeated: int
) -> None:
    """Slow: it looks for the one combination in thousands that nobody thought of."""
    same(FORM, trail(events, repeated), asked)


@pytest.mark.slow
@pytest.mark.parametrize("form", [FLOW, ALB, WAF, DNS], ids=lambda form: form.table.name)
@settings(max_examples=12)
@given(data=st.data(), repeated=st.sampled_from([1, 40]))
def test_rows_of_other_logs_are_judged_alike(form: LogForm, data: st.DataObject, repeated: int) -> None:
    events = data.draw(st.lists(rows_of(form), min_size=1, max_size=5))
    asked = data.draw(st.lists(conditions(form, names_of(form)), min_size=1, max_size=4))
    same(form, completed(form, [event for event in events for _ in range(repeated)]), asked)


def test_a_field_of_an_unusual_type_is_seen_in_columns_too() -> None:
    name, source, read = (FORM.resolve(each) for each in ("eventName", "eventSource", "readOnly"))
    assert name
    assert source
    assert read
    asked: list[Condition] = [
        FieldTest(name, OneOf(frozenset({"stoplogging"}))),
        FieldTest(name, OneOf(frozenset({"1"}))),
        FieldTest(source, Like(("a", None))),
        FieldTest(read, OneOf(frozenset({"true"}))),
        Not(FieldTest(name, Present())),
        All((FieldTest(name, OneOf(frozenset({"x"}))), FieldTest(source, Present()))),
    ]
    events = completed(
        FORM,
        [
            {"eventName": ["StopLogging", "x"], "eventSource": ["b", "abc"]},
            {"eventName": 1.0, "readOnly": "True"},
            {"eventName": "StopLogging", "eventSource": {"a": 1}},
            {"eventName": None},
        ],
    )
    expected = {(0, 0), (0, 2), (1, 1), (2, 0), (3, 1), (4, 3), (5, 0)}
    assert one_by_one(FORM, events, asked) == expected
    assert by_columns(FORM, events, asked) == expected


@pytest.mark.parametrize(
    "event",
    [
        {"requestParameters": {"x": "v" * 1_000_000}},
        {"requestParameters": {"x": [f"v{number}" for number in range(100_000)]}},
        {"requestParameters": {"x": ["a", "\ud800b"]}, "userAgent": "\ud800"},
        {"requestParameters": {"x": 10**400, "y": [1e300, -(2**70)]}, "userIdentity": {"arn": "\udfff"}},
        {"eventName": "e" * 1_000_000, "errorCode": {"a": ["b"] * 1000}},
    ],
    ids=["1 MB", "100k", "surrogates", "numbers", "names"],
)
def test_hostile_events_are_judged_alike(event: dict[str, Any]) -> None:
    value, name = (FORM.resolve(each) for each in ("requestParameters.x", "eventName"))
    whole = FORM.resolve("requestParameters")
    assert value
    assert name
    assert whole
    asked: list[Condition] = [
        FieldTest(field, matcher)
        for field in (value, name, whole)
        for matcher in (OneOf(frozenset({"a"})), Like((None, "v", None)), Like(("", None)), Present())
    ]
    same(FORM, completed(FORM, [event, {}]), asked)


def test_an_event_nested_200_deep_is_judged_alike() -> None:
    nested: Any = "deep"
    for _ in range(200):
        nested = {"x": [nested]}
    field = FORM.resolve(".".join(["requestParameters", *["x"] * 200]))
    assert field
    events = completed(FORM, [{"requestParameters": nested}])
    assert by_columns(FORM, events, [FieldTest(field, OneOf(frozenset({"deep"})))]) == {(0, 0)}
    same(FORM, events, [FieldTest(field, OneOf(frozenset({"deep"})))])


def test_keys_that_a_log_writes_in_another_way_are_found_in_many_texts() -> None:
    field = FORM.resolve("requestParameters.a/B")
    assert field
    written = ['{"a/B": "x"}', '{"a\\/B": "x"}', '{"\\u0061/B": "x"}', '{"A/b": "x"}', '{"n": ["a/B"]}', "null"]
    plain = completed(FORM, [{"eventName": f"e{number}", "requestParameters": {}} for number in range(600)])
    lines = [
        json.dumps(event).replace('"requestParameters": {}', f'"requestParameters": {written[number % 6]}')
        for number, event in enumerate(plain)
    ]
    batch = next(source for source in sources().values() if source.table is FORM.table).batch()
    assert batch.add(Document(location="x", data="\n".join(lines).encode())) == ()
    (table,) = batch.finish()
    rows = Rows(FORM, TableGroup(table), FactAnswers(SURROUNDINGS), own_name)
    found = dict(Plan(FORM, [(0, FieldTest(field, OneOf(frozenset({"x"}))))]).matches(rows))
    assert set(found[0].tolist()) == {number for number in range(600) if number % 6 < 4}


@pytest.mark.slow
@settings(max_examples=8)
@given(data=st.data(), days=st.lists(st.integers(0, 4), min_size=1, max_size=12), asked=TRAIL_CONDITIONS)
def test_parts_that_are_judged_together_are_judged_as_each_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, days: list[int], asked: list[Condition]
) -> None:
    root = tmp_path_factory.mktemp("lake")
    events = [
        {
            **data.draw(trail_events),
            "eventTime": f"2026-11-{2 + day:02d}T03:00:{number:02d}Z",
            "eventID": f"{number:03d}",
        }
        for number, day in enumerate(days)
    ]
    parts = write_parts(root, completed(FORM, events))
    plan = Plan(FORM, enumerate(asked))

    def judged(groups: Iterable[RowGroup]) -> set[tuple[int, str]]:
        found: set[tuple[int, str]] = set()
        for group in groups:
            rows = Rows(FORM, group, FactAnswers(SURROUNDINGS), own_name)
            for key, places in plan.matches(rows):
                found |= {(key, rows.value("event_id", row)) for row in places.tolist()}
        return found

    paths = [root / part.path for part in parts]
    alone = judged(group for path in paths for group in part_groups(path, FORM.table))
    size = data.draw(st.integers(1, 20))
    for byte_count in (1, 32_000_000):
        with pytest.MonkeyPatch.context() as patched:
            # One byte a run: JSON is read part by part.
            patched.setattr(rows_of_logs, "_BYTES_A_RUN", byte_count)
            assert judged(group for group, _ in joined_groups(paths, FORM.table, plan_columns(), size)) == alone


def plan_columns() -> tuple[str, ...]:
    return ("event_name", "event_source", "user_identity", "rest")
