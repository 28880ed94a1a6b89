"""Rows of CloudTrail as their native events: what the parser took apart is whole again."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.rows import Rows
from sakimori.ingest.catalogue import sources
from sakimori.ingest.source import Document
from sakimori.lake.engines.log_columns import TableGroup

_SCALARS = st.one_of(st.text(max_size=4), st.booleans(), st.none(), st.integers(-9, 9), st.just(0.5))
_VALUES = st.recursive(_SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)))  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys((*FORM.heads, *FORM.unmapped), _VALUES)
    | {"eventTime": st.just("2026-11-02T03:00:00Z"), "new": _VALUES},
)


def rows_of(events: list[dict[str, Any]]) -> list[Rows]:
    whole = [{"eventTime": "2026-11-02T03:00:00Z", "eventName": "A", **event} for event in events]
    batch = next(source for source in sources().values() if source.table is FORM.table).batch()
    assert batch.add(Document(location="x", data=json.dumps({"Records": whole}).encode())) == ()
    return [Rows(FORM, TableGroup(table), FactAnswers(Surroundings()), own_name) for table in batch.finish()]


@settings(max_examples=80)
@given(event=EVENTS)
def test_a_row_is_the_event_that_it_came_from(event: dict[str, Any]) -> None:
    (rows,) = rows_of([event])
    told = {"eventTime": "2026-11-02T03:00:00Z", "eventName": "A", **event}
    known = {name: value for name, value in told.items() if value is not None and name != "new"}
    assert dict(rows.event(0)) == known


def test_statuses_are_those_of_calls() -> None:
    (rows,) = rows_of([{"errorCode": "AccessDenied"}, {}, {"errorCode": 5}, {"errorCode": None}])
    assert [rows.role("status", row) for row in range(4)] == ["failure", "success", "failure", "success"]


def test_a_column_with_many_values_is_read_row_by_row() -> None:
    (rows,) = rows_of([{"userAgent": f"agent-{number}"} for number in range(400)])
    assert rows.coded("user_agent") is None
    assert len(rows.forced("user_agent").values) == 400
    assert rows.coded("event_name") is not None
    assert rows.value("user_agent", 7) == "agent-7"
