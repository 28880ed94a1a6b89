import email.charset
import email.policy
import socket
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from tests.certificates import certificate

from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.mail_address import mail_address
from sakimori.outputs.notify.mail_form import MailPlace, mail_bytes, mail_subject
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.smtp import Mail, MailSecurity, MailServer

from .conftest import KEY, message
from .sinks import SmtpSink
from .test_slack_blocks import ENGLISH, JAPANESE

PASSWORD = "fake" + "-password"


def place(**changes: Any) -> MailPlace:
    given: dict[str, Any] = {
        "sender": mail_address("防人 <sakimori@example.co.jp>"),
        "recipients": (mail_address("田中 太郎 <tanaka@example.co.jp>"), mail_address("soc@example.co.jp")),
    }
    return MailPlace(**(given | changes))


def read(content: bytes) -> EmailMessage:
    read = message_from_bytes(content, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert read.defects == []
    return read


def parts(content: bytes) -> tuple[str, str]:
    text, page = read(content).iter_parts()
    return str(text.get_content()).replace("\r\n", "\n"), str(page.get_content())


def mail(sink: SmtpSink, security: str = "plain", password: str = "", **changes: Any) -> Mail:
    server = MailServer(
        host="127.0.0.1",
        port=sink.port,
        security=MailSecurity(security),
        user="bot" if password else "",
        timeout_seconds=5,
    )
    return Mail(server, place(**changes), Secret(password) if password else None)


def failure(channel: Mail) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(Attempt(message=message()))
    return caught.value


# -- the form ---------------------------------------------------------------------------------


def test_headers_are_those_of_a_machines_thread() -> None:
    made = read(mail_bytes(message(language="ja", kind=MessageKind.UPDATE), place(), "<root@example.co.jp>"))
    assert {name: str(made[name]) for name in made} == {
        "Content-Type": made["Content-Type"],
        "MIME-Version": "1.0",
        "Subject": "[sakimori][P1][prod-web] 続報: 漏洩したアクセスキーの不正使用を検知",
        "From": "防人 <sakimori@example.co.jp>",
        "To": "田中 太郎 <tanaka@example.co.jp>, soc@example.co.jp",
        "Date": "Sun, 22 Nov 2026 17:40:00 +0000",
        "Message-ID": f"<{KEY}@example.co.jp>",
        "In-Reply-To": "<root@example.co.jp>",
        "References": "<root@example.co.jp>",
        "List-Id": "<sakimori.example.co.jp>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Importance": "high",
    }


@pytest.mark.parametrize(("language", "text"), [("ja", JAPANESE), ("en", ENGLISH)])
def test_mail_says_what_slack_says(language: str, text: str) -> None:
    plain, page = parts(mail_bytes(message(language=language), place()))
    assert plain == text
    for line in text.splitlines()[1:]:
        assert line.strip().removeprefix("1. ").removeprefix("2. ") in page


def test_page_is_this_one() -> None:
    _, page = parts(mail_bytes(message(steps=(), lines=("41 services",)), place()))
    assert (
        page
        == """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark"><title>🟥 CRITICAL | A leaked access key is being used | acct 1234-5678-9012 (prod-web) | SKM-20261123-01</title></head>
<body style="margin:0;padding:16px;background-color:#ffffff;color:#16191f">
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;max-width:720px">
<tr><td style="width:6px;background-color:#7B001C"></td>
<td style="padding:4px 16px;font-family:'Hiragino Sans','Noto Sans JP',Meiryo,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.6;color:#16191f;overflow-wrap:anywhere">
<p style="margin:0;font-size:18px;font-weight:bold">🟥 CRITICAL | A leaked access key is being used</p>
<p style="margin:0 0 12px;color:#545b64">acct 1234-5678-9012 (prod-web) | SKM-20261123-01</p>
<p style="margin:0 0 4px">41 services</p>
<p style="margin:12px 0 0;font-weight:bold">Due: 2026-11-23 17:10 UTC</p>
<p style="margin:16px 0 0;font-size:13px;color:#545b64">Based on: R-shape-01 | 17 of 17 regions</p>
</td></tr></table></body></html>
"""
    )


def test_same_message_is_the_same_mail() -> None:
    assert mail_bytes(message(), place()) == mail_bytes(message(), place())


def test_another_library_that_changes_pythons_charsets_changes_no_mail() -> None:
    before = [mail_bytes(message(language="ja"), place(charset=name)) for name in ("utf-8", "iso-2022-jp")]
    kept = {name: email.charset.CHARSETS[name] for name in ("utf-8", "iso-2022-jp")}
    try:
        for name in kept:
            email.charset.add_charset(name, email.charset.QP, email.charset.QP, name)
        after = [mail_bytes(message(language="ja"), place(charset=name)) for name in ("utf-8", "iso-2022-jp")]
    finally:
        email.charset.CHARSETS.update(kept)
    assert before == after


def test_priority_follows_severity() -> None:
    found = [mail_subject(message(severity=severity))[:14] for severity in Severity]
    assert found == ["[sakimori][P1]", "[sakimori][P2]", "[sakimori][P3]", "[sakimori][P4]", "[sakimori][P4]"]


def test_old_charset_is_used_where_it_can_be() -> None:
    content = mail_bytes(message(language="ja"), place(charset="iso-2022-jp"))
    assert b"=?iso-2022-jp?" in content
    assert b'charset="iso-2022-jp"' in content
    plain, _ = parts(content)
    assert plain == JAPANESE.removeprefix("🟥 ").replace("–", "-")
    assert str(read(content)["To"]).startswith("田中 太郎")


@pytest.mark.parametrize("text", ["emoji 🔑", "半角 ｶﾅ", "한국어", "丸数字 ②"])
def test_character_that_the_old_charset_lacks_is_sent_as_utf_8(text: str) -> None:
    content = mail_bytes(message(headline=text), place(charset="iso-2022-jp"))
    assert str(read(content)["Subject"]).endswith(text)
    assert text in parts(content)[0]


def test_lines_are_short_and_of_seven_bits() -> None:
    long = message(language="ja", lines=("長い行" * 500,), headline="長い件名" * 100)
    for charset in ("utf-8", "iso-2022-jp"):
        content = mail_bytes(long, place(charset=charset))
        assert content.isascii()
        assert max(len(line) for line in content.split(b"\r\n")) <= 998
        assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("text", ["a", "a@", "@b", "a b@c.d", "a@b.c\r\nBcc: x@y.z", "A\r\nBcc: x <a@b.c>", "<a@b.c", "日本@例え.jp", "a@b.c, d@e.f", "a@-b", ""])  # fmt: skip
def test_address_that_cannot_be_sent_to_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        mail_address(text)


def test_names_that_look_like_headers_stay_names() -> None:
    tricky = mail_address('"=?utf-8?q?x?=, y" <a@b.c>')
    made = read(mail_bytes(message(), place(recipients=(tricky,))))
    assert [each.addr_spec for each in made["To"].addresses] == ["a@b.c"]
    assert made["To"].addresses[0].display_name == "=?utf-8?q?x?=, y"


# -- sending ----------------------------------------------------------------------------------


def test_one_envelope_brings_the_mail_to_all(mail_sink: SmtpSink) -> None:
    channel = mail(mail_sink)
    assert channel.send(Attempt(message=message())) == f"<{KEY}@example.co.jp>"
    [envelope] = mail_sink.mails
    assert envelope.sender == "sakimori@example.co.jp"
    assert envelope.recipients == ("tanaka@example.co.jp", "soc@example.co.jp")
    assert parts(envelope.content)[0] == ENGLISH
    assert channel.refused == ()


def test_recipient_that_is_refused_does_not_keep_it_from_the_others(mail_sink: SmtpSink) -> None:
    mail_sink.refuses["tanaka@example.co.jp"] = "550 left"
    channel = mail(mail_sink)
    channel.send(Attempt(message=message()))
    assert mail_sink.mails[0].recipients == ("soc@example.co.jp",)
    assert channel.refused == ("tanaka@example.co.jp",)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("550 a", "550 b", FailureKind.NEVER),
        ("550 a", "450 b", FailureKind.LATER),
        ("451 a", "450 b", FailureKind.LATER),
    ],
)
def test_mail_that_everybody_refuses_is_told(mail_sink: SmtpSink, first: str, second: str, kind: FailureKind) -> None:
    mail_sink.refuses = {"tanaka@example.co.jp": first, "soc@example.co.jp": second}
    error = failure(mail(mail_sink))
    assert (error.kind, error.reason, error.may_have_arrived) == (kind, f"127.0.0.1: {first}, {second}", False)


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("CONNECT", "421 busy", FailureKind.LATER),
        ("CONNECT", "554 blocked", FailureKind.NEVER),
        ("MAIL", "550 unknown sender", FailureKind.NEVER),
        ("MAIL", "451 try later", FailureKind.LATER),
        ("DATA", "554 no", FailureKind.NEVER),
        (".", "552 too large", FailureKind.NEVER),
        (".", "451 try later", FailureKind.LATER),
    ],
)
def test_code_says_whether_to_try_again(mail_sink: SmtpSink, command: str, answer: str, kind: FailureKind) -> None:
    mail_sink.answer_next(command, answer)
    error = failure(mail(mail_sink))
    assert (error.kind, error.may_have_arrived) == (kind, False)
    assert error.reason == f"127.0.0.1: {answer}"
    assert mail_sink.mails == []


