"""From the settings of a route to what sends: every kind, and every setting that is wrong."""

from pathlib import Path
from typing import Any

import pytest

from sakimori.app.clock import utc_now
from sakimori.model.errors import UsageError
from sakimori.outputs.notify.apprise_urls import AppriseUrl
from sakimori.outputs.notify.channel import Attempt, Channel
from sakimori.outputs.notify.channels import Surroundings, open_channel
from sakimori.outputs.notify.slack_bot import SlackBot
from sakimori.outputs.notify.slack_webhook import SlackWebhook
from sakimori.outputs.notify.smtp import Mail
from sakimori.outputs.notify.sns import SnsTopic
from sakimori.outputs.notify.webhook import Webhook
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say_error

from .conftest import message
from .newsroom import routes
from .sinks import CHANNEL, TOKEN, HttpSink, SmtpSink

SIGNING = "whsec_" + "ZmFrZWZha2VmYWtlZmFrZWZha2VmYWtl"
POST: dict[str, Any] = {"kind": "mail", "host": "127.0.0.1", "security": "plain", "from": "sakimori <a@example.com>", "to": "b@example.com"}  # fmt: skip


def opened(base: Path, **entry: Any) -> Channel:
    (route,) = routes(entry)
    calls: list[object] = []
    around = Surroundings(base=base, now=utc_now, topic_call=lambda asked: lambda *_, **__: calls.append(asked))
    return open_channel(route, around)


def refused(base: Path, **entry: Any) -> str:
    with pytest.raises(UsageError) as caught:
        opened(base, **entry)
    assert all(say_error(caught.value, language) for language in LANGUAGES)
    return say_error(caught.value, "en")


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_TOKEN", TOKEN)
    monkeypatch.setenv("FAKE_SECRET", SIGNING)


def test_slack_by_webhook(sink: HttpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_URL", f"{sink.url}/services/T/B/x")
    channel = opened(tmp_path, kind="slack", webhook="env:FAKE_URL")
    assert isinstance(channel, SlackWebhook)
    channel.send(Attempt(message=message()))
    assert len(sink.taken) == 1


def test_slack_by_bot(sink: HttpSink, tmp_path: Path) -> None:
    channel = opened(tmp_path, kind="slack", token="env:FAKE_TOKEN", channel=CHANNEL, api=sink.api_url)  # noqa: S106
    assert isinstance(channel, SlackBot)
    channel.send(Attempt(message=message()))
    assert len(sink.slack.messages) == 1


def test_mail_with_its_password_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("fake-password\n")
    (tmp_path / "smtp").chmod(0o600)
    with SmtpSink(password="") as taking:
        channel = opened(tmp_path, **POST, port=taking.port)
        assert isinstance(channel, Mail)
        channel.send(Attempt(message=message()))
    assert taking.mails[0].recipients == ("b@example.com",)
    assert isinstance(opened(tmp_path, **POST, user="a", password="file:smtp"), Mail)  # noqa: S106


def test_webhook_with_its_signature(sink: HttpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_URL", f"{sink.url}/hook")
    channel = opened(tmp_path, kind="webhook", url="env:FAKE_URL", secret="env:FAKE_SECRET")  # noqa: S106
    assert isinstance(channel, Webhook)
    channel.send(Attempt(message=message()))
    assert sink.taken[0].headers["webhook-signature"].startswith("v1,")


def test_topic_and_apprise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_URL", "json://127.0.0.1:9/x")
    assert isinstance(opened(tmp_path, kind="sns", topic="arn:aws:sns:ap-northeast-1:111122223333:a"), SnsTopic)
    assert isinstance(opened(tmp_path, kind="apprise", url="env:FAKE_URL"), AppriseUrl)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"kind": "slack", "webhook": 5}, "webhook"),
        ({"kind": "slack", "webhook": ""}, "webhook"),
        ({"kind": "slack", "token": "env:FAKE_TOKEN", "channel": 5}, "channel"),
        ({"kind": "slack", "token": "env:FAKE_TOKEN", "channel": "#alerts"}, "#alerts"),
        (POST | {"security": "none"}, "security"),
        (POST | {"security": "plain", "host": "smtp.example.com"}, "smtp.example.com"),
        (POST | {"port": 0}, "port"),
        (POST | {"port": 70_000}, "port"),
        (POST | {"port": True}, "port"),
        (POST | {"port": "587"}, "port"),
        (POST | {"to": []}, "recipient"),
        (POST | {"to": "nobody"}, "nobody"),
        (POST | {"to": [5]}, "5"),
        (POST | {"from": ""}, "from"),
        (POST | {"host": 5}, "host"),
        (POST | {"charset": 5}, "charset"),
        ({"kind": "webhook", "url": "env:NOT_THERE", "secret": "env:FAKE_SECRET"}, "env:NOT_THERE"),
        ({"kind": "sns", "topic": "security"}, "security"),
        ({"kind": "sns", "topic": 5}, "topic"),
    ],
)
def test_setting_that_is_wrong_is_told(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    assert words in refused(tmp_path, **entry)


@pytest.mark.parametrize("key", ["webhook", "token", "url", "secret", "password"])
def test_secret_that_stands_in_the_file_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    literal = "https://hooks.example.com/" + "FAKE" * 3
    kinds: dict[str, dict[str, Any]] = {
        "webhook": {"kind": "slack"},
        "token": {"kind": "slack", "channel": CHANNEL},
        "url": {"kind": "apprise"},
        "secret": {"kind": "webhook", "url": "env:FAKE_TOKEN"},
        "password": POST | {"user": "a"},
    }
    told = refused(tmp_path, **(kinds[key] | {key: literal}))
    assert "env:NAME" in told
    assert "FAKE" not in told
