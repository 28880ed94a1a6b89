"""What the clock tells: digests, heartbeats, escalations; and a property over everything that planning does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.stores import ENGINES, emptied, new_place

from sakimori.app.inbox import Desk
from sakimori.findings.triage import Doing
from sakimori.model.triage import Disposition
from sakimori.model.words import Severity
from sakimori.outputs.notify.planning import STORM_COUNT
from sakimori.state.store import Store, open_store

from .newsroom import DAY, HOUR, MAIL, MINUTE, NOON, SLACK, Newsroom, act, jst, many, more_of, routes

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
BEATING = {**SLACK, "heartbeat": True}


@pytest.fixture(params=ENGINES)
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Newsroom]:
    with new_place(request.param, tmp_path) as place, open_store(place) as opened:
        yield Newsroom(opened)


@pytest.fixture(scope="module", params=ENGINES)
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with new_place(request.param, tmp_path_factory.mktemp("lasting")) as place, open_store(place) as opened:
        yield opened


def desk(room: Newsroom) -> Desk:
    return Desk(room.store, (), Doing("sato", room.now))


# -- digests ----------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_low_stands_in_the_digest_of_nine_in_the_morning(room: Newsroom) -> None:
    room.tell(act("a", LOW), act("b", Severity.INFORMATIONAL))
    room.now = jst("2026-11-26T08:59")
    room.plan()
    assert room.messages() == []
    room.after(MINUTE).plan()
    [digest] = room.messages()
    assert (digest.kind, digest.due, digest.row["severity"]) == ("digest", jst("2026-11-26T09:00"), "low")
    assert len(digest.body["entries"]) == len(digest.cases) == 2


@pytest.mark.slow
def test_digest_is_written_once_however_often_somebody_plans(room: Newsroom) -> None:
    room.tell(act(severity=LOW))
    room.now = jst("2026-11-26T09:00")
    for _ in range(5):
        room.plan()
        room.after(HOUR)
    assert room.kinds() == ["digest"]


@pytest.mark.slow
def test_digest_that_was_missed_is_told_as_soon_as_somebody_plans(room: Newsroom) -> None:
    room.tell(act(severity=LOW))
    room.after(3 * DAY).plan()
    room.after(MINUTE).plan()
    assert room.kinds() == ["digest"]


@pytest.mark.slow
def test_what_comes_after_the_digest_stands_in_the_next_one(room: Newsroom) -> None:
    room.tell(act("a", LOW))
    room.now = jst("2026-11-26T09:00")
    room.plan()
    room.after(MINUTE).tell(act("b", LOW, room.now))
    room.after(HOUR).plan()
    assert room.kinds() == ["digest"]
    room.now = jst("2026-11-27T09:00")
    room.plan()
    assert [len(each.cases) for each in room.messages()] == [1, 1]


def test_nothing_to_tell_is_no_digest(room: Newsroom) -> None:
    room.plan()
    room.after(3 * DAY).plan()
    assert room.messages() == []


@pytest.mark.slow
def test_digest_comes_at_the_hour_and_zone_of_its_route(room: Newsroom) -> None:
    room.routes = routes({**SLACK, "digest_at": "07:15"}, timezone="America/New_York")
    room.tell(act(severity=LOW))
    room.now = datetime.fromisoformat("2026-11-25T07:14-05:00")
    room.plan()
    assert room.messages() == []
    room.after(MINUTE).plan()
    assert room.kinds() == ["digest"]


@pytest.mark.slow
def test_digest_of_a_week_comes_on_monday(room: Newsroom) -> None:
    room.routes = routes(MAIL)
    room.tell(act("weekly", LOW), act("daily", MEDIUM))
    for day in range(26, 30):
        room.now = jst(f"2026-11-{day}T09:00")
        room.plan()
    assert [len(each.cases) for each in room.messages("mail")] == [1]
    room.now = jst("2026-11-30T09:00")
    room.plan()
    assert [(each.kind, each.row["severity"]) for each in room.messages("mail")] == [("digest", "medium"), ("digest", "low")]  # fmt: skip


@pytest.mark.slow
def test_digest_leaves_out_what_was_settled_meanwhile(room: Newsroom) -> None:
    room.tell(act("a", LOW), act("b", LOW))
    desk(room).close([room.cases()[0]["id"]], Disposition.BENIGN, "known")
    room.after(DAY).plan()
    assert [each.cases for each in room.messages()] == [(room.cases()[1]["id"],)]


@pytest.mark.slow
def test_digest_of_settled_things_is_none(room: Newsroom) -> None:
    room.tell(act("a", LOW))
    desk(room).close([room.cases()[0]["id"]], Disposition.BENIGN, "known")
    room.after(DAY).plan()
    assert (room.messages(), room.waiting_lines()) == ([], [])


@pytest.mark.slow
def test_case_in_a_digest_that_got_grave_is_told_at_once(room: Newsroom) -> None:
    room.tell(act("a", LOW))
    room.after(MINUTE).tell(act("a", HIGH, room.now, rule="b"))
    assert [(each.kind, each.due) for each in room.messages()] == [("update", room.now)]


@pytest.mark.slow
def test_digest_can_be_had_at_once(room: Newsroom) -> None:
    room.routes = routes(SLACK, MAIL)
    room.tell(act("a", LOW), act("b", MEDIUM))
    assert room.digest("mail")
    assert not room.digest("mail")
    assert [len(each.cases) for each in room.messages("mail")] == [2]
    room.after(DAY).plan()
    assert len(room.messages("mail", "digest")) == 1


@pytest.mark.slow
def test_second_digest_of_one_day_loses_nothing(room: Newsroom) -> None:
    """The hour of the digest was moved after the first one was told."""
    room.tell(act("a", LOW))
    room.now = jst("2026-11-26T09:00")
    room.plan()
    room.after(HOUR).tell(act("b", LOW, room.now))
    room.routes = routes({**SLACK, "digest_at": "12:00"})
    room.now = jst("2026-11-26T12:00")
    room.plan()
    room.now = jst("2026-11-27T12:00")
    room.plan()
    assert {case for each in room.messages() for case in each.cases} == {each["id"] for each in room.cases()}


@pytest.mark.slow
def test_case_that_was_suppressed_when_its_digest_was_sent_stands_in_the_next_one_once_it_is_heard(room: Newsroom) -> None:  # fmt: skip
    room.tell(act("a", LOW))
    room.hush("a")
    assert not room.digest()
    room.hush()
    room.after(DAY).plan()
    room.after(DAY).plan()
    assert [(each.kind, each.cases) for each in room.messages()] == [("digest", (room.cases()[0]["id"],))]


@pytest.mark.slow
def test_digest_in_japanese(room: Newsroom) -> None:
    room.routes = routes({**SLACK, "lang": "ja"})
    room.tell(act("a", LOW))
    room.after(DAY).plan()
    [digest] = room.messages()
    assert digest.body["headline"] == "確認が必要なケース 1 件。最も重いもの: 証跡の記録が停止されました"
    assert "証跡の記録が停止されました | 111122223333" in digest.body["entries"][0]
    assert digest.body["steps"][0]["text"] == "一覧を見る"


# -- the heartbeat ----------------------------------------------------------------------


@pytest.mark.slow
def test_heartbeat_comes_once_a_week_from_the_first_monday_on(room: Newsroom) -> None:
    room.routes = routes(BEATING)
    for _ in range(8 * 7 * 3):
        room.plan()
        room.after(3 * HOUR)
    beats = [f"{each.due:%m-%d %H}" for each in room.messages("chat", "heartbeat")]
    assert beats == ["11-30 00", "12-07 00", "12-14 00"]


@pytest.mark.slow
def test_route_that_was_set_up_on_monday_after_nine_waits_for_the_next(room: Newsroom) -> None:
    room.routes, room.now = routes(BEATING), jst("2026-11-30T10:00")
    room.plan()
    room.after(6 * DAY).plan()
    assert room.messages() == []
    room.after(DAY).plan()
    assert room.kinds() == ["heartbeat"]


def test_heartbeat_says_what_was_looked_at(room: Newsroom) -> None:
    room.routes = routes(BEATING, {**BEATING, "name": "ja", "lang": "ja"})
    room.plan()
    room.after(7 * DAY).plan()
    [english], [japanese] = room.messages("chat"), room.messages("ja")
    assert english.body["headline"] == "Still watching"
    assert english.body["lines"][:2] == [
        "Events looked at in the last 7 days: 5.",
        "In the last 7 days: detections 3 (accounts 1, Regions 2), assessments 4.",
    ]
    assert japanese.body["headline"] == "監視を続けています"
    assert "sakimori verify alerts" in japanese.body["lines"][2]


@pytest.mark.slow
def test_clock_that_was_ahead_does_not_stop_the_heart(room: Newsroom) -> None:
    room.routes = routes(BEATING)
    room.plan()
    room.now = NOON + 365 * DAY
    room.plan()
    room.now = NOON + 7 * DAY
    room.plan()
    assert len(room.messages("chat", "heartbeat")) == 2


@pytest.mark.slow
def test_route_may_have_no_heartbeat(room: Newsroom) -> None:
    room.plan()
    room.after(14 * DAY).plan()
    assert room.messages() == []


# -- escalation -------------------------------------------------------------------------


def watched(*spans: str, severity: str = "critical") -> tuple[dict[str, object], dict[str, object]]:
    steps = [{"after": span, "to": "boss", "severity": severity} for span in spans]
    return {**SLACK, "escalate": steps}, {**SLACK, "name": "boss", "when": dict.fromkeys(("critical", "high"), "never")}


def minutes_of(room: Newsroom) -> list[float]:
    return [(each.due - NOON) / MINUTE for each in room.messages("boss", "escalation")]


@pytest.mark.slow
def test_what_nobody_takes_is_told_to_others_after_ten_and_twenty_and_sixty_minutes(room: Newsroom) -> None:
    room.routes = routes(*watched("10m", "20m", "1h"))
    room.tell(act(severity=CRITICAL))
    for _ in range(120):
        room.after(MINUTE).plan()
    assert minutes_of(room) == [10, 20, 60]
    assert room.messages("boss")[0].body["lines"][0] == "Again, for: nobody has taken it"


@pytest.mark.slow
@pytest.mark.parametrize("deed", ["assign", "comment", "close"])
def test_what_somebody_takes_is_told_to_nobody_else(room: Newsroom, deed: str) -> None:
    room.routes = routes(*watched("10m"))
    room.tell(act(severity=CRITICAL))
    [case] = room.cases()
    if deed == "assign":
        desk(room).give([case["id"]], "sato")
    elif deed == "comment":
        desk(room).say([case["id"]], "I look at it")
    else:
        desk(room).close([case["id"]], Disposition.BENIGN, "a drill")
    room.after(HOUR).plan()
    assert room.messages("boss") == []


@pytest.mark.slow
def test_attack_that_goes_on_does_not_put_off_its_escalation(room: Newsroom) -> None:
    room.routes = routes(*watched("20m"))
    room.tell(act(severity=CRITICAL))
    for number in range(1, 6):
        room.now = NOON + number * 5 * MINUTE
        room.send()
        room.tell(act(severity=CRITICAL, at=room.now, region=f"eu-west-{number}"))
    assert minutes_of(room) == [20]


@pytest.mark.slow
def test_less_grave_case_is_not_escalated(room: Newsroom) -> None:
    room.routes = routes(*watched("10m"))
    room.tell(act(severity=HIGH))
    room.after(HOUR).plan()
    assert room.messages("boss") == []
    room.tell(act(severity=CRITICAL, at=room.now, rule="b"))
    room.after(10 * MINUTE).plan()
    assert minutes_of(room) == [70]


@pytest.mark.slow
def test_case_that_came_back_is_escalated_again(room: Newsroom) -> None:
    room.routes = routes(*watched("10m"))
    alarm = act(severity=CRITICAL, producer="guardduty", native_id="arn:finding/1")
    room.tell(alarm)
    room.after(10 * MINUTE).plan()
    room.send()
    room.after(HOUR).tell(more_of(alarm, is_closed=True, updated_at=room.now))
    room.after(HOUR).tell(more_of(alarm, is_closed=False, updated_at=room.now, count=2, last_at=room.now))
    room.after(10 * MINUTE).plan()
    assert minutes_of(room) == [10, 140]


@pytest.mark.slow
def test_suppressed_case_is_not_escalated(room: Newsroom) -> None:
    room.routes = routes(*watched("10m"))
    room.tell(act(severity=CRITICAL))
    room.hush("alice")
    room.after(HOUR).plan()
    assert room.messages("boss") == []


@pytest.mark.slow
def test_escalations_of_many_cases_are_one_summary(room: Newsroom) -> None:
    room.routes = routes(*watched("10m"))
    room.tell(*many(STORM_COUNT + 10, CRITICAL))
    room.after(10 * MINUTE).plan()
    room.after(MINUTE).plan()
    told = room.messages("boss")
    assert [each.kind for each in told] == ["escalation"] * STORM_COUNT + ["storm"]
    assert len({case for each in told for case in each.cases}) == STORM_COUNT + 10


# -- everything together -----------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(0, 5), st.sampled_from(list(Severity)), st.integers(1, 200)),
        st.tuples(st.just("plan")),
        st.tuples(st.just("send")),
        st.tuples(st.just("digest")),
        st.tuples(st.just("hush"), st.integers(0, 5)),
        st.tuples(st.just("hear")),
        st.tuples(st.just("close"), st.integers(0, 5)),
        st.tuples(st.just("clock"), st.sampled_from([1, 9, 61, 700, 1500, 9000, -1, -61, -1500])),
    ),
    max_size=18,
)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=[("record", 0, LOW, 1), ("plan",), ("hush", 0), ("digest",)])
def test_each_open_case_stands_in_a_message_of_each_route_in_the_end(lasting: Store, steps: list[tuple[object, ...]]) -> None:  # fmt: skip
    """Takes long because each example writes to a database many times, on both engines."""
    room = Newsroom(emptied(lasting), routes(SLACK, MAIL))
    for step in steps:
        take(room, *step)
    room.hush()
    latest = max([room.now, *(each["changed_at"] for each in room.cases())])
    for day in range(2, 18):
        room.now = latest + day * DAY
        room.plan()
        room.send()
    for route in room.routes:
        sent = room.messages(route.name)
        assert all(each.state == "sent" for each in sent)
        assert len({each.row["key"] for each in sent}) == len(sent)
        still_open = {each["id"] for each in room.cases() if each["state"] == "open"}
        assert still_open <= {case for each in sent for case in each.cases}


def take(room: Newsroom, name: str, *given_: object) -> None:
    known = [each["id"] for each in room.cases() if each["state"] == "open"]
    match name, given_:
        case "record", (int(who), Severity() as severity, int(count)):
            room.record(act(f"user-{who}", severity, room.now, count=count, rule=f"rule-{count % 3}"))
        case "hush", (int(who),):
            room.hush(f"user-{who}")
        case "hear", ():
            room.hush()
        case "close", (int(place),) if known:
            desk(room).close([known[place % len(known)]], Disposition.BENIGN, "a drill")
        case "clock", (int(minutes),):
            room.after(timedelta(minutes=minutes))
        case "digest", ():
            room.digest()
        case "send", ():
            room.send()
        case "plan", ():
            room.plan()