def test_lost_answer_may_have_arrived_and_the_mail_sent_again_is_the_same(mail_sink: SmtpSink) -> None:
    mail_sink.answer_next(".", "cut")
    channel = mail(mail_sink)
    error = failure(channel)
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, True)
    channel.send(Attempt(message=message(), may_have_arrived=True))
    first, second = mail_sink.mails
    assert first.content == second.content


def test_goodbye_that_fails_does_not_undo_the_delivery(mail_sink: SmtpSink) -> None:
    mail_sink.answer_next("QUIT", "cut")
    mail(mail_sink).send(Attempt(message=message()))
    assert len(mail_sink.mails) == 1


def test_closed_port_is_tried_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failure(Mail(MailServer(host="127.0.0.1", port=port, security=MailSecurity.PLAIN), place()))
    assert (error.kind, error.reason, error.may_have_arrived) == (
        FailureKind.LATER,
        "127.0.0.1: ConnectionRefusedError",
        False,
    )


def test_mail_is_not_sent_in_the_clear_to_another_machine() -> None:
    with pytest.raises(UsageError):
        Mail(MailServer(host="mail.example.com", security=MailSecurity.PLAIN), place())
    with pytest.raises(UsageError):
        Mail(MailServer(host="mail.example.com"), place(recipients=()))
    with pytest.raises(UsageError):
        Mail(MailServer(host="mail.example.com"), place(charset="utf-7"))


