"""Telling people, from the store to what the sinks received; and what is said of it afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from tests.findings.suppression.world import NOW as SUPPRESSED_AT
from tests.findings.suppression.world import keep, suppression, three_nights
from tests.outputs.notify.newsroom import DAY, HOUR, NOON, act, jst
from tests.outputs.notify.sinks import CHANNEL, TOKEN, Answer, HttpSink, SmtpSink

from sakimori.app.notify import CANARY, WATCHED, Notifier, ledger, notify_status
from sakimori.app.settings import read_settings
from sakimori.app.suppress import Known, add_all
from sakimori.findings.cursors import write_cursor
from sakimori.findings.detections import record_detections
from sakimori.findings.suppression.files import Maker
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.state.store import Store, open_store

SLACK = (
    '[[notify.route]]\nname = "bot"\nkind = "slack"\ntoken = "env:FAKE_TOKEN"\nchannel = "{channel}"\napi = "{api}"\n'
)
MAIL = '[[notify.route]]\nkind = "mail"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "plain"\nfrom = "a@example.com"\nto = "b@example.com"\n'  # fmt: skip


@dataclass
class Home:
    """A home with routes to sinks, and a clock."""

    path: Path
    store: Store
    http: HttpSink
    smtp: SmtpSink
    now: datetime = NOON

    def configure(self, *parts: str) -> None:
        text = "\n".join(parts).format(channel=CHANNEL, api=self.http.api_url, port=self.smtp.port, url=self.http.url)
        (self.path / "config.toml").write_text(text, encoding="utf-8")

    def notifier(self) -> Notifier:
        return Notifier(self.store, self.path, read_settings(self.path / "config.toml"), lambda: self.now)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    with HttpSink() as http, SmtpSink() as smtp, open_store(tmp_path / "state.db") as store:
        yield Home(tmp_path, store, http, smtp)


@pytest.mark.slow
def test_what_was_recorded_arrives_on_every_route_once(home: Home) -> None:
    home.configure(SLACK, MAIL)
    record_detections(home.store, [act()], NOON)
    done = home.notifier().send()
    assert (done.sent, done.failed, done.later) == (2, 0, 0)
    assert home.notifier().send().sent == 0
    assert len(home.http.slack.roots()) == len(home.smtp.mails) == 1
    assert b"sakimori" in home.smtp.mails[0].content


@pytest.mark.slow
def test_route_that_cannot_be_opened_keeps_no_other_from_its_messages(home: Home) -> None:
    home.configure(SLACK.replace("env:FAKE_TOKEN", "env:NOT_THERE"), MAIL)
    record_detections(home.store, [act()], NOON)
    told = home.notifier()
    assert told.send().sent == 1
    assert list(told.broken) == ["bot"]
    assert notify_status(home.store, told.settings.notify.routes).routes[0].waiting == 1
    home.configure(SLACK, MAIL)
    assert home.notifier().send().sent == 1


def test_names_of_accounts_are_those_of_the_configuration(home: Home) -> None:
    home.configure(SLACK, '[[account]]\nid = "111122223333"\nname = "prod-web"\nprofile = "p"\n')
    record_detections(home.store, [act()], NOON)
    home.notifier().send()
    assert "acct 1111-2222-3333 (prod-web)" in json.dumps(home.http.slack.messages[0])


def suppressed(home: Home) -> date:
    """A suppression, and a night after it of the same thing; the day until which it holds."""
    ids = keep(home.store, *three_nights())
    home.now = SUPPRESSED_AT
    (judged,) = add_all(home.store, [suppression(created_from=ids)], Maker("tanaka", home.now), Known(people=("sato",)))
    assert not judged.is_refused
    home.now += HOUR
    again = replace(three_nights()[-1], first_at=home.now, last_at=home.now, severity=Severity.HIGH)
    record_detections(home.store, [again], home.now)
    return judged.suppression.expires_on


@pytest.mark.slow
def test_what_is_suppressed_is_sent_to_nobody(home: Home) -> None:
    home.configure(SLACK)
    suppressed(home)
    for _ in range(3):
        home.notifier().send()
        home.now += DAY
    assert home.http.slack.messages == []


@pytest.mark.slow
def test_case_is_told_when_its_suppression_has_run_out(home: Home) -> None:
    home.configure(SLACK + "heartbeat = false\n")
    end = suppressed(home)
    home.notifier().send()
    home.now = datetime.combine(end, home.now.timetz()) + 2 * DAY
    home.notifier().send()
    assert [each["text"].startswith("🟧 HIGH | ") for each in home.http.slack.roots()] == [True]


def test_digest_is_sent_when_it_is_asked_for(home: Home) -> None:
    home.configure(SLACK, MAIL)
    record_detections(home.store, [act(severity=Severity.LOW)], NOON)
    told = home.notifier()
    assert told.digest(["bot"]) == 1
    assert told.digest(["bot"]) == 0
    told.deliver()
    assert len(home.http.slack.messages) == 1
    assert home.smtp.mails == []
    assert told.digest([]) == 1


@pytest.mark.slow
def test_heartbeat_tells_what_the_store_knows(home: Home) -> None:
    home.configure(SLACK)
    home.notifier().send()
    home.now = jst("2026-11-30T09:00")
    write_cursor(home.store, WATCHED, json.dumps({"at": home.now.isoformat(), "events": 1234}))
    write_cursor(home.store, CANARY, (home.now - HOUR).isoformat())
    record_detections(home.store, [act(at=home.now - DAY)], home.now - DAY)
    home.notifier().send()
    beats = [each for each in home.http.slack.messages if "Still watching" in json.dumps(each)]
    words = json.dumps(beats, ensure_ascii=False)
    assert len(beats) == 1
    assert "Events looked at in the last 7 days: 1234." in words
    assert "detections 1 (accounts 1, Regions 1)" in words
    assert "The last canary came through at 2026-11-29 23:00 UTC." in words


def test_trial_goes_to_every_route_and_says_of_each_how_it_went(home: Home) -> None:
    broken = SLACK.replace('"bot"', '"broken"').replace("env:FAKE_TOKEN", "env:NOT_THERE")
    refused = SLACK.replace('"bot"', '"refused"').replace("{channel}", "C0OTHER")
    home.configure(broken, refused, SLACK, MAIL)
    tried = {route.name: reason for route, reason in home.notifier().test([])}
    assert isinstance(tried["broken"], UsageError)
    assert tried["refused"] == "127.0.0.1: channel_not_found"
    assert (tried["bot"], tried["mail"]) == ("", "")
    assert len(home.http.slack.messages) == len(home.smtp.mails) == 1
    assert ledger(home.store, (), 10) == ()


def test_trial_goes_to_the_route_that_is_named(home: Home) -> None:
    home.configure(SLACK, MAIL)
    assert [route.name for route, _ in home.notifier().test(["mail"])] == ["mail"]
    with pytest.raises(UsageError):
        list(home.notifier().test(["nobody"]))


def test_without_a_route_nothing_is_planned_and_a_sentence_says_so(home: Home) -> None:
    record_detections(home.store, [act()], NOON)
    told = home.notifier()
    assert (told.plan(), told.send().sent) == (0, 0)
    assert notify_status(home.store, ()).untold == 1
    with pytest.raises(UsageError):
        told.chosen(())


@pytest.mark.slow
def test_status_counts_by_route_and_says_why_something_waits(home: Home) -> None:
    home.configure(SLACK, MAIL)
    record_detections(home.store, [act("a"), act("low", Severity.LOW)], NOON)
    home.http.answer_next("/api/chat.postMessage", Answer(status=500))
    told = home.notifier()
    told.send()
    bot, mail = notify_status(home.store, told.settings.notify.routes).routes
    assert (bot.waiting, bot.sent, bot.failed, bot.for_digest, bot.oldest_waiting_at) == (1, 0, 0, 1, NOON)
    assert "500" in bot.reason
    assert (mail.waiting, mail.sent, mail.last_sent_at, mail.reason) == (0, 1, NOON, "")
    home.now += timedelta(minutes=20)
    told.send()
    (bot, _) = notify_status(home.store, told.settings.notify.routes).routes
    assert (bot.waiting, bot.sent, bot.reason) == (0, 1, "")


def test_messages_of_a_route_that_was_removed_stay_visible(home: Home) -> None:
    home.configure(SLACK, MAIL)
    record_detections(home.store, [act()], NOON)
    home.notifier().plan()
    home.configure(MAIL)
    told = home.notifier()
    told.send()
    found = {each.name: each for each in notify_status(home.store, told.settings.notify.routes).routes}
    assert (found["bot"].kind, found["bot"].waiting) == ("", 1)
    assert found["mail"].sent == 1
    assert [each.route for each in ledger(home.store, ("bot",), 10)] == ["bot"]


@pytest.mark.slow
def test_ledger_shows_the_latest_first_and_no_more_than_asked(home: Home) -> None:
    home.configure(SLACK)
    record_detections(home.store, [act(f"user-{number}") for number in range(5)], NOON)
    home.notifier().send()
    lines = ledger(home.store, (), 3)
    assert len(lines) == 3
    assert [each.case[-2:] for each in lines] == ["05", "04", "03"]
    assert {(each.state, each.kind, each.tries, each.severity) for each in lines} == {("sent", "case", 1, "high")}
    assert lines[0].headline == "Logging of a trail is stopped"
