"""Routes as they are configured: every fault has its sentence, which names the entry and repeats no secret."""

import tomllib
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.notify.route import CHAT, MAIL, Timing
from sakimori.outputs.notify.route_entries import KINDS, MOST_ROUTES, parse_notify
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say_error

from .newsroom import MAIL as BY_MAIL
from .newsroom import SLACK

SLACKS: dict[str, Any] = {"kind": "slack", "webhook": "env:SLACK"}


def one(**changes: Any) -> dict[str, Any]:
    return {"route": [SLACKS | changes]}


def refused(data: object) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        parse_notify(data)
    english, japanese = (say_error(caught.value, language) for language in LANGUAGES)
    return english, japanese


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (5, "notify"),
        ({"route": 5}, "[[notify.route]]"),
        ({"route": "x"}, "[[notify.route]]"),
        ({"route": [5]}, "notify.route 1"),
        ({"route": [SLACKS, {"kind": "slak"}]}, "notify.route 2"),
        ({"route": [{}]}, "kind"),
        ({"route": [{"kind": ["slack"]}]}, "kind"),
        ({"route": [{"kind": "slack"}]}, "webhook, token + channel"),
        ({"route": [{"kind": "slack", "token": "env:T"}]}, "token + channel"),
        ({"route": [{"kind": "mail", "to": "a@example.com"}]}, "from, host"),
        ({"route": [{"kind": "webhook", "url": "env:U"}]}, "secret"),
        ({"route": [{"kind": "sns"}]}, "topic"),
        ({"route": [{"kind": "apprise"}]}, "url"),
        (one(name=""), "name"),
        (one(name="a b"), "a b"),
        (one(name="x" * 61), "notify.route 1"),
        (one(name="a\nb"), "notify.route 1"),
        (one(lang="fr"), "lang"),
        (one(chanel="C1"), "channel"),
        (one(accounts="123"), "accounts"),
        (one(accounts=[123456789012]), "accounts"),
        (one(cases="atack"), "cases"),
        (one(digest_at="9 o'clock"), "digest_at"),
        (one(digest_at="09:00+09:00"), "digest_at"),
        (one(digest_at=25), "digest_at"),
        (one(heartbeat="yes"), "heartbeat"),
        (one(fallback=5), "fallback"),
        (one(fallback="mail"), "mail"),
        (one(fallback="slack"), "slack"),
        (one(when="now"), "notify.route 1.when"),
        (one(when={"hihg": "now"}), "high"),
        (one(when={"low": "soon"}), "soon"),
        (one(when={"low": ["now"]}), "now, hours, daily, weekly, never"),
        (one(escalate="10m"), "escalate"),
        (one(escalate=[5]), "notify.route 1.escalate"),
        (one(escalate=[{"after": "10m"}]), "to"),
        (one(escalate=[{"after": "soon", "to": "x"}]), "escalate"),
        (one(escalate=[{"to": "x"}]), "escalate"),
        (one(escalate=[{"after": "10m", "to": "x", "severity": "bad"}]), "escalate"),
        (one(escalate=[{"after": "10m", "to": "nobody"}]), "nobody"),
        (one(escalate=[{"after": "10m", "to": "slack"}]), "slack"),
        (one(escalate=[{"after": "10m", "to": "x", "at": 1}]), "after"),
        ({"route": [SLACKS, SLACKS]}, "slack"),
        ({"timezone": "Asia/Tokio"}, "Asia/Tokio"),
        ({"timezone": "../../etc/passwd"}, "passwd"),
        ({"timezone": 9}, "9"),
        ({"working_days": ["monday"]}, "working_days"),
        ({"working_days": 5}, "working_days"),
        ({"working_hours": ["09:00"]}, "working_hours"),
        ({"working_hours": "09:00-18:00"}, "working_hours"),
        ({"working_hours": ["18:00", "09:00"]}, "working_hours"),
        ({"working_hours": ["09:00", "24:30"]}, "working_hours"),
        ({"held_until": "early"}, "held_until"),
        ({"holidays": "ZZ"}, "holidays"),
        ({"holidays": ["JP", "ZZ"]}, "holidays"),
        ({"holidays": "2026-13-01"}, "holidays"),
        ({"holidays": 5}, "holidays"),
        ({"holidays": ["new year"]}, "holidays"),
        ({"timezon": "UTC"}, "timezone"),
        ({"lang": 5}, "lang"),
    ],
)  # fmt: skip
def test_fault_is_told_with_its_entry_in_both_languages(data: object, words: str) -> None:
    for sentence in refused(data):
        assert words in sentence or words.replace(", ", "、") in sentence


@pytest.mark.parametrize("severity", ["critical", "high"])
@pytest.mark.parametrize("timing", ["hours", "daily", "weekly"])
def test_configuration_cannot_hold_what_is_grave(severity: str, timing: str) -> None:
    english, japanese = refused(one(when={severity: timing}))
    assert english == f"notify.route 1: what is {severity} is told now or never: quiet hours do not hold it."
    assert severity in japanese


@pytest.mark.parametrize(("word", "near"), [("chanel", "channel"), ("webhok", "webhook"), ("escalat", "escalate")])
def test_unknown_key_is_answered_with_the_nearest(word: str, near: str) -> None:
    english, japanese = refused(one(**{word: "x"}))
    assert f"Did you mean '{near}'?" in english
    assert f"もしかして:「{near}」" in japanese


def test_unknown_route_is_answered_with_the_nearest() -> None:
    found = parse_notify({"route": [SLACKS, BY_MAIL]})
    with pytest.raises(UsageError) as caught:
        found.route("slak")
    assert "Did you mean 'slack'?" in say_error(caught.value, "en")
    assert found.route("mail").kind == "mail"


