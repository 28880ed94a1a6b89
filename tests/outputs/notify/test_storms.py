"""What happens to many cases at once, on routes that come and go, with clocks that jump and with two who plan."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import update
from tests.findings.world import FAIL, VOLUME, rule, run, unit, verdict

from sakimori.findings.inbox_tables import CASE
from sakimori.findings.life import record
from sakimori.model.words import Severity
from sakimori.outputs.notify.outbox import forget_route
from sakimori.outputs.notify.planning import CROWD, STORM_COUNT
from sakimori.state.store import Store, open_store

from .newsroom import DAY, HOUR, MINUTE, NIGHT, NOON, SLACK, Newsroom, act, jst, many, routes

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW


@pytest.fixture
def room(store: Store) -> Newsroom:
    return Newsroom(store)


# -- storms ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_many_cases_at_once_are_one_summary_and_none_is_lost(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT + 30))
    single, storm = room.messages("chat", "case"), room.messages("chat", "storm")
    assert (len(single), len(storm)) == (STORM_COUNT, 1)
    assert storm[0].due == NOON
    assert storm[0].body["headline"].startswith("Cases at once: 30, the worst: ")
    assert {case for each in (*single, *storm) for case in each.cases} == {each["id"] for each in room.cases()}


@pytest.mark.slow
def test_next_summary_of_a_storm_comes_after_five_minutes(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT + 5))
    room.after(MINUTE).tell(*many(5, name="more", at=room.now))
    assert len(room.messages("chat", "storm")) == 1
    room.now = NOON + 4 * MINUTE
    room.tell(*many(5, name="other", at=room.now))
    assert len(room.messages("chat", "storm")) == 1
    room.now = NOON + 5 * MINUTE
    room.plan()
    assert [len(each.cases) for each in room.messages("chat", "storm")] == [5, 10]


@pytest.mark.slow
def test_exactly_as_many_as_are_no_storm_yet_are_told_one_by_one(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT))
    assert room.kinds() == ["case"] * STORM_COUNT
    room.after(6 * MINUTE).tell(act("late", at=room.now))
    assert room.kinds() == ["case"] * (STORM_COUNT + 1)


@pytest.mark.slow
def test_storm_names_more_than_it_describes(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT + 70))
    [storm] = room.messages("chat", "storm")
    assert len(storm.body["entries"]) == 51
    assert storm.body["entries"][-1] == "… and 20 more"
    assert len(storm.cases) == 70
    assert storm.body["lines"] == ["High 70"]


@pytest.mark.slow
def test_storm_of_what_may_wait_waits_for_the_morning(room: Newsroom) -> None:
    room.now = NIGHT
    room.tell(*many(STORM_COUNT + 10, MEDIUM, NIGHT))
    room.after(HOUR).plan()
    assert room.messages("chat", "storm") == []
    assert room.send() == ()
    room.now = jst("2026-11-26T08:30")
    room.plan()
    [storm] = room.messages("chat", "storm")
    assert len(storm.cases) == 10
    assert len(room.send()) == STORM_COUNT + 1


@pytest.mark.slow
def test_storm_with_something_grave_in_it_is_told_at_night(room: Newsroom) -> None:
    room.now = NIGHT
    room.tell(*many(STORM_COUNT + 1, MEDIUM, NIGHT), act("grave", CRITICAL, NIGHT, last_at=NIGHT + HOUR))
    assert room.messages("chat", "storm") or [each for each in room.messages() if each.row["severity"] == "critical"]
    assert len(room.send()) == 1


# -- routes that come and go ------------------------------------------------------------------


@pytest.mark.slow
def test_new_route_is_not_flooded_with_what_is_old(room: Newsroom) -> None:
    room.tell(*many(5))
    room.send()
    room.after(3 * DAY).tell(act("fresh", at=room.now))
    room.routes = routes(SLACK, {**SLACK, "name": "new"})
    room.plan()
    assert room.kinds("new") == ["case"]
    assert room.waiting_lines("new") == ["daily"] * 5
    room.after(DAY).plan()
    assert len(room.messages("new", "digest")[0].cases) == 5
    assert len(room.messages("chat", "case")) == 6


@pytest.mark.slow
def test_old_and_grave_things_do_not_call_anybody_out_on_a_new_route(room: Newsroom) -> None:
    room.tell(*many(5, CRITICAL))
    room.routes = routes(
        SLACK,
        {**SLACK, "name": "new", "escalate": [{"after": "10m", "to": "boss"}]},
        {**SLACK, "name": "boss", "when": {"critical": "never"}},
    )
    room.after(3 * DAY).plan()
    room.after(HOUR).plan()
    assert room.messages("boss") == []


# -- clocks and neighbours ----------------------------------------------------------------------


def test_clock_that_was_ahead_for_a_while_silences_nothing(room: Newsroom) -> None:
    room.now = NOON + 365 * DAY
    room.tell(act("early", LOW, NOON))
    room.now = NOON
    room.plan()
    assert room.kinds() == ["digest"]
    room.after(HOUR).tell(act("alice", at=room.now))
    assert [each.due for each in room.messages("chat", "case")] == [room.now]


@pytest.mark.slow
def test_two_planners_at_once_tell_once(place: str) -> None:
    with open_store(place) as first, open_store(place) as second:
        room = Newsroom(first)
        room.record(*many(30), act("low", LOW))
        gate = threading.Barrier(2)

        def go(store: Store) -> None:
            other = Newsroom(store, now=room.now)
            gate.wait()
            for _ in range(3):
                other.plan()
            other.after(DAY).plan()

        threads = [threading.Thread(target=go, args=(each,)) for each in (first, second)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert sorted(room.kinds()) == ["case"] * STORM_COUNT + ["digest", "storm"]


@pytest.mark.slow
def test_gravest_of_many_are_told_one_by_one(room: Newsroom) -> None:
    room.record(*many(STORM_COUNT + 5), act("grave", CRITICAL))
    room.plan()
    assert [each.row["severity"] for each in room.messages("chat", "case")].count("critical") == 1
    assert room.messages("chat", "storm")[0].row["severity"] == "high"


@pytest.mark.slow
def test_what_an_assessment_finds_drowns_no_attack(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT + 5))
    with room.store.begin() as connection:
        connection.execute(update(CASE).values(kind="posture"))
    room.after(MINUTE).tell(act("intruder", CRITICAL, room.now))
    assert room.messages("chat", "case")[-1].row["severity"] == "critical"


# -- much of one account at once --------------------------------------------------------------


def _assessed(room: Newsroom, count: int) -> None:
    tables = [replace(VOLUME, name=f"aws_ec2_thing{number}") for number in range(count)]
    rules = [rule(table) for table in tables]
    scope = run(0, rules, [unit(table) for table in tables])
    record(room.store, replace(scope, at=room.now), [verdict(FAIL, each) for each in rules])
    room.plan()


@pytest.mark.slow
def test_a_first_assessment_is_told_in_one_message(room: Newsroom) -> None:
    _assessed(room, CROWD + 1)
    (told,) = room.messages()
    assert (told.kind, len(told.cases)) == ("storm", CROWD + 1)


def test_a_few_new_findings_of_posture_are_told_one_by_one(room: Newsroom) -> None:
    _assessed(room, CROWD)
    assert room.kinds() == ["case"] * CROWD


@pytest.mark.slow
def test_a_storm_of_one_case_is_told_as_that_case(room: Newsroom) -> None:
    room.tell(*many(STORM_COUNT + 1))
    assert room.kinds() == ["case"] * (STORM_COUNT + 1)
    last = room.messages()[-1]
    assert last.body["steps"]
    assert last.body["headline"] == room.messages()[0].body["headline"]


# -- routes that are no more -----------------------------------------------------------------


def test_what_waits_for_a_route_that_is_gone_can_be_dropped_and_what_was_sent_stays(room: Newsroom) -> None:
    room.tell(act("alice"))
    room.send()
    room.tell(act("bob"), act("carol", LOW))
    with room.store.begin() as connection:
        assert forget_route(connection, "chat") == 1
    assert [(each.kind, each.state) for each in room.messages()] == [("case", "sent")]
    assert room.waiting_lines() == []
