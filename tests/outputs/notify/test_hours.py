"""Working hours: across nights, weekends, holidays and the days on which clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.outputs.notify.hours import Hours
from sakimori.outputs.notify.route_entries import parse_notify

from .newsroom import SLACK, jst, routes

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
ZONES = st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])  # fmt: skip
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
TIMES = st.times()


def hours_of(**shared: object) -> Hours:
    (route,) = routes(SLACK, **shared)
    return route.hours


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    begin, end = sorted(draw(st.lists(TIMES, min_size=2, max_size=2, unique=True)))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    closed = draw(st.frozensets(st.integers(0, 30)))
    return Hours(
        zone=ZoneInfo(draw(ZONES)),
        days=days,
        begin=begin,
        end=end,
        held_until=draw(TIMES),
        is_holiday=lambda day: day.toordinal() % 31 in closed,
    )


@pytest.mark.slow
@given(hours(), MOMENTS)
def test_what_may_wait_is_told_later_on_a_working_day_and_not_after_weeks(kept: Hours, at: datetime) -> None:
    told = kept.next_telling(at)
    here = told.astimezone(kept.zone)
    assert told >= at
    assert told - at <= timedelta(days=41)
    is_working_day = here.weekday() in kept.days and not kept.is_holiday(here.date())
    nothing_within_reach = told == at + timedelta(days=1)
    assert is_working_day or nothing_within_reach
    assert kept.next_telling(told.astimezone(UTC)) == told or nothing_within_reach


@pytest.mark.slow
@given(hours(), MOMENTS, TIMES, st.none() | st.integers(0, 6))
def test_the_last_time_lies_before_a_moment_within_days(
    kept: Hours, at: datetime, of_day: time, weekday: int | None
) -> None:
    last = kept.last_time(at, of_day, weekday)
    assert last <= at
    assert at - last <= timedelta(days=8)
    assert weekday is None or last.weekday() == weekday or last == at


@pytest.mark.slow
@given(hours(), MOMENTS)
def test_at_work_nothing_waits(kept: Hours, at: datetime) -> None:
    if kept.are_open(at):
        assert kept.next_telling(at) == at


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-03-06T19:00-05:00", "2026-03-09T08:30-04:00"),
        ("2026-03-08T03:30-04:00", "2026-03-09T08:30-04:00"),
        ("2026-10-30T19:00-04:00", "2026-11-02T08:30-05:00"),
        ("2026-11-01T01:30-04:00", "2026-11-02T08:30-05:00"),
        ("2026-11-01T01:30-05:00", "2026-11-02T08:30-05:00"),
    ],
)
def test_morning_comes_at_half_past_eight_on_the_wall_when_clocks_are_changed(at: str, told: str) -> None:
    found = hours_of(timezone="America/New_York").next_telling(datetime.fromisoformat(at).astimezone(UTC))
    assert found.astimezone(UTC) == datetime.fromisoformat(told)


@pytest.mark.parametrize("of_day", [time(1, 30), time(2, 30)])
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_hour_that_is_not_there_or_there_twice_comes_once(of_day: time, day: date) -> None:
    kept = Hours(zone=NEW_YORK)
    noon = datetime.combine(day - timedelta(days=1), time(12), NEW_YORK).astimezone(UTC)
    told = [kept.last_time(noon + timedelta(minutes=minutes), of_day).date() for minutes in range(0, 24 * 60, 5)]
    assert told == sorted(told)
    assert set(told) == {day - timedelta(days=1), day}


def test_japanese_holidays_are_no_working_days() -> None:
    kept = hours_of(holidays="JP")
    assert kept.next_telling(jst("2026-05-01T19:00")).astimezone(TOKYO) == datetime(2026, 5, 7, 8, 30, tzinfo=TOKYO)
    assert not kept.are_open(jst("2026-11-23T12:00")), "Labour Thanksgiving Day"
    assert hours_of().are_open(jst("2026-11-23T12:00"))


def test_holidays_as_days_beside_those_of_a_country() -> None:
    kept = hours_of(holidays=["JP", "2026-12-30", date(2026, 12, 31)])
    assert [kept.are_open(jst(f"2026-12-{day}T12:00")) for day in (29, 30, 31)] == [True, False, False]
    assert not kept.are_open(jst("2026-11-23T12:00"))


def test_office_that_works_on_saturdays_from_seven() -> None:
    kept = hours_of(working_days=["sat", "sun"], working_hours=["07:00", "12:00"], held_until="06:30")
    assert kept.are_open(jst("2026-11-28T07:00"))
    assert not kept.are_open(jst("2026-11-28T12:00"))
    assert kept.next_telling(jst("2026-11-25T12:00")) == jst("2026-11-28T06:30")


def test_what_was_held_does_not_wait_longer_than_until_work_begins() -> None:
    kept = hours_of(working_hours=["08:00", "17:00"], held_until="10:00")
    assert kept.next_telling(jst("2026-11-25T23:00")) == jst("2026-11-26T08:00")


def test_between_the_telling_and_the_beginning_of_work_nothing_waits() -> None:
    assert hours_of().next_telling(jst("2026-11-25T08:45")) == jst("2026-11-25T08:45")


def test_calendar_that_never_opens_holds_nothing_for_ever() -> None:
    kept = Hours(zone=TOKYO, is_holiday=lambda _day: True)
    assert kept.next_telling(jst("2026-11-25T12:00")) == jst("2026-11-26T12:00")


def test_everybody_has_the_hours_of_japan_where_none_are_told() -> None:
    (route,) = parse_notify({"route": [SLACK]}).routes
    kept = route.hours
    assert (kept.zone.key, kept.begin, kept.end, kept.held_until, sorted(kept.days)) == (
        "Asia/Tokyo", time(9), time(18), time(8, 30), [0, 1, 2, 3, 4],
    )  # fmt: skip
