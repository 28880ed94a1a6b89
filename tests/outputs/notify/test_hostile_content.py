"""What an outsider wrote goes through every channel, and no channel tells a secret."""

import base64
import email.policy
import json
import logging
from collections.abc import Callable, Mapping
from email import message_from_bytes
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.app.clock import utc_now
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind, Severity
from sakimori.outputs.notify.apprise_urls import AppriseUrl
from sakimori.outputs.notify.channel import Attempt, Channel, DeliveryError
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.mail_address import mail_address
from sakimori.outputs.notify.mail_form import MailPlace, mail_bytes
from sakimori.outputs.notify.message import Message, MessageKind, Step
from sakimori.outputs.notify.plain_json import as_bytes
from sakimori.outputs.notify.slack_blocks import slack_message
from sakimori.outputs.notify.slack_bot import SlackBot
from sakimori.outputs.notify.slack_webhook import SlackWebhook
from sakimori.outputs.notify.smtp import Mail, MailSecurity, MailServer
from sakimori.outputs.notify.sns import SnsTopic
from sakimori.outputs.notify.text_form import text_form
from sakimori.outputs.notify.webhook import Webhook, notification

from .conftest import message
from .sinks import CHANNEL, TOKEN, Answer, HttpSink, SmtpSink, wrong_blocks

# apprise's own: it loads all of its plugins, and one of them a module that Python 3.13 lacks.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

HOSTILE = (
    "<!channel> <!here> <!everyone> <@U1> <https://evil.example|AWS console>",
    "@here @channel @everyone *bold* _it_ ~no~ `code` :bomb:",
    "<script>alert(1)</script></style></title><img src=x onerror=1>",
    "a\r\nBcc: victim@example.com\r\n\r\nbody",
    "\u202eevil\u202c \u2066x\u2069 \u200fy",
    "nul\x00 esc\x1b[31m bell\x07 \x85 \u2028 \u2029",
    "\ud800 lone \udfff",
    "x" * 1_000_000,
    "🔑👨‍👩‍👧🟥",
    "ﾊﾝｶｸｶﾅ",
    "=?utf-8?q?=0d=0aBcc:=20x?=",
    "{0.__class__} {{x}} %s %(x)s",
    "&lt;!channel&gt; &amp;",
    ".\r\n.\r\nQUIT",
)
PLACE = MailPlace(sender=mail_address("防人 <s@example.com>"), recipients=(mail_address("a@example.com"),))
FORBIDDEN = ("\u202e", "\u2066", "\u200f", "\x00", "\x1b", "\x07", "\u2028", "\ud800")


def filled(text: str, **changes: Any) -> Message:
    everywhere: dict[str, Any] = {
        "headline": text, "case": text, "account": text, "account_name": text, "lines": (text,) * 3,
        "steps": (Step(text=text, command=text),), "entries": (text,) * 3, "footer": text, "data": {text: [text]},
    }  # fmt: skip
    return message(**(everywhere | changes))


def slack_texts(payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    blocks = [*payload["blocks"], *payload["attachments"][0]["blocks"]]
    return [each for block in blocks for each in (block.get("elements") or [block["text"]])]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def check_slack(made: Message) -> None:
    payload = slack_message(made)
    assert wrong_blocks(payload) == ""
    sent = as_bytes(payload)
    assert json.loads(sent) == payload
    assert len(sent) < 1_000_000
    for each in slack_texts(payload):
        if each["type"] == "mrkdwn":
            assert each == {"type": "mrkdwn", "text": "<!here>", "verbatim": True}
        else:
            assert not {"<", ">"} & set(each["text"])
            assert each["emoji"] is False
    assert not {"<", ">"} & set(payload["text"] + payload["attachments"][0]["fallback"])


def check_mail(made: Message, charset: str = "utf-8") -> None:
    place = MailPlace(sender=PLACE.sender, recipients=PLACE.recipients, charset=charset)
    content = mail_bytes(made, place, "<root@example.com>")
    assert content.isascii()
    read: Any = message_from_bytes(content, policy=email.policy.default)
    assert {name.lower() for name in read} <= {
        "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "in-reply-to", "references",
        "list-id", "auto-submitted", "x-auto-response-suppress", "importance",
    }  # fmt: skip
    assert len(list(read)) == len(set(read))
    assert "\n" not in read["Subject"]
    text, page = read.iter_parts()
    tags = Tags()
    tags.feed(page.get_content())
    assert tags.tags <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "ol", "li", "br", "code"}
    assert tags.attributes <= {
        "lang",
        "charset",
        "name",
        "content",
        "style",
        "role",
        "cellpadding",
        "cellspacing",
        "border",
    }
    for sent in (text.get_content(), page.get_content(), read["Subject"]):
        assert not any(character in sent for character in FORBIDDEN)


