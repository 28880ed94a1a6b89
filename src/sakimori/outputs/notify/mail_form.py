"""A message as a mail: headers that cannot be broken out of, and the same text plain and as HTML."""

import hashlib
from dataclasses import dataclass
from datetime import UTC
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from typing import Final

from sakimori.model.words import Severity
from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.mail_address import MailAddress
from sakimori.outputs.notify.mail_html import mail_html
from sakimori.outputs.notify.message import Message, MessageKind
from sakimori.texts.sentences import say

UTF_8: Final = "utf-8"
ISO_2022_JP: Final = "iso-2022-jp"
CHARSETS: Final = (UTF_8, ISO_2022_JP)

_PRIORITIES: Final = {Severity.CRITICAL: "P1", Severity.HIGH: "P2", Severity.MEDIUM: "P3"}
_JIS: Final = str.maketrans({"–": "-", "—": "―", "～": "〜", "－": "−", "•": "・", "①": "1", "\u00a0": " "})
_WIRE: Final = compat32.clone(linesep="\r\n")
_WITH_KIND: Final = frozenset(
    {MessageKind.UPDATE, MessageKind.CLOSED, MessageKind.ESCALATION, MessageKind.TEST}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPlace:
    """From whom and to whom, and how it is written.

    `charset` is `utf-8`, or `iso-2022-jp` for readers that know nothing else: a text with a character that it lacks is
    then sent as UTF-8 all the same.
    """

    sender: MailAddress
    recipients: tuple[MailAddress, ...]
    charset: str = UTF_8
    list_id: str = "sakimori"


def message_id(key: str, place: MailPlace) -> str:
    """The Message-ID of the message with `key`: the same in every try, so that a mail program shows it once."""
    return f"<{_token(key)}@{place.sender.domain}>"


def mail_bytes(message: Message, place: MailPlace, thread: str = "") -> bytes:
    """The mail with lines ended by CRLF. `thread` is the Message-ID of the first mail of the case, "" in that one."""
    charset = place.charset
    plain = _plain(text_form.text_form(message, icon=charset == UTF_8), charset)
    page = mail_html(message)
    # The same bytes in every try, and nothing that a text could hold: it would have to hold its own digest.
    mail = MIMEMultipart("alternative", boundary=f"=_{hashlib.sha256(f'{plain}{page}'.encode()).hexdigest()[:32]}")
    mail["Subject"] = _header("Subject", mail_subject(message), charset)
    mail["From"] = _address(place.sender, charset)
    mail["To"] = ",\n ".join(_address(recipient, charset) for recipient in place.recipients)
    # A time of the message and not of the try: a mail that arrives late says since when.
    mail["Date"] = format_datetime(message.made_at.astimezone(UTC))
    mail["Message-ID"] = message_id(message.key, place)
    root = _thread(thread)
    if root:
        mail["In-Reply-To"] = root
        mail["References"] = root
    mail["List-Id"] = f"<{_token(place.list_id) or 'sakimori'}.{place.sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if message.severity is Severity.CRITICAL:
        mail["Importance"] = "high"
    mail.attach(_part(plain, "plain", charset if _fits(plain, charset) else UTF_8))
    mail.attach(_part(page, "html", UTF_8))
    return mail.as_bytes(policy=_WIRE)


def mail_subject(message: Message) -> str:
    """`[sakimori][P1][prod-web] …`: what filters of mail programs can go by, then what happened."""
    where = text_form.one_line(message.account_name or message.account, 60)
    marks = ["sakimori", _PRIORITIES.get(message.severity, "P4"), *([where] if where else [])]
    kind = say(f"notify_channels.kind_{message.kind}", message.language) if message.kind in _WITH_KIND else ""
    told = f"{kind}: {text_form.subject(message)}" if kind else text_form.subject(message)
    return f"{''.join(f'[{mark}]' for mark in marks)} {told}".strip()


def _header(name: str, text: str, charset: str) -> str:
    text = _plain(text, charset)
    if text.isascii() and "=?" not in text:
        return Header(text, _charset("us-ascii"), header_name=name, maxlinelen=76).encode()
    # Words that already look encoded are encoded once more, and so stay what they are.
    return Header(text, _charset(charset if _fits(text, charset) else UTF_8), header_name=name, maxlinelen=76).encode()


def _part(text: str, kind: str, charset: str) -> MIMEText:
    return MIMEText(text, kind, _charset(charset))  # type: ignore[arg-type] - takes a Charset too


def _charset(name: str) -> Charset:
    """`name` encoded in our way: Python's list of charsets is the process's, and other libraries change it."""
    charset = Charset(name)
    if name == UTF_8:
        charset.header_encoding, charset.body_encoding = BASE64, BASE64
    if name == ISO_2022_JP:
        charset.header_encoding = BASE64
        charset.body_encoding = None  # pyright: ignore[reportAttributeAccessIssue] - Python's own value for "as it is"
    return charset


def _address(address: MailAddress, charset: str) -> str:
    if not address.name:
        return address.address
    if address.name.isascii() and "=?" not in address.name:
        quoted = address.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address.address}>'
    name = Header(address.name, _charset(charset if _fits(address.name, charset) else UTF_8), maxlinelen=60)
    return f"{name.encode()} <{address.address}>"


def _plain(text: str, charset: str) -> str:
    """`text` with signs that JIS has another code for, or another sign, in its own."""
    return text if charset == UTF_8 else text.translate(_JIS)


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    # RFC 5322, 2.1.1: this charset is sent as it is, and a line has at most 998 bytes.
    return charset == UTF_8 or all(len(line.encode(charset)) <= 998 for line in text.splitlines())  # noqa: PLR2004


def _token(text: str) -> str:
    return "".join(character for character in text if character.isascii() and (character.isalnum() or character in "-_"))[:100]  # fmt: skip


def _thread(reference: str) -> str:
    """A Message-ID that we gave, "" for anything else."""
    inner = reference.removeprefix("<").removesuffix(">")
    is_ours = reference.startswith("<") and reference.endswith(">") and "@" in inner and len(inner) < 300  # noqa: PLR2004
    return reference if is_ours and all("!" <= each <= "~" and each not in "<>" for each in inner) else ""
