"""Shapes against brute force: the same windows counted by hand, and what no window may miss."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.detections.files import load, only, rule

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.lake.engines.log_columns import TableGroup
from sakimori.model.detection import Detection
from sakimori.rules.detections.engine import DetectionRun
from sakimori.rules.detections.examples import completed, tables_of
from sakimori.rules.detections.rule import Detections

BEGIN = 1_793_577_600
"""2026-11-02T00:00:00Z"""
ALICE = "arn:aws:iam::123456789012:user/alice"


def shape(directory: Path, within: str = "1h", per: str = "principal", **least: float) -> Detections:
    words = {
        "shape": {"per": per, "within": within, "at_least": least},
        "message": {"en": "{events}", "ja": "{events}"},
    }
    made = only(
        load(directory, rule({"s": {"eventName|startswith": "List"}, "condition": "s"}, name="s", sakimori=words))
    )
    return Detections(rules={"s": made})


def event(at: int, **more: Any) -> dict[str, Any]:
    from datetime import UTC, datetime  # noqa: PLC0415

    moment = datetime.fromtimestamp(BEGIN + at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"eventTime": moment, "eventName": "ListThings", "eventSource": "s3.amazonaws.com", **more}


def found(detections: Detections, events: Sequence[dict[str, Any]]) -> tuple[Detection, ...]:
    """Of events that come day by day, as the lake has them."""
    run = DetectionRun(detections, FactAnswers(Surroundings()))
    for table in tables_of(FORM, completed(FORM, events)):
        run.scan(FORM, TableGroup(table))
    return run.finish()


MINUTES = st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=60).map(sorted)


def by_force(times: Sequence[int], least: int) -> set[int]:
    """The moments that lie in a window of an hour, or in one half an hour later, with enough of them."""
    good: set[int] = set()
    for shift in (0, 1800):
        windows: dict[int, list[int]] = {}
        for at in times:
            windows.setdefault((BEGIN + at + shift) // 3600, []).append(at)
        good |= {at for members in windows.values() if len(members) >= least for at in members}
    return good


@pytest.mark.slow
@settings(max_examples=40)
@given(minutes=MINUTES, least=st.integers(2, 4))
def test_windows_are_those_of_the_definition(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[int], least: int
) -> None:
    detections = shape(tmp_path_factory.mktemp("shape"), events=least)
    times = [minute * 60 for minute in minutes]
    told = found(detections, [event(at) for at in times])
    good = by_force(times, least)
    assert sum(each.count for each in told) == sum(1 for at in times if at in good)
    for each in told:
        assert each.principal == ALICE
        assert int(each.first_at.timestamp()) - BEGIN in good
        assert int(each.last_at.timestamp()) - BEGIN in good
    assert all(one.last_at < other.first_at for one, other in pairwise(told))


@pytest.mark.slow
@given(start=st.integers(0, 86_400), count=st.integers(3, 8))
def test_a_burst_of_half_a_window_is_never_missed(
    tmp_path_factory: pytest.TempPathFactory, start: int, count: int
) -> None:
    detections = shape(tmp_path_factory.mktemp("shape"), events=count)
    (told,) = found(detections, [event(start + 1799 * number // (count - 1)) for number in range(count)])
    assert told.count == count


def test_two_bursts_hours_apart_are_two_detections(tmp_path: Path) -> None:
    told = found(shape(tmp_path, events=3), [event(at) for at in (0, 1, 2, 36_000, 36_001, 36_002)])
    assert [(each.count, each.message.en) for each in told] == [(3, "3"), (3, "3")]


def test_a_burst_over_midnight_is_counted_once(tmp_path: Path) -> None:
    days = [event(day * 86_400) for day in range(5)]
    burst = [event(2 * 86_400 - 120 + 60 * number) for number in range(5) if number != 2]
    (told,) = found(shape(tmp_path, events=4), sorted([*days, *burst], key=lambda each: each["eventTime"]))
    assert told.count == 5
    assert len(told.event_ids) == len(set(told.event_ids)) == 5


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        ({"services": 2, "regions": 2}, True),
        ({"services": 3}, False),
        ({"denied": 2}, True),
        ({"denied": 3}, False),
        ({"failed": 3}, True),
        ({"denied_ratio": 0.5}, True),
        ({"denied_ratio": 0.51}, False),
        ({"failed_ratio": 0.75}, True),
        ({"origins": 2, "user_agents": 1, "actions": 4}, True),
        ({"distinct_errors": 3}, True),
        ({"resources": 4}, False),
        ({"principals": 2}, False),
    ],
)
def test_every_measure_counts_what_it_names(tmp_path: Path, least: dict[str, float], expected: bool) -> None:
    events = [
        event(0, eventName="ListA", errorCode="AccessDenied", eventSource="a", requestParameters={"x": 1}),
        event(
            1,
            eventName="ListB",
            errorCode="Client.UnauthorizedOperation",
            awsRegion="us-east-1",
            requestParameters={"x": 1},
        ),
        event(2, eventName="ListC", errorCode="NoSuchBucket", sourceIPAddress="198.51.100.1"),
        event(3, eventName="ListD", eventSource="a"),
    ]
    found_in = found(shape(tmp_path, **least), events)
    assert bool(found_in) is expected


def names(directory: Path, **least: float) -> Detections:
    words = {
        "shape": {"per": "principal", "within": "1h", "at_least": least},
        "resources": ["requestParameters.names", "requestParameters.name"],
        "message": {"en": "{resources}", "ja": "{resources}"},
    }
    return Detections(
        rules={
            "s": only(
                load(directory, rule({"s": {"eventName": "ListThings"}, "condition": "s"}, name="s", sakimori=words))
            )
        }
    )


def asked(at: int, *names: str) -> dict[str, Any]:
    return event(at, requestParameters={"names": list(names)} if len(names) > 1 else {"name": names[0]})


def test_one_call_that_names_many_resources_counts_each_of_them(tmp_path: Path) -> None:
    (told,) = found(names(tmp_path, resources=5), [asked(0, "a", "b", "c"), asked(1, "c", "d", "e"), asked(2, "a")])
    assert (told.count, told.message.en, told.resources) == (3, "5", ("a", "b", "c", "d", "e"))
    (alone,) = found(names(tmp_path, resources=4), [asked(0, *"abcd")])
    assert alone.resources == ("a", "b", "c", "d")


def test_the_same_names_in_other_order_or_number_are_the_same_resources(tmp_path: Path) -> None:
    events = [asked(0, "a", "b"), asked(1, "b", "a"), asked(2, "a", "a", "b"), asked(3, "a"), asked(4, "b")]
    assert found(names(tmp_path, resources=3), events) == ()
    assert len(found(names(tmp_path, resources=2), events)) == 1


def test_a_call_that_names_nothing_counts_by_its_request_and_one_without_request_not_at_all(tmp_path: Path) -> None:
    events = [event(0, requestParameters={"filter": "x"}), event(1, requestParameters={"filter": "y"}), event(2)]
    (told,) = found(names(tmp_path, resources=2), events)
    # A request as it stands names nothing.
    assert told.resources == ()
    assert found(names(tmp_path, resources=3), events) == ()


def test_a_call_that_names_more_than_any_can_counts_twenty(tmp_path: Path) -> None:
    (told,) = found(names(tmp_path, resources=20), [asked(0, *map(str, range(5000)))])
    assert told.message.en == "20"
    assert told.resources == tuple(map(str, range(20)))


@settings(max_examples=40, deadline=None)
@given(
    calls=st.lists(st.tuples(st.integers(0, 300), st.lists(st.sampled_from("abcdefgh"), max_size=4)), max_size=30),
    least=st.integers(1, 8),
)
def test_resources_are_counted_as_by_hand(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[int, list[str]]], least: int
) -> None:
    calls = sorted(calls, key=lambda call: call[0])
    events = [event(60 * minute, requestParameters={"names": named}) for minute, named in calls]
    # A list without names is a request all the same.
    different = [{*named} or {"{}"} for _, named in calls]
    windows = [{(minute * 60 + shift) // 3600 for minute, _ in calls} for shift in (0, 1800)]
    expected = any(
        len(
            set().union(
                *(
                    each
                    for (minute, _), each in zip(calls, different, strict=True)
                    if (minute * 60 + shift) // 3600 == window
                )
            )
        )
        >= least
        for shift, some in zip((0, 1800), windows, strict=True)
        for window in some
    )
    assert bool(found(names(tmp_path_factory.mktemp("rules"), resources=least), events)) is expected


def test_a_shape_over_logs_with_and_without_ids_is_told(tmp_path: Path) -> None:
    from sakimori.analysis.log_forms.web import ALB_FORM, CLOUDFRONT_FORM  # noqa: PLC0415

    made = rule({"s": {"c-ip": "198.51.100.1"}, "condition": "s"}, name="s")
    made["logsource"] = {"product": "aws", "category": "webserver"}
    made["sakimori"] = {"shape": {"per": "origin", "within": "1h", "at_least": {"events": 4}}}
    run = DetectionRun(Detections(rules={"s": only(load(tmp_path, made))}), FactAnswers(Surroundings()))
    for form, columns in (
        (ALB_FORM, {"client_ip": "198.51.100.1"}),
        (CLOUDFRONT_FORM, {"c_ip": "198.51.100.1", "x_edge_request_id": "e"}),
    ):
        for table in tables_of(form, completed(form, [columns] * 2)):
            run.scan(form, TableGroup(table))
    (told,) = run.finish()
    assert (told.count, told.event_ids) == (4, ("e",))


def test_a_burst_over_groups_that_span_days_is_whole(tmp_path: Path) -> None:
    burst = [event(day * 86_400 + at) for day in (0, 3) for at in (36_000, 36_010, 36_020)]
    tables = [table for each in burst for table in tables_of(FORM, completed(FORM, [each]))]
    run = DetectionRun(shape(tmp_path, events=3), FactAnswers(Surroundings()))
    for group in (tables[:2], tables[2:5], tables[5:]):
        run.scan(FORM, TableGroup(pa.concat_tables(group, promote_options="permissive")))
    assert [each.count for each in run.finish()] == [3, 3]
