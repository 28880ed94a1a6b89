"""Rows of CloudTrail as their native events: what the parser took apart is whole again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.behaviour.learnt import event, write_parts

from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms import rows as rows_of_logs
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.coding import Coded, numbered
from sakimori.analysis.log_forms.rows import Rows
from sakimori.ingest.catalogue import sources
from sakimori.ingest.source import Document
from sakimori.lake.engines.log_columns import PartGroup, TableGroup, joined_groups

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


@pytest.mark.slow
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


def test_rows_of_several_pieces_are_taken_in_any_order_and_other_pieces_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [f"2026-11-0{day}T03:00:0{second}Z" for day in (2, 3, 4) for second in range(3)]
    events = [event(0, eventTime=at, eventID=at, requestParameters={"x": at}) for at in moments]
    paths = [tmp_path / part.path for part in write_parts(tmp_path, events)]
    (group, _), *_ = joined_groups(paths, FORM.table, ("event_name",))
    read: list[PartGroup] = []
    column = PartGroup.column
    monkeypatch.setattr(PartGroup, "column", lambda piece, name: read.append(piece) or column(piece, name))
    rows = Rows(FORM, group, FactAnswers(Surroundings()), own_name)
    places = np.array([8, 0, 7, 1])
    told = [json.loads(text)["x"] for text in rows.taken("request_parameters", places).to_pylist()]
    assert told == [moments[place] for place in places.tolist()]
    assert [document["x"] for document in rows.documents("request_parameters", places)] == told
    assert rows.value("event_id", 8) == moments[8]
    assert rows.taken("request_parameters", np.array([], dtype=np.int64)).to_pylist() == []
    assert set(read) == {group.pieces[0], group.pieces[2]}


def test_a_fact_is_not_asked_again_in_later_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    answer = FactAnswers.__call__
    monkeypatch.setattr(
        FactAnswers, "__call__", lambda self, name, event: asked.append(dict(event)) or answer(self, name, event)
    )
    answers = FactAnswers(Surroundings())
    known: set[tuple[object, ...]] = set()
    for _ in range(2):
        (first,) = rows_of([{"userIdentity": {"type": "Root"}, "userAgent": "x"} for _ in range(100)])
        rows = Rows(FORM, first._group, answers, own_name)
        coded = rows.fact_codes("fact.by_aws_service", np.arange(100))
        assert coded is not None
        known.update(coded.values)
        rows.close()
    assert known == {(False,)}
    # And the event holds no more than the fact reads.
    assert asked == [{"userIdentity": {"type": "Root"}}]


def test_a_fact_is_asked_once_of_all_rows_in_which_it_sees_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    answer = FactAnswers.__call__
    monkeypatch.setattr(
        FactAnswers, "__call__", lambda self, name, event: asked.append(event) or answer(self, name, event)
    )
    origins = [f"203.0.113.{number}" if number % 2 else "ec2.amazonaws.com" for number in range(100)]
    (rows,) = rows_of([{"userIdentity": {"invokedBy": None}, "sourceIPAddress": each} for each in origins])
    coded = rows.fact_codes("fact.by_aws_service", np.arange(99, -1, -1))
    assert coded is not None
    assert [coded.values[code] for code in coded.codes[:4]] == [(False,), (True,), (False,), (True,)]
    assert len(asked) == 2


def test_combinations_of_many_values_are_told_apart_as_those_of_few_are() -> None:
    rng = np.random.default_rng(1)
    for count in (5, 900):
        columns = [Coded(rng.integers(-1, count, 2_000, dtype=np.int32), list(range(count))) for _ in range(2)]
        numbers, below = numbered(columns, 2_000)
        pairs = list(zip(columns[0].codes.tolist(), columns[1].codes.tolist(), strict=True))
        assert len(set(zip(numbers.tolist(), pairs, strict=True))) == len(set(pairs)) == len(set(numbers.tolist()))
        assert 0 <= numbers.min() <= numbers.max() < below


def test_pieces_are_gone_through_in_runs_of_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [event(0, eventTime=f"2026-11-0{day}T03:00:00Z", eventID=str(day)) for day in (2, 3, 4)]
    paths = [tmp_path / part.path for part in write_parts(tmp_path, events)]
    (group, _), *_ = joined_groups(paths, FORM.table, ("event_name",))
    rows = Rows(FORM, group, FactAnswers(Surroundings()), own_name)
    assert list(rows.ranges()) == [(0, 3)]
    monkeypatch.setattr(rows_of_logs, "_BYTES_A_RUN", group.pieces[0].byte_count + group.pieces[1].byte_count)
    assert list(rows.ranges()) == [(0, 2), (2, 3)]
    monkeypatch.setattr(rows_of_logs, "_BYTES_A_RUN", 1)
    assert list(rows.ranges()) == [(0, 1), (1, 2), (2, 3)]


def test_a_fact_is_asked_once_for_each_difference_in_what_it_reads() -> None:
    (rows,) = rows_of(
        [{"eventSource": "s3", "errorCode": "AccessDenied" if number % 2 else None} for number in range(200)]
    )
    places = np.arange(200)
    coded = rows.fact_codes("fact.denied", places)
    assert coded is not None
    assert [coded.values[code] for code in coded.codes[:4]] == [(False,), (True,), (False,), (True,)]
    assert len(coded.values) == 2
