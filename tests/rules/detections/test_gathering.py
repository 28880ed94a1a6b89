"""Hits gathered into detections: an hour's gap, bounds, and an identity that no order of the parts changes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.detections.files import load, only, rule

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.lake.engines.log_columns import TableGroup
from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.rules.detections.engine import DetectionRun
from sakimori.rules.detections.examples import completed, tables_of
from sakimori.rules.detections.rule import Detections

BEGIN = 1_793_577_600
WORDS = {"message": {"en": "{principal} did {eventName} {count} times{outcome}.", "ja": "{principal}{outcome}"}}


def detections(directory: Path, **more: Any) -> Detections:
    words = {**WORDS, **more}
    return Detections(
        rules={"r": only(load(directory, rule({"s": {"eventName": "A"}, "condition": "s"}, name="r", sakimori=words)))}
    )


def event(at: int, who: str = "alice", **more: Any) -> dict[str, Any]:
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::123456789012:user/{who}"}
    moment = datetime.fromtimestamp(BEGIN + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"eventTime": moment, "eventName": "A", "userIdentity": identity, **more}


def parts(events: list[dict[str, Any]], size: int) -> list[Any]:
    """Tables of so many events at most."""
    whole = completed(FORM, events)
    return [table for start in range(0, len(whole), size) for table in tables_of(FORM, whole[start : start + size])]


def judged(rules: Detections, tables: list[Any], since: int | None = None) -> tuple[Detection, ...]:
    run = DetectionRun(rules, FactAnswers(Surroundings()))
    for table in tables:
        run.scan(FORM, TableGroup(table), since)
    return run.finish()


def test_an_hour_without_an_event_ends_a_detection(tmp_path: Path) -> None:
    found = judged(detections(tmp_path), parts([event(at) for at in (0, 3600, 7200, 10_801)], 100))
    assert [each.count for each in found] == [3, 1]


@pytest.mark.slow
@settings(max_examples=20)
@given(data=st.data(), times=st.lists(st.integers(0, 30_000), min_size=1, max_size=25).map(sorted))
def test_parts_in_another_order_give_the_same_detections(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, times: list[int]
) -> None:
    rules = detections(tmp_path_factory.mktemp("rules"))
    events = [event(at, data.draw(st.sampled_from(["alice", "bob"]))) for at in times]
    tables = parts(events, data.draw(st.integers(1, 5)))

    def told(given_tables: list[Any]) -> set[Any]:
        return {
            (each.id, each.count, each.first_at, each.last_at, frozenset(each.event_ids))
            for each in judged(rules, given_tables)
        }

    expected = told(parts(events, 100))
    assert told(tables) == expected
    assert told(data.draw(st.permutations(tables))) == expected
    assert sum(each[1] for each in expected) == len(times)


def test_a_detection_is_bounded_and_counts_all(tmp_path: Path) -> None:
    events = [
        event(number, sourceIPAddress=f"198.51.{number // 200}.{number % 200}", resources=[{"ARN": f"arn:{number}"}])
        for number in range(1000)
    ]
    (found,) = judged(detections(tmp_path), parts(events, 300))
    assert (found.count, len(found.event_ids), len(found.origins), len(found.resources)) == (
        1000,
        MAX_EVENT_IDS,
        MAX_ORIGINS,
        MAX_RESOURCES,
    )


def test_a_subject_splits_what_one_principal_did(tmp_path: Path) -> None:
    events = [event(number, requestParameters={"x": str(number % 2)}) for number in range(4)]
    found = judged(detections(tmp_path, subject=["requestParameters.x"]), parts(events, 100))
    assert {(each.subject, each.count) for each in found} == {("0", 2), ("1", 2)}


def test_only_events_from_the_moment_that_was_asked_for_count(tmp_path: Path) -> None:
    tables = parts([event(at) for at in (0, 10, 20)], 100)
    (found,) = judged(detections(tmp_path), tables, since=(BEGIN + 10) * 1_000_000)
    assert found.count == 2


def test_a_stranger_writes_no_placeholder_into_a_message(tmp_path: Path) -> None:
    hostile = "{principal.__class__} {{ }\x1b[2J\u202e" + "x" * 1_000_000
    (found,) = judged(detections(tmp_path), parts([event(0, who=hostile, errorCode=hostile)], 100))
    assert "{principal.__class__}" in found.message.en
    assert "\x1b" not in found.message.en
    assert len(found.message.en) < 20_000


def test_a_rule_that_others_build_on_finds_nothing_by_itself(tmp_path: Path) -> None:
    assert judged(detections(tmp_path, alone=False), parts([event(0)], 100)) == ()