@pytest.fixture
def secure(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_is_encrypted_and_signed_in_to_a_server_that_is_trusted(
    secure: tuple[Path, ssl.SSLContext], security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmtpSink(tls=secure[1], implicit=security == "tls", password=PASSWORD) as sink:
        untrusted = failure(mail(sink, security, PASSWORD))
        assert (untrusted.kind, untrusted.reason) == (FailureKind.NEVER, "127.0.0.1: SSLCertVerificationError")
        assert "AUTH" not in sink.commands
        monkeypatch.setenv("AWS_CA_BUNDLE", str(secure[0]))
        mail(sink, security, PASSWORD).send(Attempt(message=message()))
        [envelope] = sink.mails
        assert (envelope.encrypted, envelope.user) == (True, "bot")


def test_password_is_not_sent_to_a_server_without_encryption(
    secure: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(secure[0]))
    with SmtpSink(tls=secure[1], starttls=False, password=PASSWORD) as sink:
        error = failure(mail(sink, "starttls", PASSWORD))
        assert (error.kind, error.reason) == (
            FailureKind.NEVER,
            "127.0.0.1: SMTPNotSupportedError: STARTTLS extension not supported by server.",
        )
        assert "AUTH" not in sink.commands


def test_wrong_password_is_told_without_the_servers_words() -> None:
    with SmtpSink(password=PASSWORD + "-other") as sink:
        error = failure(mail(sink, "plain", PASSWORD))
    assert (error.kind, error.reason) == (FailureKind.NEVER, "127.0.0.1: 535 authentication refused")
