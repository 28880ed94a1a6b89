"""What is told of a case, and when again: spec by spec, on both engines."""

import json
from typing import Any

import pytest
from tests.findings.world import FAIL, PASS, USER, at, rule, run, unit, verdict

from sakimori.app.inbox import Desk
from sakimori.findings.life import record
from sakimori.findings.triage import Doing
from sakimori.model.triage import Disposition
from sakimori.model.words import Severity
from sakimori.outputs.notify.case_view import CaseView
from sakimori.outputs.notify.planning import Told, told_of
from sakimori.state.store import Store

from .newsroom import DAY, HOUR, MAIL, MINUTE, NIGHT, NOON, SLACK, Newsroom, act, jst, more_of, routes

CRITICAL, HIGH, MEDIUM, LOW = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW


@pytest.fixture
def room(store: Store) -> Newsroom:
    return Newsroom(store)


def close(room: Newsroom, by: str = "sato") -> None:
    cases = [each["id"] for each in room.cases() if each["state"] == "open"]
    Desk(room.store, (), Doing(by, room.now)).close(cases, Disposition.BENIGN, "a drill")


# -- one case, one message --------------------------------------------------------------


@pytest.mark.slow
def test_case_is_told_once_however_often_somebody_plans(room: Newsroom) -> None:
    room.tell(act())
    for _ in range(3):
        room.after(HOUR).plan()
    [told] = room.messages()
    assert (told.kind, told.due, told.news) == ("case", NOON, ())