@pytest.mark.parametrize("key", ["webhook", "token", "api", "channel"])
@pytest.mark.parametrize("wrong", [{"when": {"high": "daily"}}, {"name": "a b"}, {"lang": "x"}, {"lnag": 1}, {"fallback": "x"}])  # fmt: skip
def test_no_fault_repeats_what_may_be_a_secret(key: str, wrong: dict[str, Any]) -> None:
    secret = "https://hooks.example.com/" + "FAKE" * 3
    entry = {"kind": "slack", "token": "env:T", "channel": "C1", key: secret, **wrong}
    assert not [sentence for sentence in refused({"route": [entry]}) if "FAKE" in sentence]


def test_more_routes_than_anybody_reads_are_refused() -> None:
    many = [SLACKS | {"name": f"r{number}"} for number in range(MOST_ROUTES + 1)]
    assert len(parse_notify({"route": many[:-1]}).routes) == MOST_ROUTES
    assert "50" in refused({"route": many})[0]


def test_route_has_the_timing_of_its_kind_where_none_is_told() -> None:
    found = parse_notify(
        {"route": [SLACK, BY_MAIL, one(name="x", when={"low": "now", "critical": "never"})["route"][0]]}
    )
    assert [each.timing for each in found.routes[:2]] == [CHAT, MAIL]
    assert found.routes[2].timing == {**CHAT, Severity.LOW: Timing.NOW, Severity.CRITICAL: Timing.NEVER}


def test_whole_configuration() -> None:
    found = parse_notify(tomllib.loads("""
        lang = "ja"
        timezone = "America/New_York"
        working_days = ["mon", "tue"]
        working_hours = [08:00:00, "17:30"]
        held_until = "07:45"
        holidays = [2026-12-31, "2027-01-02"]

        [[route]]
        kind = "slack"
        name = "sec"
        token = "env:T"
        channel = "C1"
        lang = "en"
        accounts = ["111122223333"]
        cases = ["attack"]
        digest_at = 10:15:00
        fallback = "mail"
        heartbeat = false
        escalate = [{after = "10m", to = "mail"}, {after = "2h", to = "mail", severity = "high"}, {after = "1d", to = "mail"}]

        [[route]]
        kind = "mail"
        host = "smtp.example.com"
        from = "a@example.com"
        to = ["b@example.com"]
    """))  # fmt: skip
    slack, mail = found.routes
    assert (found.language, slack.language, mail.language) == ("ja", "en", "ja")
    assert (slack.hours.begin, slack.hours.end, slack.hours.held_until) == (time(8), time(17, 30), time(7, 45))
    assert [slack.hours.is_holiday(date(2026, 12, day)) for day in (30, 31)] == [False, True]
    assert slack.hours.is_holiday(date(2027, 1, 2))
    assert (slack.accounts, slack.kinds, slack.digest_at) == ({"111122223333"}, {"attack"}, time(10, 15))
    assert (slack.fallback, slack.heartbeat, mail.heartbeat) == ("mail", False, True)
    assert [each.after for each in slack.escalations] == [timedelta(minutes=10), timedelta(hours=2), timedelta(days=1)]
    assert [each.severity.value for each in slack.escalations] == ["critical", "high", "critical"]
    assert dict(slack.settings) == {"token": "env:T", "channel": "C1"}
    assert slack.takes("111122223333", "attack")
    assert slack.takes("", "attack")
    assert not slack.takes("444455556666", "attack")
    assert not slack.takes("111122223333", "posture")


def test_nothing_configured_is_no_route() -> None:
    assert parse_notify(None).routes == parse_notify({}).routes == ()


def test_language_of_the_whole_configuration_is_that_of_routes_without_one() -> None:
    (route,) = parse_notify({"route": [SLACKS]}, "ja").routes
    assert route.language == "ja"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates() | st.times() | st.datetimes()
    | st.sampled_from(["slack", "env:X", "now", "10m", "JP"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "kind", "lang", "accounts", "cases", "when", "digest_at", "fallback", "escalate", "heartbeat", "timezone",
     "working_days", "working_hours", "held_until", "holidays", "route", *KINDS["mail"][0], *KINDS["slack"][1]]
)  # fmt: skip


@pytest.mark.slow
@given(st.dictionaries(KEYS, ANYTHING, max_size=5), st.dictionaries(KEYS, ANYTHING, max_size=5))
def test_whatever_stands_in_the_file_is_a_configuration_or_a_sentence(
    shared: dict[str, Any], entry: dict[str, Any]
) -> None:
    for data in ({**shared, "route": [entry]}, {**shared, "route": [SLACKS | entry]}, shared, entry):
        told = ["a configuration"]
        try:
            parse_notify(data)
        except UsageError as error:
            told = [say_error(error, language) for language in LANGUAGES]
        assert all(told)


@pytest.mark.parametrize("misplaced", [
    {"name": "xoxb-" + "1" * 30 + "!"}, {"kind": "https://hooks.example.com/services/T0/B0/" + "x" * 24}, {"fallback": "whsec_" + "a" * 32},
    {"when": {"low": "smtp://someone:word@mail.example.com"}}, {"https://hooks.example.com/" + "y" * 30: "1"},
])  # fmt: skip
def test_a_secret_that_stands_where_none_belongs_is_not_repeated(misplaced: dict[str, Any]) -> None:
    entry = {"kind": "slack", "webhook": "env:SLACK", **misplaced}
    with pytest.raises(UsageError) as caught:
        parse_notify({"route": [entry]})
    secret = next(iter(misplaced)) if "https" in next(iter(misplaced)) else str(next(iter(misplaced.values())))
    for language in ("en", "ja"):
        told = say_error(caught.value, language)
        assert secret not in told
        assert "someone:word" not in told
