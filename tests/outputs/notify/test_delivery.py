"""What waits is sent until it has arrived or is given up, each route for itself."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest

from sakimori.model.triage import MessageState
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt
from sakimori.outputs.notify.delivery import TURN, Delivered
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.outputs.notify.outbox import replace_body
from sakimori.outputs.notify.route import Route
from sakimori.state.store import Store, open_store

from .ledger import LATER, NEVER, NOON, Clock, Place, asked_to_wait, delivery, route, rows, told, wait_for

DAY = timedelta(days=1)


def grave(headline: str) -> Message:
    return told(headline, severity=Severity.HIGH)


def deliver_for(
    store: Store, clock: Clock, places: dict[str, Place], routes: Sequence[Route] = (), *, seconds: float
) -> None:
    """Again and again, every five seconds."""
    until = clock.seconds + seconds
    while clock.seconds < until:
        delivery(store, clock, places, routes).deliver()
        clock.pass_by(5)


# -- the ordinary way -----------------------------------------------------------------


def test_everything_that_is_due_is_sent_once(store: Store) -> None:
    clock, place = Clock(), Place()
    wait_for(store, "a", told("one"), told("two"))
    assert delivery(store, clock, {"a": place}).deliver() == Delivered(sent=2)
    assert delivery(store, clock, {"a": place}).deliver() == Delivered()
    assert place.headlines() == ["one", "two"]


def test_the_gravest_goes_first(store: Store) -> None:
    place = Place()
    wait_for(store, "a", told("low", severity=Severity.LOW), told("critical", severity=Severity.CRITICAL), told("high", severity=Severity.HIGH))  # fmt: skip
    delivery(store, Clock(), {"a": place}).deliver()
    assert place.headlines() == ["critical", "high", "low"]


@pytest.mark.slow
def test_what_is_graver_and_comes_in_meanwhile_overtakes(store: Store) -> None:
    clock = Clock()
    place = Place(seconds_between=1)

    def comes_in(attempt: Attempt) -> None:
        if attempt.message.headline == "0":
            wait_for(store, "a", told("critical", severity=Severity.CRITICAL))

    place.before = comes_in
    wait_for(store, "a", *(told(str(number)) for number in range(5)))
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["0", "critical", "1", "2", "3", "4"]


def test_the_messages_of_a_case_keep_their_order_though_a_later_one_is_graver(store: Store) -> None:
    place = Place()
    first = told("first", case="SKM-1", severity=Severity.LOW)
    wait_for(store, "a", first, told("second", case="SKM-1", severity=Severity.CRITICAL, kind=MessageKind.UPDATE))
    delivery(store, Clock(), {"a": place}).deliver()
    assert place.headlines() == ["first", "second"]
    assert [each.thread for each in place.taken] == ["", f"reference of {first.key}"]


@pytest.mark.slow
def test_an_update_waits_while_the_first_message_of_its_case_does(store: Store) -> None:
    clock, place = Clock(), Place(answers=[LATER])
    wait_for(store, "a", told("first", case="SKM-1"), told("second", case="SKM-1", severity=Severity.CRITICAL))
    wait_for(store, "a", told("of another", case="SKM-2", severity=Severity.LOW))
    delivery(store, clock, {"a": place}).deliver()
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["of another"]
    clock.pass_by(5)
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["of another", "first", "second"]


def test_what_is_not_due_yet_waits(store: Store) -> None:
    clock, place = Clock(), Place()
    wait_for(store, "a", told("tomorrow"), not_before=NOON + DAY)
    assert delivery(store, clock, {"a": place}).deliver() == Delivered()
    clock.pass_by(86_400)
    assert delivery(store, clock, {"a": place}).deliver() == Delivered(sent=1)


def test_the_rate_of_a_place_is_kept(store: Store) -> None:
    clock, place = Clock(), Place(seconds_between=1.0)
    place.before = lambda _attempt: clock.pass_by(0.25)
    wait_for(store, "a", *(told(str(number)) for number in range(4)))
    delivery(store, clock, {"a": place}).deliver()
    assert clock.slept == [1.0, 1.0, 1.0]


@pytest.mark.slow
def test_a_place_without_a_rate_is_not_waited_for(store: Store) -> None:
    clock, place = Clock(), Place()
    wait_for(store, "a", *(told(str(number)) for number in range(4)))
    delivery(store, clock, {"a": place}).deliver()
    assert clock.slept == []


def test_a_later_word_that_came_between_looking_and_sending_is_what_is_sent(store: Store) -> None:
    """Somebody else plans while this one delivers: what is graver now must not be lost in the message of before."""
    clock, place = Clock(), Place()
    wait_for(store, "a", told("another", severity=Severity.CRITICAL), told("old word"))

    def worsens(attempt: Attempt) -> None:
        if attempt.message.headline == "another":
            with store.begin() as connection:
                replace_body(connection, rows(store)[1]["number"], told("new word", severity=Severity.CRITICAL), NOON)

    place.before = worsens
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["another", "new word"]


# -- not now --------------------------------------------------------------------------


@pytest.mark.slow
def test_what_was_not_taken_now_is_tried_again_later_and_later(store: Store) -> None:
    clock, place = Clock(), Place(answers=[LATER] * 4)
    at: list[float] = []
    place.before = lambda _attempt: at.append(clock.seconds)
    wait_for(store, "a", told("one"))
    assert delivery(store, clock, {"a": place}).deliver() == Delivered(later=1, reasons={"a": "place: not now"})
    deliver_for(store, clock, {"a": place}, seconds=100)
    assert at == [0, 5, 15, 35, 75]
    assert [row["state"] for row in rows(store)] == [MessageState.SENT]


@pytest.mark.slow
def test_only_a_second_try_may_have_arrived_before(store: Store) -> None:
    clock, place = Clock(), Place(answers=[LATER, LATER])
    wait_for(store, "a", told("one"))
    deliver_for(store, clock, {"a": place}, seconds=30)
    assert [each.may_have_arrived for each in place.attempts] == [False, True, True]
    assert len({each.message.key for each in place.attempts}) == 1


@pytest.mark.slow
def test_a_place_that_asks_to_be_left_alone_is(store: Store) -> None:
    clock, place = Clock(), Place(answers=[asked_to_wait(60)])
    at: list[float] = []
    place.before = lambda _attempt: at.append(clock.seconds)
    wait_for(store, "a", *(told(str(number)) for number in range(3)))
    deliver_for(store, clock, {"a": place}, seconds=70)
    assert at == [0, 60, 60, 60]
    assert place.headlines() == ["0", "1", "2"]


@pytest.mark.slow
def test_a_place_that_asks_for_a_day_is_asked_again_before(store: Store) -> None:
    clock, place = Clock(), Place(answers=[asked_to_wait(86_400)])
    wait_for(store, "a", told("one"))
    deliver_for(store, clock, {"a": place}, seconds=910)
    assert place.headlines() == ["one"]


@pytest.mark.slow
def test_a_message_that_a_place_cannot_take_now_does_not_stop_the_others_for_good(store: Store) -> None:
    def refuses(attempt: Attempt) -> None:
        if attempt.message.headline == "stone":
            raise LATER

    clock, place = Clock(), Place(before=refuses)
    wait_for(store, "a", told("stone", severity=Severity.CRITICAL), told("one"), told("two"))
    deliver_for(store, clock, {"a": place}, seconds=20)
    assert place.headlines() == ["one", "two"]


# -- never, and the other route ----------------------------------------------------------


@pytest.mark.slow
def test_what_a_route_can_never_take_goes_to_its_fallback(store: Store) -> None:
    chat, mail = Place(always=NEVER), Place()
    routes = [route("chat", fallback="mail"), route("mail")]
    wait_for(store, "chat", told("one"))
    done = delivery(store, Clock(), {"chat": chat, "mail": mail}, routes).deliver()
    assert (done.sent, done.failed) == (1, 1)
    (given,) = mail.taken
    assert given.message.headline == "one"
    assert "chat" in given.message.lines[-1]
    assert [row["state"] for row in rows(store)] == [MessageState.FAILED, MessageState.SENT]


def test_what_a_route_without_a_fallback_can_never_take_stays_in_the_ledger(store: Store) -> None:
    chat = Place(always=NEVER)
    wait_for(store, "chat", told("one"))
    assert delivery(store, Clock(), {"chat": chat}).deliver().failed == 1
    (row,) = rows(store)
    assert (row["state"], row["reason"]) == (MessageState.FAILED, "place: no such channel")


def test_two_routes_that_fall_back_on_each_other_do_not_play_ball(store: Store) -> None:
    chat, mail = Place(always=NEVER), Place(always=NEVER)
    routes = [route("chat", fallback="mail"), route("mail", fallback="chat")]
    wait_for(store, "chat", told("one"))
    assert delivery(store, Clock(), {"chat": chat, "mail": mail}, routes).deliver().failed == 2
    assert (len(chat.attempts), len(mail.attempts)) == (1, 1)


@pytest.mark.slow
def test_what_is_grave_goes_to_the_other_route_too_after_three_tries(store: Store) -> None:
    clock, chat, mail = Clock(), Place(answers=[LATER] * 5), Place()
    routes = [route("chat", fallback="mail"), route("mail")]
    wait_for(store, "chat", grave("grave"), told("not so grave"))
    at: list[float] = []
    mail.before = lambda _attempt: at.append(clock.seconds)
    deliver_for(store, clock, {"chat": chat, "mail": mail}, routes, seconds=120)
    assert mail.headlines() == ["grave"]
    assert at[0] <= 30
    assert sorted(chat.headlines()) == ["grave", "not so grave"]


@pytest.mark.slow
def test_all_that_is_grave_and_waits_for_a_dead_route_goes_to_the_other_one_at_once(store: Store) -> None:
    clock, chat, mail = Clock(), Place(always=LATER), Place()
    routes = [route("chat", fallback="mail"), route("mail")]
    wait_for(store, "chat", *(grave(str(number)) for number in range(30)))
    deliver_for(store, clock, {"chat": chat, "mail": mail}, routes, seconds=60)
    assert mail.headlines() == [str(number) for number in range(30)]


@pytest.mark.slow
def test_a_dead_route_that_asked_to_be_left_alone_gives_on_what_is_grave(store: Store) -> None:
    clock, chat, mail = Clock(), Place(always=asked_to_wait(30)), Place()
    routes = [route("chat", fallback="mail"), route("mail")]
    wait_for(store, "chat", *(grave(str(number)) for number in range(3)))
    deliver_for(store, clock, {"chat": chat, "mail": mail}, routes, seconds=400)
    assert sorted(mail.headlines()) == ["0", "1", "2"]


# -- giving up ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_message_is_tried_for_a_day_and_then_given_up(store: Store) -> None:
    clock, place = Clock(), Place(always=LATER)
    wait_for(store, "a", told("one"))
    for _ in range(200):
        delivery(store, clock, {"a": place}).deliver()
        clock.pass_by(900)
    (row,) = rows(store)
    assert row["state"] == MessageState.FAILED
    assert timedelta(hours=24) < row["tried_at"] - NOON < timedelta(hours=26)


def test_a_machine_that_slept_for_days_gives_up_nothing_at_its_first_try(store: Store) -> None:
    clock, place = Clock(), Place(answers=[LATER])
    wait_for(store, "a", told("one"))
    clock.pass_by(3 * 86_400)
    deliver_for(store, clock, {"a": place}, seconds=10)
    assert place.headlines() == ["one"]


def test_what_was_held_over_a_weekend_is_not_given_up_at_its_first_try(store: Store) -> None:
    clock, place = Clock(), Place(answers=[LATER] * 3)
    wait_for(store, "a", told("of friday"), not_before=NOON + 3 * DAY)
    clock.pass_by(3 * 86_400)
    deliver_for(store, clock, {"a": place}, seconds=60)
    assert place.headlines() == ["of friday"]


# -- routes among each other --------------------------------------------------------------


@pytest.mark.slow
def test_a_route_that_hangs_does_not_hold_up_the_others(store: Store) -> None:
    released, arrived = threading.Event(), threading.Event()
    slow, quick = Place(), Place()
    slow.before = lambda _attempt: released.wait(120)
    quick.before = lambda _attempt: arrived.set()
    wait_for(store, "slow", told("one"))
    wait_for(store, "quick", told("two"))
    one = threading.Thread(target=delivery(store, Clock(), {"slow": slow, "quick": quick}).deliver)
    one.start()
    try:
        assert arrived.wait(120)
        # Nor what comes in while it hangs.
        arrived.clear()
        wait_for(store, "quick", told("three"))
        assert arrived.wait(120)
    finally:
        released.set()
        one.join()
    assert (slow.headlines(), quick.headlines()) == (["one"], ["two", "three"])


def test_a_route_that_cannot_be_opened_leaves_its_messages_waiting(store: Store) -> None:
    place = Place()
    wait_for(store, "broken", told("one"))
    wait_for(store, "whole", told("two"))
    assert delivery(store, Clock(), {"whole": place}).deliver() == Delivered(sent=1)
    assert [row["state"] for row in rows(store)] == [MessageState.WAITING, MessageState.SENT]
    assert delivery(store, Clock(), {"broken": place, "whole": place}).deliver() == Delivered(sent=1)


@pytest.mark.slow
def test_what_is_grave_and_waits_for_a_route_that_cannot_be_opened_goes_to_the_other_one_once(store: Store) -> None:
    clock, mail = Clock(), Place()
    routes = [route("chat", fallback="mail"), route("mail")]
    wait_for(store, "chat", grave("grave"), told("small", severity=Severity.LOW))
    for _ in range(3):
        delivery(store, clock, {"mail": mail}, routes).deliver()
        clock.pass_by(60)
    assert mail.headlines() == ["grave"]
    assert [each["state"] for each in rows(store) if each["route"] == "chat"] == [MessageState.WAITING.value] * 2


@pytest.mark.slow
def test_what_is_grave_and_waits_for_a_route_that_cannot_be_opened_goes_to_its_fallback_once(store: Store) -> None:
    clock, mail = Clock(), Place()
    routes = [route("broken", fallback="mail"), route("mail")]
    wait_for(store, "broken", grave("grave"), told("not so grave"))
    deliver_for(store, clock, {"mail": mail}, routes, seconds=20)
    assert mail.headlines() == ["grave"]
    mended = Place()
    delivery(store, clock, {"broken": mended, "mail": mail}, routes).deliver()
    assert mended.headlines() == ["grave", "not so grave"]


@pytest.mark.slow
def test_a_route_that_refuses_now_is_not_asked_again_in_the_same_delivery(store: Store) -> None:
    place, other = Place(always=LATER), Place()
    wait_for(store, "a", told("one"), told("two"))
    wait_for(store, "b", *(told(f"b{number}") for number in range(20)))
    delivery(store, Clock(), {"a": place, "b": other}).deliver()
    assert len(place.attempts) == 1


def test_a_fault_of_the_program_in_one_route_is_raised_and_stops_no_other(store: Store) -> None:
    def breaks(_attempt: Attempt) -> None:
        raise ZeroDivisionError

    whole = Place()
    wait_for(store, "broken", told("one"))
    wait_for(store, "whole", told("two"))
    with pytest.raises(ZeroDivisionError):
        delivery(store, Clock(), {"broken": Place(before=breaks), "whole": whole}).deliver()
    assert whole.headlines() == ["two"]


# -- processes, kills and clocks ----------------------------------------------------------------


@pytest.mark.slow
def test_who_has_not_the_turn_sends_nothing(place: str) -> None:
    with open_store(place) as one, open_store(place) as other, one.turn(TURN) as has_turn:
        assert has_turn
        wait_for(other, "a", told("one"))
        taking = Place()
        assert delivery(other, Clock(), {"a": taking}).deliver(wait_seconds=0.1) == Delivered(had_turn=False)
        assert taking.attempts == []


@pytest.mark.slow
def test_several_that_deliver_at_once_send_everything_once(place: str) -> None:
    taking = Place()
    with open_store(place) as store:
        wait_for(store, "a", *(told(str(number)) for number in range(60)))

        def work() -> None:
            with open_store(place) as own:
                delivery(own, Clock(), {"a": taking}).deliver()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert sorted(map(int, taking.headlines())) == list(range(60))
    assert len(taking.attempts) == 60


class Killed(BaseException):
    """What ends a process, for a test that goes on."""


def killed(_attempt: Attempt) -> None:
    raise Killed


def test_a_try_whose_end_nobody_knows_is_repeated_with_that_word(store: Store) -> None:
    clock, dying, place = Clock(), Place(before=killed), Place()
    wait_for(store, "a", told("one"))
    with pytest.raises(Killed):
        delivery(store, clock, {"a": dying}).deliver()
    assert delivery(store, clock, {"a": place}).deliver() == Delivered(sent=1)
    assert [each.may_have_arrived for each in place.attempts] == [True]


@pytest.mark.slow
def test_where_it_is_looked_for_first_the_dead_ones_request_is_given_time_to_arrive(store: Store) -> None:
    clock, dying, place = Clock(), Place(before=killed, is_keyed=True), Place(is_keyed=True)
    wait_for(store, "a", told("one"), told("two"))
    with pytest.raises(Killed):
        delivery(store, clock, {"a": dying}).deliver()
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["two"]
    clock.pass_by(30)
    delivery(store, clock, {"a": place}).deliver()
    assert place.headlines() == ["two", "one"]
    assert [each.may_have_arrived for each in place.taken] == [False, True]


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, -timedelta(minutes=20), DAY, 400 * DAY])
@pytest.mark.parametrize("is_keyed", [True, False])
def test_a_clock_that_jumps_leaves_nothing_stuck_and_doubles_nothing(
    store: Store, jump: timedelta, is_keyed: bool
) -> None:
    clock, place = Clock(), Place(answers=[None, LATER, LATER], is_keyed=is_keyed)
    wait_for(store, "a", told("arrived"), told("in backoff"), told("second"))
    wait_for(store, "a", told("held"), not_before=NOON + timedelta(hours=8))
    dying = Place(before=killed, is_keyed=is_keyed)
    wait_for(store, "b", told("under way", key="f" * 32))
    with pytest.raises(Killed):
        delivery(store, clock, {"a": place, "b": dying}).deliver()
    clock.at += jump
    places = {"a": place, "b": Place(is_keyed=is_keyed)}
    for _ in range(40):
        delivery(store, clock, places).deliver()
        clock.pass_by(900)
    assert [row["state"] for row in rows(store)] == [MessageState.SENT] * 5
    assert sorted(place.headlines()) == ["arrived", "held", "in backoff", "second"]
    assert places["b"].headlines() == ["under way"]
