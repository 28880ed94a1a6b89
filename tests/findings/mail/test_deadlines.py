"""By when a mail asks for an answer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.findings.mail.deadlines import Clock, deadline_of

SENT = datetime(2026, 11, 23, 5, 10, tzinfo=UTC)
"""A Monday."""


@pytest.mark.parametrize(("words", "at"), [
    ("Please respond by November 24, 2026 at 02:10 UTC.", "2026-11-24T02:10"),
    ("respond by Nov 24, 2026 5:30 PM PST", "2026-11-25T01:30"),
    ("no later than 24 November 2026 12:00 AM GMT", "2026-11-24T00:00"),
    ("before 2026-11-24T02:10:00Z", "2026-11-24T02:10"),
    ("by 2026-11-24 02:10 +0900", "2026-11-23T17:10"),
    ("due date: 11/25/2026", "2026-11-25T23:59"),
    ("by Wednesday, November 25", "2026-11-25T23:59"),
    ("by January 5 we need", "2027-01-05T23:59"),
    ("2026年11月24日（火）14時10分までにご返信ください。", "2026-11-24T05:10"),
    ("2026年11月24日 午後2時10分（日本時間）までに", "2026-11-24T05:10"),
    ("２０２６年１１月２４日 14:10 (UTC) までに", "2026-11-24T14:10"),
    ("期限: 2026/11/24 14:10 JST", "2026-11-24T05:10"),
    ("11月25日までにご対応ください。", "2026-11-25T14:59"),
])  # fmt: skip
def test_a_date_that_is_named_is_the_deadline(words: str, at: str) -> None:
    found = deadline_of(words, SENT, 1)
    assert found is not None
    assert (found.at.strftime("%Y-%m-%dT%H:%M"), found.clock) == (at, Clock.NAMED)


@pytest.mark.parametrize(("words", "at"), [
    ("reply within 24 hours", "2026-11-24T05:10"),
    ("within five (5) days", "2026-11-28T05:10"),
    ("in the next 48 hours", "2026-11-25T05:10"),
    ("within 5 business days", "2026-11-30T05:10"),
    ("24時間以内にご回答ください", "2026-11-24T05:10"),
    ("２４ 時間以内に", "2026-11-24T05:10"),
    ("24時間以\ufffdに", "2026-11-24T05:10"),
    ("5営業日以内に", "2026-11-30T05:10"),
    ("5日以内に", "2026-11-28T05:10"),
])  # fmt: skip
def test_a_span_counts_from_when_the_mail_was_sent(words: str, at: str) -> None:
    found = deadline_of(words, SENT, 1)
    assert found is not None
    assert (found.at.strftime("%Y-%m-%dT%H:%M"), found.clock) == (at, Clock.SPAN)


def test_without_one_the_clock_of_the_kind_counts_and_says_that_it_is_ours() -> None:
    found = deadline_of("On November 20, 2026 we saw activity. Version 2 of 10 days ago.", SENT, 1)
    assert found is not None
    assert (found.at.hour, found.clock) == (6, Clock.OURS)
    assert deadline_of("nothing", SENT, 0) is None


def test_the_earliest_of_several_counts_and_none_that_is_past_or_years_away() -> None:
    found = deadline_of("by 2020-01-01, by 2026-12-01, within 3 days, by 2099-01-01, within 999 weeks", SENT, 1)
    assert found is not None
    assert found.at.day == 26


@pytest.mark.slow
@given(st.text(max_size=300))
def test_any_text_has_a_deadline_or_none(text: str) -> None:
    found = deadline_of(text, SENT, 0)
    assert found is None or found.at >= SENT


@pytest.mark.slow
@given(
    st.lists(
        st.sampled_from(
            [
                "by ",
                "within ",
                "99",
                "2026",
                "-",
                "/",
                "年",
                "月",
                "日",
                "まで",
                "以内",
                "時間",
                "Nov ",
                ":",
                "PM",
                "+99:99",
                "(",
                "24:61",
            ]
        ),
        max_size=20,
    ).map("".join)
)
def test_pieces_of_dates_are_no_trouble(text: str) -> None:
    deadline_of(text, SENT, 1)