@pytest.mark.slow
def test_what_was_told_within_a_day_and_says_no_more_is_not_told_again(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.send()
    for hour in range(1, 24):
        room.after(HOUR).tell(more_of(told, last_at=NOON + hour * HOUR, count=min(9, 1 + hour)))
    assert room.kinds() == ["case"]


@pytest.mark.slow
def test_what_goes_on_is_told_again_after_a_day_with_all_that_came_between(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.send()
    for hour in (12, 25):
        room.now = NOON + hour * HOUR
        room.tell(more_of(told, last_at=room.now, count=1 + hour // 6))
    update = room.messages()[-1]
    assert (update.kind, update.news) == ("update", ("again",))
    assert update.body["data"]["count"] == 5
    assert any("it goes on a day later" in line for line in update.body["lines"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "more"),
    [
        ("severity", {"severity": CRITICAL, "rule": "keys-made"}),
        ("region", {"region": "us-east-1"}),
        ("rule", {"rule": "trail-deleted"}),
        ("count", {"count": 9, "subject": "x"}),
    ],
)
def test_case_that_says_more_is_told_again(room: Newsroom, word: str, more: dict[str, object]) -> None:
    room.tell(act())
    room.send()
    room.after(HOUR).tell(act(at=NOON + HOUR, **more))
    assert room.kinds() == ["case", "update"]
    assert word in room.messages()[-1].news


@pytest.mark.slow
def test_another_principal_of_the_same_case_is_told(room: Newsroom) -> None:
    made = act("alice", tactics=("persistence",), resources=("mallory",), rule="user-made")
    room.tell(made)
    room.send()
    room.after(HOUR).tell(act("mallory", at=NOON + HOUR, rule="user-made"))
    assert len(room.cases()) == 1
    assert room.messages()[-1].news == ("principal",)


@pytest.mark.slow
def test_nine_times_as_much_is_no_news(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.send()
    room.after(HOUR).tell(more_of(told, count=9))
    assert room.kinds() == ["case"]
    room.after(HOUR).tell(more_of(told, count=10))
    assert room.messages()[-1].news == ("count",)


@pytest.mark.slow
def test_case_that_is_less_grave_than_before_is_no_news(room: Newsroom) -> None:
    grave = act(severity=CRITICAL, rule="a")
    room.tell(grave)
    room.send()
    room.after(HOUR).tell(act(severity=LOW, rule="a", at=NOON + HOUR, subject="x"))
    assert room.kinds() == ["case"]


# -- several words within a moment -------------------------------------------------------


@pytest.mark.slow
def test_news_within_ten_minutes_are_told_in_one_message_that_names_all(room: Newsroom) -> None:
    room.tell(act())
    room.send()
    for minutes, region in ((2, "us-east-1"), (4, "us-west-2"), (6, "eu-west-1")):
        room.now = NOON + minutes * MINUTE
        room.tell(act(at=room.now, region=region, rule="b" if minutes == 6 else "cloudtrail-logging-stopped"))
        assert room.send() == ()
    [_, update] = room.messages()
    assert update.due == NOON + 10 * MINUTE
    assert set(update.news) == {"region", "rule"}
    assert set(update.body["data"]["regions"]) == {"ap-northeast-1", "us-east-1", "us-west-2", "eu-west-1"}
    room.now = NOON + 10 * MINUTE
    assert len(room.send()) == 1


@pytest.mark.slow
def test_graver_news_do_not_wait_for_ten_minutes(room: Newsroom) -> None:
    room.tell(act())
    room.send()
    room.after(MINUTE).tell(act(at=NOON + MINUTE, severity=CRITICAL, rule="b"))
    assert room.messages()[-1].due == NOON + MINUTE


@pytest.mark.slow
def test_waiting_update_becomes_due_at_once_when_the_case_gets_graver(room: Newsroom) -> None:
    room.tell(act())
    room.send()
    room.after(MINUTE).tell(act(at=room.now, region="us-east-1"))
    room.after(MINUTE).tell(act(at=room.now, severity=CRITICAL, rule="b"))
    [_, update] = room.messages()
    assert update.due == room.now
    assert set(update.news) == {"region", "severity", "rule"}


@pytest.mark.slow
def test_message_that_nobody_sent_yet_is_replaced_by_a_later_word(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    first = room.messages()[0]
    room.after(MINUTE).tell(act(at=room.now, region="us-east-1", severity=CRITICAL, rule="b"))
    [only] = room.messages()
    assert (only.kind, only.row["key"], only.row["severity"]) == ("case", first.row["key"], "critical")
    assert set(only.body["data"]["regions"]) == {"ap-northeast-1", "us-east-1"}


@pytest.mark.slow
def test_message_that_is_held_says_in_the_morning_what_is_so_then(room: Newsroom) -> None:
    room.now = NIGHT
    told = act(severity=MEDIUM, at=NIGHT)
    room.tell(told)
    room.after(HOUR).tell(more_of(told, count=7))
    [held] = room.messages()
    assert held.body["data"]["count"] == 7
    assert held.due == jst("2026-11-26T08:30")


@pytest.mark.slow
def test_message_that_is_being_sent_is_not_changed_any_more(room: Newsroom) -> None:
    room.tell(act())
    room.begin_to_send()
    room.after(MINUTE).tell(act(at=room.now, severity=CRITICAL, rule="b"))
    assert room.kinds() == ["case", "update"]


# -- hours -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("severity", [CRITICAL, HIGH])
def test_what_is_grave_is_told_at_any_hour(room: Newsroom, severity: Severity) -> None:
    room.now = NIGHT
    room.tell(act(severity=severity, at=NIGHT))
    assert room.messages()[0].due == NIGHT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-25T13:00", "2026-11-25T13:00"),
        ("2026-11-25T17:59", "2026-11-25T17:59"),
        ("2026-11-25T18:00", "2026-11-26T08:30"),
        ("2026-11-26T02:00", "2026-11-26T08:30"),
        ("2026-11-27T22:00", "2026-11-30T08:30"),
        ("2026-11-28T12:00", "2026-11-30T08:30"),
        ("2026-12-30T22:00", "2027-01-04T08:30"),
    ],
    ids=["noon", "evening", "closing", "night", "friday", "saturday", "new year"],
)
def test_what_may_wait_is_told_in_working_hours(room: Newsroom, at: str, due: str) -> None:
    holidays = ["JP", "2026-12-31"]
    room.routes, room.now = routes(SLACK, holidays=holidays), jst(at)
    room.tell(act(severity=MEDIUM, at=room.now))
    assert room.messages()[0].due == jst(due)


@pytest.mark.slow
def test_held_case_that_gets_grave_is_told_at_once(room: Newsroom) -> None:
    room.now = NIGHT
    room.tell(act(severity=MEDIUM, at=NIGHT))
    room.after(HOUR).tell(act(severity=HIGH, at=room.now, rule="b"))
    [told] = room.messages()
    assert told.due == room.now


@pytest.mark.slow
def test_mail_tells_of_medium_in_the_digest_and_of_low_once_a_week(room: Newsroom) -> None:
    room.routes = routes(SLACK, MAIL)
    room.tell(act("a", HIGH), act("b", MEDIUM), act("c", LOW))
    assert [each.row["severity"] for each in room.messages("chat")] == ["high", "medium"]
    assert [each.row["severity"] for each in room.messages("mail")] == ["high"]
    assert (room.waiting_lines("chat"), sorted(room.waiting_lines("mail"))) == (["daily"], ["daily", "weekly"])


@pytest.mark.slow
def test_severity_that_is_never_told_is_not_told(room: Newsroom) -> None:
    room.routes = routes({**SLACK, "when": {"high": "never"}})
    room.tell(act("a"), act("b", CRITICAL))
    assert [each.row["severity"] for each in room.messages()] == ["critical"]


@pytest.mark.slow
def test_route_is_told_of_its_accounts_and_kinds_alone(room: Newsroom) -> None:
    room.routes = routes(
        {**SLACK, "name": "ours", "accounts": ["111122223333"]},
        {**SLACK, "name": "theirs", "accounts": "444455556666"},
        {**SLACK, "name": "posture", "cases": "posture"},
    )
    room.tell(act())
    assert [len(room.messages(name)) for name in ("ours", "theirs", "posture")] == [1, 0, 0]


@pytest.mark.slow
def test_without_a_route_the_cases_wait(room: Newsroom) -> None:
    configured, room.routes = room.routes, ()
    room.tell(act())
    assert room.cases()[0]["is_pending"] == 1
    room.routes = configured
    room.plan()
    assert room.kinds() == ["case"]


# -- the end, and the beginning again ------------------------------------------------------


@pytest.mark.slow
def test_closing_is_told_in_the_thread(room: Newsroom) -> None:
    room.tell(act())
    room.send()
    close(room.after(HOUR))
    room.plan()
    closed = room.messages()[-1]
    assert (closed.kind, closed.row["case_id"]) == ("closed", room.cases()[0]["id"])
    assert closed.body["headline"] == "Logging of a trail is stopped"


@pytest.mark.slow
def test_closing_is_told_where_the_place_gives_no_reference(room: Newsroom) -> None:
    room.tell(act())
    with room.store.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'sent', reference = ''")
    close(room.after(HOUR))
    room.plan()
    assert room.kinds() == ["case", "closed"]


@pytest.mark.slow
def test_case_that_was_closed_before_it_was_sent_is_told_to_nobody(room: Newsroom) -> None:
    room.tell(act())
    close(room.after(MINUTE))
    room.plan()
    assert (room.messages(), room.send()) == ([], ())


@pytest.mark.slow
def test_closing_is_told_after_a_message_that_may_have_arrived(room: Newsroom) -> None:
    room.tell(act())
    room.begin_to_send()
    close(room.after(MINUTE))
    room.plan()
    assert room.kinds() == ["case", "closed"]


@pytest.mark.slow
def test_case_that_stood_in_a_digest_alone_ends_in_silence(room: Newsroom) -> None:
    room.tell(act(severity=LOW))
    room.now = jst("2026-11-26T09:00")
    room.plan()
    close(room.after(HOUR))
    room.plan()
    assert room.kinds() == ["digest"]


@pytest.mark.slow
def test_word_of_the_end_waits_for_the_morning(room: Newsroom) -> None:
    room.tell(act())
    room.send()
    room.now = NIGHT
    close(room)
    room.plan()
    assert room.messages()[-1].due == jst("2026-11-26T08:30")


@pytest.mark.slow
def test_case_that_is_open_again_in_the_night_is_told_at_once_and_not_as_closed(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.send()
    room.now = NIGHT
    close(room)
    room.plan()
    room.after(HOUR).tell(more_of(told, last_at=NIGHT, count=2))
    again = room.messages()[-1]
    assert (again.kind, again.due, again.news) == ("update", room.now, ("reopened",))
    assert room.send() == (again.row["key"],)
    room.now = jst("2026-11-26T08:30")
    assert room.send() == ()


@pytest.mark.slow
def test_case_can_be_closed_and_opened_as_often_as_it_likes(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.send()
    for number in range(2, 5):
        room.after(HOUR)
        close(room)
        room.plan()
        room.send()
        room.after(HOUR).tell(more_of(told, last_at=NOON + number * HOUR, count=number))
        room.send()
    assert room.kinds() == ["case", *["closed", "update"] * 3]


@pytest.mark.slow
def test_posture_that_was_put_right_is_told_by_its_name(room: Newsroom) -> None:
    checked, room.now = rule(USER), at(0)
    record(room.store, run(0, [checked], [unit(USER)]), [verdict(FAIL, checked)])
    room.plan()
    room.send()
    record(room.store, run(1, [checked], [unit(USER)]), [verdict(PASS, checked)])
    room.after(HOUR).plan()
    first, closed = room.messages()
    assert (first.kind, closed.kind) == ("case", "closed")
    assert closed.body["headline"] == first.body["headline"] == "r is open."
    assert closed.body["lines"] == ["No resource fails any more."]


# -- what is suppressed ---------------------------------------------------------------------


@pytest.mark.slow
def test_suppressed_case_is_told_to_nobody(room: Newsroom) -> None:
    room.hush("alice")
    room.tell(act())
    room.after(DAY).plan()
    assert (room.messages(), room.waiting_lines()) == ([], [])


@pytest.mark.slow
def test_case_that_is_suppressed_before_it_was_sent_is_not_sent(room: Newsroom) -> None:
    told = act()
    room.tell(told)
    room.hush("alice")
    room.after(MINUTE).tell(more_of(told, count=2))
    assert room.send() == ()


@pytest.mark.slow
def test_what_is_suppressed_to_the_digest_stands_there_whenever_it_changed(room: Newsroom) -> None:
    told = act()
    room.hush("alice", in_digest=True)
    room.tell(told)
    for day in ("2026-11-26", "2026-11-27", "2026-11-28"):
        room.now = jst(f"{day}T09:00")
        room.plan()
    assert room.kinds() == ["digest"]
    room.tell(more_of(told, count=2))
    room.after(DAY).plan()
    assert room.kinds() == ["digest", "digest"]


@pytest.mark.slow
@pytest.mark.parametrize("was_told", [False, True])
def test_case_is_told_when_its_suppression_has_ended(room: Newsroom, was_told: bool) -> None:
    told = act()
    if was_told:
        room.tell(told)
        room.send()
    room.hush("alice")
    room.tell(more_of(told, count=2))
    room.after(DAY).hush()
    room.plan()
    last = room.messages()[-1]
    assert (last.kind, last.news) == (("update", ("reopened",)) if was_told else ("case", ()))


# -- what is remembered of a telling ----------------------------------------------------


def told(**changes: Any) -> Told:
    usual: dict[str, Any] = {"at": NOON, "since": NOON, "severity": HIGH, "count": 1, "rules": frozenset({"r"})}
    return Told(**(usual | changes))


def seen(**changes: Any) -> CaseView:
    usual: dict[str, Any] = {
        "id": "SKM-20261125-01", "kind": "attack", "account": "111122223333", "subject": "x", "is_open": True,
        "is_told": True, "severity": HIGH, "first_at": NOON, "last_at": NOON, "changed_at": NOON, "opened_at": NOON,
        "count": 1, "rules": ("r",),
    }  # fmt: skip
    return CaseView(**(usual | changes))


def test_who_makes_up_principals_without_end_makes_no_news_without_end() -> None:
    known, updates = told(), 0
    for number in range(200):
        view = seen(principals=(f"z-{number}",), regions=(f"r-{number}",))
        if known.news(view, NOON):
            known, updates = Told.of(view, NOON, known), updates + 1
    assert (updates, len(known.principals), len(known.regions)) == (50, 50, 50)
    assert len(json.dumps(known.plain())) < 5_000


def test_case_that_goes_on_after_a_day_is_news_only_where_there_is_no_better_reason() -> None:
    assert told().news(seen(count=2), NOON + DAY) == ("again",)
    assert told().news(seen(count=2, severity=CRITICAL), NOON + DAY) == ("severity",)
    assert told().news(seen(count=1), NOON + DAY) == ()


@pytest.mark.slow
def test_account_is_told_by_its_name(room: Newsroom) -> None:
    room.names = {"111122223333": "prod-web"}
    room.tell(act(), act("low", LOW))
    assert room.messages()[0].body["account_name"] == "prod-web"
    room.after(DAY).plan()
    assert "111122223333 (prod-web)" in room.messages("chat", "digest")[0].body["entries"][0]


@pytest.mark.slow
def test_what_is_kept_of_a_telling_is_read_again(room: Newsroom) -> None:
    room.tell(act())
    kept = room.cases()[0]["told"]
    assert {name: each.plain() for name, each in told_of(kept).items()} == json.loads(kept)
    assert told_of(kept)["chat"].at == told_of(kept)["chat"].since == NOON
