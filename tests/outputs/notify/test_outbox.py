"""The outbox: what is written is sent as it was written, in the right order and at the right time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import RowMapping

from sakimori.model.triage import MessageState
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import DeliveryError, FailureKind
from sakimori.outputs.notify.delivery import _backoff
from sakimori.outputs.notify.message import Message, MessageKind, Step
from sakimori.outputs.notify.outbox import (
    MOST_BACKOFF,
    _body,
    _is_due,
    _message,
    begin_try,
    drop,
    due,
    give_up,
    has_arrived,
    made_between,
    message_key,
    put,
    replace_body,
    rest,
    thread_of,
    try_later,
    unsent_of_case,
)
from sakimori.state.store import Store

from .ledger import NOON, rows, told, wait_for

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds have no zone


def due_now(store: Store, at: datetime = NOON) -> Mapping[str, tuple[int, ...]]:
    with store.read() as connection:
        return due(connection, at)


def begun(store: Store, number: int, at: datetime = NOON) -> Message | None:
    with store.begin() as connection:
        waiting = begin_try(connection, number, at, at)
    return None if waiting is None else waiting.message


# -- bodies -----------------------------------------------------------------------------

HOSTILE = ("<!channel>", "a\r\nBcc: b@example.com", "\u202egnp.exe", "\x00", "\ud800", "\udfff\ud800", "💥" * 10, "\x1b[2J", "%s {0} ${x}")  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=())) | st.sampled_from(HOSTILE)


@pytest.mark.slow
@given(
    TEXTS, st.lists(TEXTS, max_size=3), st.none() | MOMENTS,
    st.dictionaries(TEXTS, st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS, lambda each: st.lists(each, max_size=3), max_leaves=5), max_size=3),
)  # fmt: skip
def test_a_message_comes_back_as_it_was_written(
    text: str, lines: list[str], deadline: datetime | None, data: dict[str, Any]
) -> None:
    before = told(text, lines=tuple(lines), steps=(Step(text=text, command=text),), entries=tuple(lines), footer=text, deadline=deadline, data=data)  # fmt: skip
    body = _body(before)
    assert "\x00" not in body  # which PostgreSQL refuses
    after = _message(body)
    assert after == before or "\\ud" in repr(before)
    sure = ("key", "kind", "severity", "made_at", "deadline")
    assert [getattr(after, name) for name in sure] == [getattr(before, name) for name in sure]
    assert _body(after) == body


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_goes_into_the_store_and_out_again(store: Store, text: str) -> None:
    wait_for(store, "a", told("key", lines=(text,), data={text: [text]}))
    found = begun(store, rows(store)[0]["number"])
    whole = text.encode("utf-8", "replace").decode()
    assert found is not None
    assert (found.lines, found.data) == ((whole,), {whole: [whole]})


def test_a_mapping_with_values_that_json_lacks_is_written(store: Store) -> None:
    wait_for(store, "a", told("key", data={"at": NOON, "set": {1}, "much": float("inf")}))
    found = begun(store, rows(store)[0]["number"])
    assert found is not None
    assert found.data == {"at": "2026-11-23T03:00:00Z", "set": [1], "much": "inf"}


# -- keys ----------------------------------------------------------------------------------


def test_the_same_parts_give_the_same_key_and_others_another() -> None:
    assert message_key("a", "b", 1) == message_key("a", "b", 1)
    assert len({message_key("a", "b"), message_key("ab", ""), message_key("", "ab"), message_key("a", "b", "")}) == 4


def test_halves_of_characters_have_a_key() -> None:
    assert len(message_key("\ud800")) == 32


def test_a_message_is_put_once_whatever_became_of_it(store: Store) -> None:
    with store.begin() as connection:
        assert put(connection, "a", told("one"), NOON)
        assert not put(connection, "a", told("one"), NOON)
    number = rows(store)[0]["number"]
    with store.begin() as connection:
        has_arrived(connection, number, "", NOON)
        assert not put(connection, "b", told("one"), NOON)
    assert len(rows(store)) == 1


# -- what replaces what -------------------------------------------------------------------------


def test_a_later_word_replaces_what_nobody_has_begun_to_send(store: Store) -> None:
    wait_for(store, "a", told("one", case="SKM-1"))
    with store.begin() as connection:
        unsent = unsent_of_case(connection, "a", "SKM-1")
        assert unsent is not None
        replace_body(connection, unsent["number"], told("two", case="SKM-1", severity=Severity.CRITICAL), NOON)
    (row,) = rows(store)
    assert (row["key"], row["severity"]) == (message_key("one"), "critical")


def test_what_somebody_has_begun_to_send_is_not_replaced(store: Store) -> None:
    wait_for(store, "a", told("one", case="SKM-1"))
    begun(store, rows(store)[0]["number"])
    with store.read() as connection:
        assert unsent_of_case(connection, "a", "SKM-1") is None


def test_a_message_that_was_dropped_arrived_or_was_given_up_is_not_begun(store: Store) -> None:
    wait_for(store, "a", told("one"), told("two"), told("three"))
    one, two, three = (row["number"] for row in rows(store))
    with store.begin() as connection:
        drop(connection, one)
        has_arrived(connection, two, "reference", NOON)
        give_up(connection, three, "no such channel")
    assert due_now(store) == {}
    assert [begun(store, number) for number in (one, two, three)] == [None] * 3
    assert [row["tries"] for row in rows(store)] == [0, 0, 0]


# -- order --------------------------------------------------------------------------------------


def test_messages_of_no_case_do_not_wait_for_each_other(store: Store) -> None:
    wait_for(store, "a", told("later"), not_before=NOON + HOUR)
    wait_for(store, "a", told("now"))
    assert due_now(store) == {"a": (rows(store)[1]["number"],)}


def test_a_case_on_one_route_does_not_wait_for_it_on_another(store: Store) -> None:
    wait_for(store, "a", told("first on a", case="SKM-1"), not_before=NOON + HOUR)
    wait_for(store, "a", told("second on a", case="SKM-1"))
    wait_for(store, "b", told("on b", case="SKM-1"))
    assert list(due_now(store)) == ["b"]


def test_one_route_may_be_asked_for(store: Store) -> None:
    wait_for(store, "a", told("one"))
    wait_for(store, "b", told("two"))
    with store.read() as connection:
        assert list(due(connection, NOON, "b")) == ["b"]


def test_a_thread_is_that_of_the_first_message_which_arrived(store: Store) -> None:
    wait_for(store, "a", *(told(each, case="SKM-1") for each in ("failed", "one", "two")))
    failed, one, two = (row["number"] for row in rows(store))
    with store.begin() as connection:
        give_up(connection, failed, "")
        assert thread_of(connection, "a", "SKM-1") == ""
        has_arrived(connection, one, "first", NOON)
        has_arrived(connection, two, "second", NOON)
        assert thread_of(connection, "a", "SKM-1") == "first"
        assert thread_of(connection, "b", "SKM-1") == ""
        assert thread_of(connection, "a", "") == ""


# -- time ------------------------------------------------------------------------------------------


def test_a_route_that_is_left_alone_sends_nothing_before(store: Store) -> None:
    wait_for(store, "a", told("one"), told("two"))
    wait_for(store, "a", told("held"), not_before=NOON + HOUR)
    wait_for(store, "b", told("other"))
    with store.begin() as connection:
        rest(connection, "a", NOON + MINUTE)
    assert list(due_now(store)) == ["b"]
    assert list(due_now(store, NOON + MINUTE)) == ["a", "b"]
    assert rows(store)[2]["not_before"] == NOON + HOUR


def test_reasons_are_bounded(store: Store) -> None:
    wait_for(store, "a", told("one"))
    with store.begin() as connection:
        try_later(connection, rows(store)[0]["number"], "x" * 10_000, NOON)
    assert len(rows(store)[0]["reason"]) == 300


def test_what_was_made_is_counted_but_what_was_dropped_is_not(store: Store) -> None:
    wait_for(store, "a", told("one"), told("two"), told("three", kind=MessageKind.DIGEST), told("old", made_at=NOON - HOUR))  # fmt: skip
    kinds = (MessageKind.CASE, MessageKind.UPDATE)
    with store.begin() as connection:
        assert made_between(connection, "a", kinds, (NOON - MINUTE, NOON)) == 2
        drop(connection, rows(store)[0]["number"])
        assert made_between(connection, "a", kinds, (NOON - MINUTE, NOON)) == 1
        assert made_between(connection, "a", kinds, (NOON, NOON + HOUR)) == 0
        assert made_between(connection, "a", kinds, (NOON - 3 * HOUR, NOON - MINUTE)) == 1


def row(not_before: datetime, created_at: datetime, tries: int) -> RowMapping:
    return cast("RowMapping", {"not_before": not_before, "created_at": created_at, "tries": tries})


@pytest.mark.slow
@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=4)), st.integers(0, 200))
def test_with_a_clock_that_only_goes_forward_nothing_is_due_before_its_hour(
    made: datetime, held: timedelta, tries: int
) -> None:
    wait = min(held, MOST_BACKOFF) if tries else held
    hour = made + wait
    assert _is_due(row(hour, made, tries), hour)
    assert _is_due(row(hour, made, tries), hour + timedelta(days=400))
    if wait:
        assert not _is_due(row(hour, made, tries), hour - timedelta(microseconds=1))


@pytest.mark.slow
@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=4)), st.integers(0, 200), MOMENTS)
def test_whatever_the_clock_says_a_message_waits_no_longer_than_it_was_to_wait(
    made: datetime, held: timedelta, tries: int, now: datetime
) -> None:
    """Little more than its own wait from now on it is due at the latest, though the clock was set to anything."""
    hour = made + (min(held, MOST_BACKOFF) if tries else held)
    longest = max(MOST_BACKOFF, held + timedelta(minutes=5))
    assert _is_due(row(hour, made, tries), now) or _is_due(row(hour, made, tries), now + longest)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.floats(0, 1e6))
def test_the_pause_grows_with_the_tries_and_has_an_end(tries: int, asked: float) -> None:
    error = DeliveryError(FailureKind.LATER, "", asked)
    pause = _backoff(tries, error)
    assert timedelta(seconds=5) <= pause <= MOST_BACKOFF
    assert pause >= min(timedelta(seconds=asked), MOST_BACKOFF)
    assert _backoff(tries + 1, error) >= pause


def test_the_state_of_a_new_message_is_waiting(store: Store) -> None:
    wait_for(store, "a", told("one"))
    (only,) = rows(store)
    assert (only["state"], only["tries"], only["tried_at"], only["sent_at"]) == (MessageState.WAITING, 0, None, None)
