"""Bytes as mails: broken MIME, unknown encodings and foreign dates included. What cannot be read is told, and takes nothing else along."""

import email
import email.utils
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.policy import compat32
from typing import Final, cast

from sakimori.findings.mail.encoding import decoded, decoded_words
from sakimori.findings.mail.html_text import text_of_html
from sakimori.findings.mail.message import (
    MAX_ATTACHMENTS,
    MAX_BODY,
    MAX_HEADERS,
    MAX_LINKS,
    MAX_MAIL_BYTES,
    MAX_MAILS,
    MAX_SUBJECT,
    Address,
    BadMail,
    Damage,
    Link,
    Mail,
    MailFault,
    Passing,
)
from sakimori.findings.mail.mojibake import repair
from sakimori.findings.mail.pieces import mails_of
from sakimori.findings.mail.quoting import is_passed_on, quoted_in

_MAX_PARTS: Final = 200
_MAX_WORK: Final = 50_000_000
_MAX_MARKS: Final = 20_000
_MAX_ATTACHED: Final = 10
_HEADER: Final = 20_000
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_ADDRESS: Final = re.compile(r"<\s*([^<>\s]{1,320})\s*>\s*$")
_BARE: Final = re.compile(r"[^\s<>,;\"()]{1,254}@[^\s<>,;\"()]{1,254}")


def mails_in(data: bytes, location: str) -> Iterator[Mail | BadMail]:
    """The mails of a file, in order, with those that are attached to them, and those that could not be read."""
    is_any = False
    for number, (raw, is_embedded) in enumerate(mails_of(data), 1):
        is_any = True
        if number > MAX_MAILS:
            yield BadMail(location=location, number=number, fault=MailFault.TOO_LARGE)
            return
        yield from mail_of(raw, location, number, is_embedded=is_embedded)
    if not is_any:
        yield BadMail(location=location, number=1, fault=MailFault.EMPTY)


def mail_of(raw: bytes, location: str, number: int, *, is_embedded: bool = False) -> Iterator[Mail | BadMail]:
    """One mail, and after it those that are attached to it."""
    if len(raw) > MAX_MAIL_BYTES:
        yield BadMail(location=location, number=number, fault=MailFault.TOO_LARGE)
        return
    if _takes_too_long(raw):
        yield BadMail(location=location, number=number, fault=MailFault.TOO_DEEP)
        return
    try:
        message = email.message_from_bytes(raw, policy=compat32)
        mail, attached = _read(message)
    except RecursionError:
        yield BadMail(location=location, number=number, fault=MailFault.TOO_DEEP)
        return
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        # The parser of the standard library stumbles over some headers; which ones differs from version to version.
        yield BadMail(location=location, number=number, fault=MailFault.UNREADABLE)
        return
    if not mail.headers or not (mail.sender.address or mail.subject or mail.message_id):
        yield BadMail(location=location, number=number, fault=MailFault.NO_MAIL)
        return
    placed = replace(mail, location=location, number=number)
    yield replace(placed, passing=Passing.EMBEDDED) if is_embedded else placed
    for each in attached:
        yield replace(each, location=location, number=number, passing=Passing.ATTACHED, forwarder=mail.sender)


def _takes_too_long(raw: bytes) -> bool:
    """Whether the parser, which holds each line against every part that is open, would work on it for minutes."""
    return raw.count(b"\n") * raw.lower().count(b"boundary") > _MAX_WORK or raw.count(b"\n--") > _MAX_MARKS


def _read(message: Message, depth: int = 0) -> tuple[Mail, list[Mail]]:
    headers, damages = _headers(message)
    parts = _Parts(damages)
    attached: list[Mail] = []
    for each in _walked(message):
        if each.get_content_type() == "message/rfc822":
            inner = each.get_payload()
            first = cast("list[object]", inner)[0] if isinstance(inner, list) and inner else None
            if isinstance(first, Message) and depth == 0 and len(attached) < _MAX_ATTACHED:
                found, deeper = _read(cast("Message", first), depth + 1)
                attached += [found, *deeper]
        else:
            parts.take(each)
    if message.defects:
        damages.add(Damage.STRUCTURE)
    first = dict(reversed(headers))
    body = parts.body()
    subject = _line(first.get("subject", ""), damages, MAX_SUBJECT)
    sender = _address(first.get("from", ""), damages)
    mail = Mail(
        subject=subject,
        sender=sender,
        reply_to=_address(first.get("reply-to", ""), damages),
        return_path=_address(first.get("return-path", ""), damages),
        date=_moment(first.get("date", "")),
        received_at=_moment(first.get("received", "").rpartition(";")[2]),
        message_id=_bounded(first.get("message-id", "").strip().strip("<>"), 300),
        headers=tuple(headers),
        body=body,
        links=tuple(parts.links[:MAX_LINKS]),
        attachments=tuple(parts.attachments[:MAX_ATTACHMENTS]),
        damages=frozenset(damages),
    )
    if is_passed_on(subject, body):
        return replace(mail, passing=Passing.INLINE, forwarder=sender, quoted=quoted_in(body)), attached
    return mail, attached


