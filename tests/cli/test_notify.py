"""`sakimori notify` as people and machines meet it, against sinks on loopback."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.cli.running import Sakimori
from tests.outputs.notify.newsroom import act
from tests.outputs.notify.sinks import CHANNEL, TOKEN, Answer, HttpSink, SmtpSink

from sakimori.app.clock import utc_now
from sakimori.app.notify import Notifier
from sakimori.app.settings import Settings
from sakimori.cli import notify
from sakimori.cli.telling import say_delivered
from sakimori.findings.detections import record_detections
from sakimori.model.words import Severity
from sakimori.outputs.notify.delivery import Delivered
from sakimori.state.store import open_store

LITERAL = "https://hooks.example.com/" + "FAKE" * 3
SIGNING = "whsec_" + "ZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl"


@dataclass
class Places:
    """Where messages go."""

    http: HttpSink
    smtp: SmtpSink

    @property
    def bot(self) -> tuple[str, ...]:
        return (
            "setup", "slack", "--set", "token=env:FAKE_TOKEN", "--set", f"channel={CHANNEL}",
            "--set", f"api={self.http.api_url}",
        )  # fmt: skip

    @property
    def mail(self) -> tuple[str, ...]:
        return (
            "setup", "mail", "--set", "host=127.0.0.1", "--set", f"port={self.smtp.port}", "--set", "security=plain",
            "--set", "from=sakimori <a@example.com>", "--set", "to=b@example.com",
        )  # fmt: skip


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    monkeypatch.setenv("FAKE_SECRET", SIGNING)
    with HttpSink() as http, SmtpSink() as smtp:
        monkeypatch.setenv("FAKE_URL", f"{http.url}/hook")
        yield Places(http, smtp)


def record(sakimori: Sakimori, *who: str, severity: Severity = Severity.HIGH) -> None:
    sakimori.home.mkdir(exist_ok=True)
    now = utc_now()
    with open_store(sakimori.home / "state.db") as store:
        record_detections(store, [act(name, severity, now) for name in who], now)


def plain(sakimori: Sakimori, *arguments: str) -> Any:
    done = sakimori("notify", *arguments, "--format", "json")
    assert done.code == 0 or arguments[0] == "test"
    return json.loads(done.out)


# -- setup ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["slack", "mail", "webhook", "sns", "apprise"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_setup_shows_what_to_write_and_writes_nothing(sakimori: Sakimori, kind: str, lang: str) -> None:
    done = sakimori("notify", "setup", kind, lang=lang)
    assert done.code == 0
    assert f'kind = "{kind}"' in done.out
    assert str(sakimori.home / "config.toml") in done.err
    assert ("書いて" in done.err) == (lang == "ja")
    assert not (sakimori.home / "config.toml").exists()


def test_setup_writes_a_route_and_names_the_next_command(sakimori: Sakimori, places: Places) -> None:
    done = sakimori("notify", *places.bot)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"Route slack is in {sakimori.home / 'config.toml'}. Try it: sakimori notify test slack\n"
    again = sakimori("notify", *places.bot)
    assert again.code == 2
    assert "There are two routes slack." in again.err
    assert sakimori("notify", *places.bot, "--name", "second", lang="ja").out.startswith("通知ルート second を")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_setup_repeats_no_secret(sakimori: Sakimori, lang: str) -> None:
    done = sakimori("notify", "setup", "slack", "--set", f"webhook={LITERAL}", lang=lang)
    assert done.code == 2
    assert "env:" in done.err
    assert "FAKE" not in done.out + done.err
    assert not (sakimori.home / "config.toml").exists()


# -- test -----------------------------------------------------------------------------------


def test_trial_arrives_and_is_told(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    sakimori("notify", *places.mail)
    done = sakimori("notify", "test")
    assert (done.code, done.out, done.err) == (0, "slack (slack): arrived.\nmail (mail): arrived.\n", "")
    assert len(places.http.slack.messages) == len(places.smtp.mails) == 1
    assert sakimori("notify", "test", "mail", lang="ja").out == "mail（mail）: 届きました。\n"


@pytest.mark.slow
def test_trial_that_fails_is_a_failure(sakimori: Sakimori, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    sakimori("notify", *places.bot)
    sakimori("notify", *places.mail)
    places.http.slack.fail_next("chat.postMessage", "channel_is_archived")
    done = sakimori("notify", "test")
    assert (done.code, done.out.splitlines()) == (
        1, ["slack (slack): not taken: 127.0.0.1: channel_is_archived", "mail (mail): arrived."],
    )  # fmt: skip
    monkeypatch.delenv("FAKE_TOKEN")
    found = sakimori("notify", "test", "--format", "json")
    slack, mail = json.loads(found.out)["routes"]
    assert (found.code, slack["arrived"], mail["arrived"], mail["reason"]) == (1, False, True, None)
    assert "env:FAKE_TOKEN" in slack["reason"]


@pytest.mark.parametrize("verb", ["test", "send", "digest"])
def test_without_a_route_the_next_command_is_named(sakimori: Sakimori, verb: str) -> None:
    done = sakimori("notify", verb)
    assert done.code == 2
    assert "sakimori notify setup slack" in done.err
    assert "通知ルートがありません" in sakimori("notify", verb, lang="ja").err


# -- send -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_send_tells_what_changed_once(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    sakimori("notify", *places.mail)
    record(sakimori, "alice", "bob")
    done = sakimori("notify", "send")
    assert (done.code, done.out, done.err) == (0, "Sent 4; 0 will be tried again; 0 given up.\n", "")
    again = sakimori("notify", "send", lang="ja")
    assert (again.code, again.out) == (0, "送信 0 件、再試行待ち 0 件、送信断念 0 件。\n")
    assert len(places.http.slack.roots()) == len(places.smtp.mails) == 2


def test_send_says_what_still_waits(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice")
    places.http.answer_next("/api/chat.postMessage", Answer(status=503))
    done = sakimori("notify", "send")
    assert done.code == 3
    assert "1 will be tried again" in done.out
    assert "slack: 127.0.0.1: HTTP 503" in done.err


@pytest.mark.slow
def test_send_says_which_route_cannot_be_used(
    sakimori: Sakimori, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    sakimori("notify", *places.bot)
    sakimori("notify", *places.mail)
    record(sakimori, "alice")
    monkeypatch.delenv("FAKE_TOKEN")
    done = sakimori("notify", "send")
    assert (done.code, len(places.smtp.mails)) == (3, 1)
    assert done.err.startswith("slack cannot be used: env:FAKE_TOKEN holds no secret")
    assert "slack は使用できません" in sakimori("notify", "send", lang="ja").err


def test_send_leaves_it_to_the_process_that_has_the_turn(
    sakimori: Sakimori, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice")
    monkeypatch.setattr("sakimori.outputs.notify.delivery.Delivery.deliver.__defaults__", (0.0,), raising=True)
    with open_store(sakimori.home / "state.db") as store, store.turn("deliver") as has_turn:
        assert has_turn
        done = sakimori("notify", "send")
    assert (done.code, done.out) == (0, "")
    assert "Another process is delivering" in done.err
    assert sakimori("notify", "send").out.startswith("Sent 1;")


def test_send_goes_on_with_what_comes_later(
    sakimori: Sakimori, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    sakimori("notify", *places.bot)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt
        record(sakimori, "alice")

    monkeypatch.setattr(notify, "time", SimpleNamespace(sleep=pause))
    done = sakimori("notify", "send", "--every", "1m")
    assert done.out.splitlines()[:2] == [f"Sent {count}; 0 will be tried again; 0 given up." for count in (0, 1)]
    assert (pauses, done.code != 0) == ([60.0, 60.0], True)


def test_pause_that_is_none_is_refused(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    for word in ("soon", "0s"):
        assert sakimori("notify", "send", "--every", word).code == 2


def test_signed_webhook_can_be_checked_by_whoever_gets_it(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", "setup", "webhook", "--set", "url=env:FAKE_URL", "--set", "secret=env:FAKE_SECRET")
    record(sakimori, "alice")
    assert sakimori("notify", "send").code == 0
    [taken] = places.http.taken
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "be-notified.md").read_text(encoding="utf-8")
    shown = next(part.split("```")[0] for part in page.split("```python\n")[1:] if "def is_genuine" in part)
    scope: dict[str, Any] = {}
    exec(shown, scope)  # noqa: S102 - the example of the page, which is ours
    assert scope["is_genuine"](taken.headers, taken.body, SIGNING)
    assert not scope["is_genuine"](taken.headers, taken.body + b" ", SIGNING)
    assert not scope["is_genuine"]({**taken.headers, "webhook-timestamp": "1"}, taken.body, SIGNING)
    assert not scope["is_genuine"](taken.headers, taken.body, "whsec_" + "b3RoZXJvdGhlcm90aGVyb3RoZXI=")


# -- digest and status ------------------------------------------------------------------------


@pytest.mark.slow
def test_digest_is_sent_now(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice", "bob", severity=Severity.LOW)
    assert sakimori("notify", "send").out.startswith("Sent 0;")
    done = sakimori("notify", "digest")
    assert (done.code, done.out) == (0, "Sent 1; 0 will be tried again; 0 given up.\n")
    assert "Cases to look at: 2" in json.dumps(places.http.slack.messages)
    assert sakimori("notify", "digest", lang="ja").out.startswith("ダイジェストで知らせるものはありません。")
    assert sakimori("notify", "digest", "slck").code == 2


@pytest.mark.slow
def test_status_tells_of_every_route(sakimori: Sakimori, places: Places) -> None:
    assert "sakimori notify setup slack" in sakimori("notify", "status").out
    sakimori("notify", *places.bot)
    sakimori("notify", *places.mail)
    record(sakimori, "alice")
    assert "Cases that changed and were not considered yet: 1." in sakimori("notify", "status").out
    places.http.answer_next("/api/chat.postMessage", Answer(status=503))
    sakimori("notify", "send")
    lines = sakimori("notify", "status").out.splitlines()
    assert lines[0] == "slack (slack)"
    assert lines[1] == "  sent 0 (last —) · waiting 1 · failed 0 · for the digest 0"
    assert lines[2].startswith("  the oldest has waited since ")
    assert lines[3] == "  last refused: 127.0.0.1: HTTP 503"
    assert lines[4] == "mail (mail)"
    japanese = sakimori("notify", "status", "mail", "--messages", lang="ja").out.splitlines()
    assert japanese[0] == "mail (mail)"
    assert "送信済み 1 件" in japanese[1]
    assert japanese[2].endswith("  証跡の記録が停止されました") or "Logging of a trail is stopped" in japanese[2]
    assert "  mail  送信済み  ケース  SKM-" in japanese[2]


@pytest.mark.slow
def test_status_for_machines(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice")
    sakimori("notify", "send")
    found = plain(sakimori, "status", "--messages")
    assert found["schema"] == "sakimori.notify-status/1"
    [route], [line] = found["routes"], found["messages"]
    assert (route["name"], route["sent"], route["waiting"], route["reason"], found["untold"]) == ("slack", 1, 0, None, 0)  # fmt: skip
    assert (line["route"], line["state"], line["kind"], line["tries"], line["instead_of"]) == ("slack", "sent", "case", 1, None)  # fmt: skip
    assert plain(sakimori, "status", "slack")["messages"] == []


def test_status_of_a_route_that_is_gone_and_of_one_that_never_was(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice")
    sakimori("notify", "send")
    sakimori.configure("")
    assert (
        "slack (no longer in the configuration; drop what waits: sakimori notify forget slack)"
        in sakimori("notify", "status").out
    )
    assert "slack（設定にはもうありません。" in sakimori("notify", "status", "slack", lang="ja").out
    assert sakimori("notify", "forget", "slack").out == "slack: dropped, 0 messages.\n"
    done = sakimori("notify", "status", "slck")
    assert done.code == 2
    assert "Did you mean 'slack'?" in done.err


def test_configuration_that_holds_what_is_grave_is_refused(sakimori: Sakimori) -> None:
    sakimori.configure('[[notify.route]]\nkind = "slack"\nwebhook = "env:X"\nwhen = {critical = "hours"}\n')
    done = sakimori("notify", "send")
    assert done.code == 2
    assert "quiet hours do not hold it" in done.err


def test_secret_in_the_configuration_is_shown_nowhere(sakimori: Sakimori) -> None:
    sakimori.configure(f'[[notify.route]]\nkind = "slack"\nwebhook = "{LITERAL}"\n')
    record(sakimori, "alice")
    for verb in ("test", "send", "status"):
        done = sakimori("notify", verb, *(["--messages"] if verb == "status" else []))
        assert "FAKE" not in done.out + done.err, verb
    assert b"FAKEFAKE" not in (sakimori.home / "state.db").read_bytes()


@pytest.mark.slow
def test_help_speaks_the_persons_language(sakimori: Sakimori) -> None:
    for verb in ("setup", "test", "send", "digest", "status"):
        with sakimori.start("notify", verb, "--help", env={"SAKIMORI_LANG": "ja"}) as process:
            out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "ルート" in out or "送" in out


def test_route_speaks_the_language_of_whoever_set_it_up(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot, lang="ja")
    sakimori("notify", "test")
    assert places.http.slack.roots()[0]["text"].endswith("対応は不要です。")


def test_send_says_what_is_held_until_people_work(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    config = sakimori.home / "config.toml"
    far = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(utc_now().weekday() + 3) % 7]
    config.write_text(f'[notify]\nworking_days = ["{far}"]\n{config.read_text()}')
    record(sakimori, "alice", severity=Severity.MEDIUM)
    done = sakimori("notify", "send")
    assert (done.code, done.out) == (0, "Sent 0; 0 will be tried again; 0 given up.\n")
    assert done.err.startswith("Held until people work: 1. The first goes at ")


@pytest.mark.slow
def test_what_was_given_up_is_sent_again_once_the_route_is_mended(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    record(sakimori, "alice")
    places.http.slack.fail_next("chat.postMessage", "channel_not_found")
    assert sakimori("notify", "send").out == "Sent 0; 0 will be tried again; 1 given up.\n"
    assert "sakimori notify send --again" in sakimori("notify", "status").out
    assert sakimori("notify", "send").out.startswith("Sent 0;")
    assert sakimori("notify", "send", "--again").out.startswith("Sent 1;")
    assert sakimori("notify", "send", "--again").out.startswith("Sent 0;")


def test_a_route_that_is_still_there_is_not_forgotten(sakimori: Sakimori, places: Places) -> None:
    sakimori("notify", *places.bot)
    done = sakimori("notify", "forget", "slack")
    assert done.code == 2
    assert "Take it out there first" in done.err


@pytest.mark.parametrize(("lang", "words"), [("en", "another process"), ("ja", "別のプロセス")])
def test_whoever_had_no_turn_says_so_and_counts_nothing(
    lang: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """ "0 sent" would read as if there had been nothing to tell."""
    monkeypatch.setenv("SAKIMORI_LANG", lang)
    with open_store(tmp_path / "state.db") as store:
        say_delivered(Notifier(store, tmp_path, Settings(), utc_now), Delivered(had_turn=False), err=True)
    out, err = capsys.readouterr()
    assert not out
    assert words in err.lower()
    assert err.count("\n") == 1
