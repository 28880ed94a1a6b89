"""Questions, profile, cost and timeline of a theft."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.incident.incident_events import HOUR, KEY, NOW, T0, Tale, theft

from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.json_paths import all_at, flat, parsed
from sakimori.analysis.incident.made import made_in
from sakimori.analysis.incident.profile import first_unknown, profile_of
from sakimori.analysis.incident.questions import Answered, answers, asked_by
from sakimori.analysis.incident.reading import moment
from sakimori.analysis.incident.running_cost import cost_of
from sakimori.analysis.incident.timeline import timeline_of

WHOLE = Looked(
    source="lake", accounts=("1",), regions=("us-east-1",), regions_asked=1, days=3, days_asked=3, has_data_events=True
)


def by_id(looked: Looked, events: list[Event], *, is_cut: bool = False) -> dict[str, Answered]:
    return {each.question.id: each.answered for each in answers(events, [looked], is_cut=is_cut)}


def test_none_is_said_only_of_what_was_looked_through_whole() -> None:
    assert by_id(WHOLE, [])["R4A"] is Answered.NONE
    assert by_id(replace(WHOLE, holes=1), [])["R4A"] is Answered.UNKNOWN
    assert by_id(replace(WHOLE, regions_asked=17), [])["R4A"] is Answered.UNKNOWN
    assert by_id(WHOLE, [], is_cut=True)["R4A"] is Answered.UNKNOWN
    assert by_id(Looked(source="lake"), [])["R4A"] is Answered.UNKNOWN


def test_without_data_events_nobody_says_that_no_data_was_taken() -> None:
    found = by_id(replace(WHOLE, has_data_events=False), [])
    assert (found["R48"], found["R49"], found["R42"]) == (Answered.UNKNOWN, Answered.UNKNOWN, Answered.NONE)


def test_an_event_answers_the_questions_that_name_its_operation() -> None:
    found = by_id(WHOLE, theft().events)
    assert all(found[each] is Answered.FOUND for each in ("R40", "R41", "R42", "R43", "R45", "R46"))
    assert found["R4A"] is Answered.NONE
    assert "R46" in asked_by("ec2:RunInstances")
    assert asked_by("nobody:Knows") == ("R40",)


def test_a_refused_call_is_found_and_counted_as_refused() -> None:
    tale = Tale()
    tale.tell("StopLogging", service="cloudtrail", error="AccessDenied")
    (answer,) = [each for each in answers(tale.events, [WHOLE]) if each.question.id == "R4A"]
    assert (answer.count, answer.denied_count, answer.answered) == (0, 1, Answered.FOUND)


def daily(count: int, ip: str = "198.51.100.7") -> Iterator[Event]:
    for day in range(count):
        tale = Tale(at=T0 + day * 24 * HOUR)
        yield tale.tell("ListBuckets", service="s3", read_only=True, ip=ip, agent="ci/1.0", event_id=f"d{day}")


def test_the_theft_begins_with_the_first_use_from_where_the_key_is_not_usually_used() -> None:
    usual = list(daily(10))
    odd = replace(usual[5], ip="203.0.113.9", agent="aws-cli/2", event_id="odd", at=usual[5].at + HOUR)
    assert first_unknown([*usual, odd]) == odd.at
    assert first_unknown(usual) is None
    assert first_unknown([]) is None


def test_where_a_key_was_nowhere_for_long_no_use_of_it_stands_out() -> None:
    short = list(daily(3))
    later = replace(short[2], ip="203.0.113.9", agent="aws-cli/2", event_id="odd", at=short[2].at + HOUR)
    assert first_unknown([*short, later]) is None


def test_what_the_baseline_never_had_is_seen_for_the_first_time() -> None:
    usual = list(daily(10))
    odd = replace(usual[5], ip="203.0.113.9", agent="aws-cli/2", region="sa-east-1", event_id="odd")
    profile = profile_of([odd], usual)
    assert {each.what: each.value for each in profile.first_seen} == {
        "network": "203.0.113.0/24",
        "program": "aws-cli",
        "region": "sa-east-1",
    }
    assert profile_of([odd], []).first_seen == ()


def test_a_pause_of_more_than_half_an_hour_ends_a_session() -> None:
    (event,) = daily(1)
    times = [timedelta(minutes=each) for each in (0, 30, 61)]
    profile = profile_of([replace(event, at=T0 + each, event_id=str(each)) for each in times], [])
    assert [each.count for each in profile.sessions] == [2, 1]


def test_machines_cost_until_they_are_ended_and_what_has_no_price_is_counted_as_unknown() -> None:
    tale = theft()
    made = made_in(tale.events)
    cost = cost_of(made, [], NOW)
    first = next(each.made.at for each in cost.lines)
    assert round(cost.usd_an_hour, 2) == 43.92
    assert cost.usd == cost.usd_an_hour * (NOW - first).total_seconds() / 3_600
    end = replace(
        tale.events[0], at=first + HOUR, request={"instancesSet": {"items": [{"instanceId": "i-1"}]}}, error=""
    )
    assert round(cost_of(made, [end], NOW).usd_an_hour, 2) == 21.96
    unpriced = cost_of([replace(each, told={}) for each in made], [], NOW)
    assert (unpriced.unknown_count, unpriced.usd) == (2, 0)


def test_reads_in_a_row_are_one_line_and_every_write_is_its_own() -> None:
    tale = Tale()
    for _ in range(4):
        tale.tell("DescribeInstances", service="ec2", read_only=True)
    tale.makes_user("a")
    tale.makes_user("b")
    entries, is_cut = timeline_of(tale.events)
    assert [(each.count, each.is_write) for each in entries] == [(4, False), (1, True), (1, True)]
    assert not is_cut
    assert entries[0].key_id == KEY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "A", "items", "b"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(JSON, st.sampled_from(["a", "a.b", "a[].b", "a.items[]", "b[]"]))
def test_a_path_through_whatever_stands_there_ends_in_values(told: object, path: str) -> None:
    assert isinstance(all_at(told, path), tuple)
    assert len(flat(told, most=5)) <= 5


def test_json_that_is_too_large_or_too_deep_is_nothing() -> None:
    assert parsed("[" * 100_000) == {}
    assert parsed('{"a":"' + "x" * 600_000 + '"}') == {}
    assert parsed('{"a": 1}') == {"a": 1}


@pytest.mark.slow
@given(st.one_of(st.text(max_size=50), st.integers(), st.floats(), st.none(), st.lists(st.none(), max_size=1)))
def test_no_time_that_a_stranger_writes_is_an_error(told: object) -> None:
    found = moment(told)
    assert found is None or found.tzinfo is not None


def test_times_are_read_as_services_write_them() -> None:
    forms = ["Oct 17, 2026, 6:39:40 PM", "Oct 17, 2026 6:39:40 PM", "2026-10-17T18:39:40Z", 1792262380, 1792262380000]
    assert {moment(each) for each in forms} == {moment("2026-10-17T18:39:40+00:00")}


def test_nothing_found_is_not_certain_where_events_tell_two_stories() -> None:
    looked = replace(WHOLE, contested=1)
    assert WHOLE.is_complete
    assert not looked.is_complete
    (answer,) = [each for each in answers([], [looked]) if each.question.id == "R4A"]
    assert answer.answered is Answered.UNKNOWN
    assert "contested" in answer.because
    assert "incomplete" not in answer.because
