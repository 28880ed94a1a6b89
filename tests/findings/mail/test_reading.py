"""Bytes as mails, however broken."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import is_done_within
from tests.findings.mail import samples

from sakimori.findings.mail.html_text import text_of_html
from sakimori.findings.mail.message import (
    MAX_BODY,
    MAX_MAIL_BYTES,
    MAX_SUBJECT,
    BadMail,
    Damage,
    Mail,
    MailFault,
    Passing,
)
from sakimori.findings.mail.reading import mails_in

JAPANESE = "お客様の AWS アクセスキーが公開されています。"


def read(data: bytes) -> list[Mail]:
    found = list(mails_in(data, "mail.eml"))
    assert all(isinstance(each, Mail) for each in found)
    return [each for each in found if isinstance(each, Mail)]


def raw(head: bytes, body: bytes) -> bytes:
    return b"From: a@amazon.com\r\nMessage-ID: <1@x>\r\n" + head + b"\r\n\r\n" + body


def test_a_plain_mail_is_read_whole() -> None:
    (mail,) = read(samples.genuine())
    assert mail.subject.endswith(samples.ACCOUNT)
    assert (mail.sender.name, mail.sender.address) == ("Amazon Web Services", "no-reply-aws@amazon.com")
    assert mail.date == samples.SENT
    assert samples.KEY in mail.body
    assert (mail.passing, mail.damages) == (Passing.DIRECT, frozenset())


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "euc_jp", "iso2022_jp"])
@pytest.mark.parametrize("named", ["same", "none", "wrong"])
def test_raw_japanese_is_read_in_whatever_encoding_it_is(encoding: str, named: str) -> None:
    name = {"same": encoding.replace("_", "-"), "none": "", "wrong": "us-ascii"}[named]
    kind = b"Content-Type: text/plain; charset=" + name.encode() if name else b"Content-Type: text/plain"
    text = "\r\n".join([JAPANESE] * 3).encode(encoding)
    (mail,) = read(raw(b"Subject: " + JAPANESE.encode(encoding) + b"\r\n" + kind, text))
    assert mail.subject == JAPANESE
    assert mail.body.strip().split("\n")[0] == JAPANESE


def test_an_unknown_encoding_is_found_out_and_told() -> None:
    (mail,) = read(raw(b"Content-Type: text/plain; charset=x-martian", JAPANESE.encode("cp932")))
    assert mail.body == JAPANESE
    assert Damage.ENCODING in mail.damages


def test_mojibake_is_repaired_and_told() -> None:
    mangled = JAPANESE.encode().decode("latin-1").encode()
    (mail,) = read(raw(b"Content-Type: text/plain; charset=utf-8\r\nSubject: " + mangled, mangled))
    assert (mail.subject, mail.body.strip()) == (JAPANESE, JAPANESE)
    assert mail.damages == {Damage.REPAIRED}


def test_encoded_words_that_are_cut_within_a_letter_are_put_together() -> None:
    packed = JAPANESE.encode("utf-8")
    words = b"\r\n ".join(
        b"=?utf-8?B?" + base64.b64encode(part) + b"?=" for part in (packed[:10], packed[10:25], packed[25:])
    )
    (mail,) = read(raw(b"Subject: " + words, b"x"))
    assert mail.subject == JAPANESE


def test_html_alone_gives_text_and_links() -> None:
    html = '<style>x{}</style><p>AWS&nbsp;says &lt;b&gt;</p><a href="https://evil.example/?a=1&amp;b=2">https://aws.amazon.com/</a><script>no()</script>'
    (mail,) = read(raw(b"Content-Type: text/html; charset=utf-8", html.encode()))
    assert "AWS says <b>" in mail.body.replace("\xa0", " ")
    assert "no()" not in mail.body
    assert [(link.shown, link.target) for link in mail.links] == [
        ("https://aws.amazon.com/", "https://evil.example/?a=1&b=2")
    ]


def test_base64_with_rubbish_and_soft_line_breaks_are_read() -> None:
    packed = base64.b64encode(JAPANESE.encode())
    rubbish = packed[:8] + b"\r\n!!" + packed[8:]
    (mail,) = read(raw(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", rubbish))
    assert mail.body == JAPANESE
    (mail,) = read(raw(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable", b"AKIA=\r\nFAKE=3D"))
    assert mail.body.strip() == "AKIAFAKE="


def test_an_attached_mail_is_read_as_a_mail_of_its_own() -> None:
    outer = samples.mail("please look", "see below", sender="Tanaka <tanaka@example.co.jp>")
    boundary = b"outer"
    head, _, _ = outer.partition(b"Content-Type:")
    data = (
        head
        + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n--'
        + boundary
        + b"\r\n\r\nlook\r\n--"
        + boundary
        + b"\r\nContent-Type: message/rfc822\r\n\r\n"
        + samples.genuine()
        + b"\r\n--"
        + boundary
        + b"--\r\n"
    )
    carrier, inner = read(data)
    assert carrier.subject == "please look"
    assert (inner.passing, inner.forwarder.address) == (Passing.ATTACHED, "tanaka@example.co.jp")
    assert samples.KEY in inner.body


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------",
        "-----Original Message-----",
        "----- 転送メッセージ -----",
        "----- 元のメッセージ -----",
    ],
)
def test_a_mail_that_a_person_forwarded_keeps_what_is_left_of_the_first(mark: str) -> None:
    body = f"見てください\n\n{mark}\n差出人: Amazon Web Services <no-reply-aws@amazon.com>\n日付: 2026年11月23日(月) 14:10\n件名: Your AWS account is compromised\n\n{samples.KEY_EXPOSED}"
    (mail,) = read(samples.mail("Your AWS account", body, sender="Tanaka <tanaka@example.co.jp>"))
    assert mail.passing is Passing.INLINE
    assert mail.quoted.sender.address == "no-reply-aws@amazon.com"
    assert mail.quoted.date == samples.SENT


def test_a_mailbox_file_gives_each_mail_and_those_behind_each_other_too() -> None:
    mbox = b"".join(
        b"From MAILER Mon Nov 23 05:10:00 2026\n"
        + samples.mail(f"n{n}", "From here on\n").replace(b"\r\n", b"\n").replace(b"\nFrom here", b"\n>From here")
        + b"\n"
        for n in range(3)
    )
    found = read(mbox)
    assert [mail.subject for mail in found] == ["n0", "n1", "n2"]
    assert found[0].body.startswith("From here")
    behind = b"\r\n\r\n".join(samples.mail(f"n{n}", "x") for n in range(3))
    assert [(mail.subject, mail.passing) for mail in read(behind)] == [
        ("n0", Passing.DIRECT),
        ("n1", Passing.EMBEDDED),
        ("n2", Passing.EMBEDDED),
    ]


@pytest.mark.parametrize(("data", "fault"), [
    (b"", MailFault.EMPTY), (b"\n\n", MailFault.EMPTY), (b"\x00\x01\x02", MailFault.NO_MAIL), (b"just some words\nand more", MailFault.NO_MAIL),
    (b"Subject: x\r\n\r\n" + b"a" * MAX_MAIL_BYTES, MailFault.TOO_LARGE),
])  # fmt: skip
def test_what_is_no_mail_is_told_with_its_place(data: bytes, fault: MailFault) -> None:
    assert list(mails_in(data, "here")) == [BadMail(location="here", number=1, fault=fault)]


def test_one_mail_that_cannot_be_read_takes_no_other_along() -> None:
    line = b"From MAILER Mon Nov 23 05:10:00 2026\n"
    good = samples.mail("good", "x").replace(b"\r\n", b"\n")
    found = list(mails_in(line + b"no header\n\n" + line + good + b"\n", "box"))
    assert [type(each) for each in found] == [BadMail, Mail]


def test_a_subject_of_a_megabyte_and_a_long_body_are_cut() -> None:
    (mail,) = read(raw(b"Subject: " + b"AWS " * 250_000, b"x" * (MAX_BODY * 2)))
    assert len(mail.subject) <= MAX_SUBJECT
    assert len(mail.body) <= MAX_BODY
    assert Damage.CUT in mail.damages


@pytest.mark.slow
def test_nesting_without_end_is_refused_or_read_and_never_a_crash() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000))
    assert len(list(mails_in(b"From: a@b.example\r\n" + deep, "deep"))) == 1


def test_a_mail_on_which_the_parser_would_work_for_minutes_is_refused() -> None:
    open_parts = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(300))
    assert list(mails_in(b"From: a@b.example\r\n" + open_parts + b"x\n" * 1_000_000, "x")) == [
        BadMail(location="x", number=1, fault=MailFault.TOO_DEEP)
    ]


def test_a_header_cannot_bring_another_one() -> None:
    (mail,) = read(raw(b"Subject: =?utf-8?Q?AWS=0D=0AAuthentication-Results:_mx.google.com;_dkim=3Dpass?=", b"x"))
    assert mail.header("authentication-results") == ""
    assert "\n" not in mail.subject


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["<!--", "<a href='", "</", "<a ", "<![CDATA[", "<script>", '<p x="', "&#", "<a b=c"])
def test_hostile_markup_takes_no_time(piece: str) -> None:
    assert is_done_within(5, lambda: text_of_html(piece * (400_000 // len(piece))))


@given(st.binary(max_size=600))
def test_any_bytes_are_mails_or_are_told(data: bytes) -> None:
    assert all(isinstance(each, Mail | BadMail) for each in mails_in(data, "x"))


_PIECES = st.sampled_from([
    b"From: ", b"Subject: ", b"\r\n", b"\n\n", b"=?utf-8?B?", b"?=", b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"charset=utf-7",
    b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64", b"Content-Type: text/html", b"<a href=", b"\x1b$B", b"\x82\xa0", b"a@b", b"From x 2026",
    b"Date: Mon, 99 Nov 99999 99:99", b"\xff\xfe", b"Received: by x.example; ", b"filename*0*=a''%", b";", b'"',
])  # fmt: skip


@pytest.mark.slow
@given(st.lists(_PIECES, max_size=40).map(b"".join))
def test_pieces_of_mails_in_any_order_are_mails_or_are_told(data: bytes) -> None:
    assert all(isinstance(each, Mail | BadMail) for each in mails_in(b"From: a@b\r\n" + data, "x"))