class _Parts:
    """The text, the links and the names of attachments, as the parts come by."""

    def __init__(self, damages: set[Damage]) -> None:
        self._damages = damages
        self._plain: list[str] = []
        self._html: list[str] = []
        self.links: list[Link] = []
        self.attachments: list[str] = []

    def take(self, part: Message) -> None:
        kind = part.get_content_type()
        name = self._name(part)
        if (
            name
            or part.get_content_disposition() == "attachment"
            or part.get_content_maintype() not in {"text", "multipart"}
        ):
            self.attachments.append(_bounded(name or kind, 200))
            return
        if part.is_multipart():
            return
        payload = part.get_payload(decode=True)
        text, fits = decoded(payload if isinstance(payload, bytes) else b"", part.get_content_charset("") or "")
        if not fits:
            self._damages.add(Damage.ENCODING)
        if kind == "text/html":
            text, links = text_of_html(text)
            self.links += [Link(repair(each.shown).text, each.target) for each in links]
            self._html.append(text)
        else:
            self._plain.append(text)

    def body(self) -> str:
        """The plain text, and that of HTML where it says something else; repaired, and bounded."""
        plain, html = "\n".join(self._plain), "\n".join(self._html)
        both = html if not plain.strip() or _same(plain) == _same(html) else f"{plain}\n{html}" if html else plain
        if len(both) > MAX_BODY:
            self._damages.add(Damage.CUT)
        return _repaired(both[:MAX_BODY], self._damages).replace("\r\n", "\n")

    def _name(self, part: Message) -> str:
        try:
            found = part.get_filename("") or ""
        except (ValueError, LookupError, TypeError):
            return "?"
        return repair(decoded_words(found)[0]).text


def _walked(message: Message) -> Iterator[Message]:
    """The parts without going into attached mails; bounded."""
    pending = [message]
    for _ in range(_MAX_PARTS):
        if not pending:
            return
        part = pending.pop(0)
        yield part
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_type() != "message/rfc822":
            pending += [each for each in cast("list[object]", inner) if isinstance(each, Message)]


def _headers(message: Message) -> tuple[list[tuple[str, str]], set[Damage]]:
    damages: set[Damage] = set()
    found: list[tuple[str, str]] = []
    for name, value in list(message.raw_items())[:MAX_HEADERS]:
        raw = str(value)[:_HEADER].encode("utf-8", "surrogateescape")
        text, fits = decoded(raw, "utf-8")  # RFC 6532 allows it as it is
        text, all_fit = decoded_words(re.sub(r"[\r\n]+[ \t]*", " ", text))
        if not (fits and all_fit):
            damages.add(Damage.ENCODING)
        found.append((str(name).lower(), text))
    return found, damages


def _line(text: str, damages: set[Damage], most: int) -> str:
    return _bounded(" ".join(_repaired(text[: most * 4], damages).split()), most)


def _repaired(text: str, damages: set[Damage]) -> str:
    found = repair(text)
    if found.is_repaired:
        damages.add(Damage.REPAIRED)
    if found.is_mangled:
        damages.add(Damage.MANGLED)
    return found.text


def _address(text: str, damages: set[Damage]) -> Address:
    """The last address of a header, with the name before it: a name that is itself an address stays a name."""
    found = _ADDRESS.search(text[:_HEADER])
    if found:
        name = text[: found.start()].strip().strip('"').strip()
        return Address(_line(name, damages, 300), found.group(1).lower())
    bare = _BARE.findall(text[:_HEADER])
    return (
        Address("", bare[0].lower())
        if len(bare) == 1
        else Address(_line(text, damages, 300), bare[-1].lower() if bare else "")
    )


def _moment(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text[:200])
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return found if _FIRST_YEAR <= found.year < _LAST_YEAR else None


def _same(text: str) -> str:
    return "".join(text.split())


def _bounded(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