def check_json(made: Message) -> None:
    sent = as_bytes(notification(made))
    assert len(sent) < 1_000_000
    assert "\ud800" not in sent.decode("utf-8")
    assert json.loads(sent)["schema"] == "sakimori.notification/1"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    for kind in MessageKind:
        made = filled(text, kind=kind)
        check_slack(made)
        check_json(made)
    for charset in ("utf-8", "iso-2022-jp"):
        check_mail(filled(text), charset)
    assert not any(character in text_form(filled(text)) for character in FORBIDDEN)
    assert len(text_form(filled("x", lines=(text,) * 1000, entries=(text,) * 1000))) < 100_000


ANY = st.text(st.characters(codec=None), max_size=200)


@pytest.mark.slow
@given(
    text=ANY,
    severity=st.sampled_from(Severity),
    kind=st.sampled_from(MessageKind),
    language=st.sampled_from(["en", "ja"]),
)
def test_any_text_makes_payloads_within_the_limits(
    text: str, severity: Severity, kind: MessageKind, language: Any
) -> None:
    made = filled(text, severity=severity, kind=kind, language=language)
    check_slack(made)
    check_json(made)
    check_mail(made)
    check_mail(made, "iso-2022-jp")


@pytest.mark.slow
@given(entries=st.lists(ANY, max_size=150), repeat=st.integers(1, 40))
def test_any_number_of_entries_keeps_within_the_limits(entries: list[str], repeat: int) -> None:
    made = filled("x", entries=tuple(entry * repeat for entry in entries), lines=tuple(entries))
    assert wrong_blocks(slack_message(made)) == ""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_arrives_at_every_place_once(text: str, sink: HttpSink, mail_sink: SmtpSink) -> None:
    asked: list[Mapping[str, Any]] = []

    def door(_operation: str, _region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        asked.append(parameters)
        return {"MessageId": "m"}

    for channel in channels(sink, mail_sink, door):
        channel.send(Attempt(message=filled(text, made_at=utc_now())))
    assert len(sink.taken) == 3
    assert len(sink.slack.messages) == 1
    [envelope] = mail_sink.mails
    assert envelope.recipients == ("a@example.com",)
    subject = asked[0]["Subject"]
    assert len(subject) < 100
    assert subject.replace("\u200d", "").isprintable()
    assert len(asked[0]["Message"].encode()) < 262_144


# -- secrets --------------------------------------------------------------------------------

PATH = "T0/B0/" + "fake" * 6
PASSWORD = "fake" + "-password"
SIGNING = "whsec_" + base64.b64encode(b"fake-signing-secret-of-the-tests").decode()
SECRETS = (PATH, TOKEN, PASSWORD, SIGNING, SIGNING.removeprefix("whsec_"), "fake-signing-secret")


def channels(sink: HttpSink, mail_sink: SmtpSink, door: Callable[..., Any], password: str = "") -> tuple[Channel, ...]:
    server = MailServer(
        host="127.0.0.1", port=mail_sink.port, security=MailSecurity.PLAIN, user="bot", timeout_seconds=5
    )
    return (
        SlackWebhook(Secret(f"{sink.url}/services/{PATH}")),
        SlackBot(Secret(TOKEN), CHANNEL, base_url=sink.api_url),
        Webhook(Secret(f"{sink.url}/hook/{PATH}?key={PATH}"), Secret(SIGNING), now=utc_now),
        Mail(server, PLACE, Secret(password) if password else None),
        SnsTopic("arn:aws:sns:us-east-1:123456789012:alerts", door),
        AppriseUrl(Secret(sink.url.replace("http://", f"json://user:{PASSWORD}@") + f"/hook/{PATH}")),
    )


def told(error: BaseException | None) -> str:
    """All that a traceback would show."""
    parts: list[str] = []
    while error is not None:
        parts.append(f"{error!r} {error} {vars(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " ".join(parts)


@pytest.mark.parametrize("answer", ["fine", "echo", "hang up"])
def test_no_channel_tells_its_secret(
    answer: str, sink: HttpSink, mail_sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    def door(*_: Any) -> Mapping[str, Any]:
        if answer == "fine":
            return {"MessageId": "m"}
        raise Refusal(call="sns:Publish", kind=GapKind.REFUSED, code="InvalidParameter", message="words")

    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "apprise"):
        caplog.set_level(logging.DEBUG, logger=name)
    mail_sink.password = PASSWORD if answer == "fine" else PASSWORD + "x"
    if answer != "fine":
        everything = " ".join(SECRETS)
        said = Answer(status=400, body=everything, headers={"X": everything, "Retry-After": everything})
        sink.answer_next("/", *[said if answer == "echo" else Answer(hangs_up=True)] * 20)
    for channel in channels(sink, mail_sink, door, PASSWORD):
        shown = f"{channel!r} {channel}"
        try:
            shown += channel.send(Attempt(message=message(made_at=utc_now())))
        except DeliveryError as error:
            shown += told(error)
            assert answer != "fine", shown
        else:
            assert answer == "fine", channel
        assert not [secret for secret in SECRETS if secret in shown], shown
        logged = " ".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
        assert not [secret for secret in SECRETS if secret in logged], logged
