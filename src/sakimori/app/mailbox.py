"""A mailbox read by IMAP: never changed, only what came since the last time, encrypted, and never more than was asked for.

Opened with EXAMINE and read with BODY.PEEK, so that no flag changes (RFC 3501). Where it stands is its UIDVALIDITY and the last UID.
"""

import hashlib
import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sakimori.findings.mail.message import MAX_MAIL_BYTES
from sakimori.model.errors import AccessError, UsageError

SCHEMES: Final = ("imap://", "imaps://")
_MOST_MAILS: Final = 1_000
"""Of one run; the next one goes on."""
_MOST_BYTES: Final = 100 << 20
"""Of the mails of one run: they are in memory together."""
_ANSWER_BYTES: Final = 20 << 20
"""Of all that a server says to one command, beside its mails' limit."""
_COMMAND_SECONDS: Final = 120
_FIRST_LOOK: Final = timedelta(days=30)
"""How far back a mailbox is read that was never read before."""
_SECONDS: Final = 30
_BROKEN: Final = (OSError, imaplib.IMAP4.error, ValueError)
"""How imaplib fails; ValueError by numbers of thousands of digits, and by letters that are not ASCII."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,15})")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A mailbox. `is_encrypted` from the first byte (imaps); otherwise by STARTTLS, but on loopback."""

    user: str
    host: str
    port: int
    mailbox: str
    is_encrypted: bool

    @property
    def location(self) -> str:
        """The address as it may be shown and stored."""
        scheme = "imaps" if self.is_encrypted else "imap"
        return f"{scheme}://{self.user}@{self.host}:{self.port}/{self.mailbox}"

    @property
    def cursor(self) -> str:
        """The name under which it is remembered."""
        return "imap:" + hashlib.sha256(f"{self.user}@{self.host}/{self.mailbox}".encode()).hexdigest()[:40]


@dataclass(slots=True)
class Fetched:
    """What a reading gave: UID and bytes of each mail, None for one beyond the limit; and where the mailbox stands then."""

    mails: list[tuple[int, bytes | None]] = field(default_factory=list[tuple[int, bytes | None]])
    position: str = ""
    left_count: int = 0


def place_of(address: str) -> Place:
    """The mailbox of an address; UsageError for a wrong one, which quotes nothing of it: it may hold a password."""
    try:
        parts = urlsplit(address)
        port, password = parts.port, parts.password
    except ValueError as error:
        raise UsageError("mail.bad_mailbox") from error
    if password is not None:
        raise UsageError("mail.password_in_url")
    is_encrypted = parts.scheme == "imaps"
    user, host, mailbox = (
        unquote(parts.username or ""),
        parts.hostname or "",
        unquote(parts.path.lstrip("/")) or "INBOX",
    )
    if not (user and host) or parts.query or parts.fragment or not _is_plain(user + host + mailbox) or ":" in user:
        raise UsageError("mail.bad_mailbox")
    return Place(
        user=user, host=host, port=port or (993 if is_encrypted else 143), mailbox=mailbox, is_encrypted=is_encrypted
    )


def fetch(place: Place, password: str, position: str, now: datetime) -> Fetched:
    """The mails that came since `position` (at first: of the last 30 days), oldest first."""
    with _opened(place, password) as server:
        validity = _validity(server, place)
        known_validity, _, last = position.partition(":")
        is_known = known_validity == validity and last.isdecimal()
        since = int(last) if is_known else 0
        wanted = _listed(server, since, None if is_known else now - _FIRST_LOOK)
        fetched = Fetched()
        byte_count = 0
        for uid in wanted[:_MOST_MAILS]:
            if byte_count > _MOST_BYTES:
                break
            mail = _mail(server, uid)
            byte_count += len(mail or b"")
            fetched.mails.append((uid, mail))
        fetched.left_count = len(wanted) - len(fetched.mails)
        reached = max((uid for uid, _ in fetched.mails), default=since)
        fetched.position = f"{validity}:{reached}"
    return fetched


class _Bounded:
    """What no answer of a server may exceed: literals are read whole into memory, and lines are kept without end."""

    _byte_count = 0
    _until = float("inf")

    def send(self, data: Any) -> None:
        self._byte_count, self._until = 0, time.monotonic() + _COMMAND_SECONDS
        super().send(data)  # type: ignore[misc] - of the class beside it

    def read(self, size: int) -> bytes:
        if size > MAX_MAIL_BYTES + 4_096:
            raise imaplib.IMAP4.abort("literal too large")
        return self._counted(super().read(size))  # type: ignore[misc]

    def readline(self) -> bytes:
        return self._counted(super().readline())  # type: ignore[misc]

    def _counted(self, told: bytes) -> bytes:
        self._byte_count += len(told)
        if self._byte_count > _ANSWER_BYTES or time.monotonic() > self._until:
            raise imaplib.IMAP4.abort("answer without end")
        return told


class _Plain(_Bounded, imaplib.IMAP4):
    pass


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    pass


@contextmanager
def _opened(place: Place, password: str) -> Iterator[imaplib.IMAP4]:
    """A signed-in connection to the mailbox, read-only."""
    try:
        server = _connected(place)
    except _BROKEN as error:
        raise AccessError("mail.mailbox_unreachable", host=place.host, reason=_why(error)) from error
    try:
        try:
            server.login(place.user, password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
            # The server's words may repeat what was sent to it.
            raise AccessError("mail.mailbox_refused", host=place.host, user=place.user) from error
        yield server
    except _BROKEN as error:
        raise AccessError("mail.mailbox_unreachable", host=place.host, reason=_why(error)) from error
    finally:
        with suppress(*_BROKEN):
            server.logout()
        with suppress(OSError):
            server.shutdown()


def _connected(place: Place) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if place.is_encrypted:
        return _Encrypted(place.host, place.port, ssl_context=context, timeout=_SECONDS)
    server = _Plain(place.host, place.port, timeout=_SECONDS)
    if "STARTTLS" in server.capabilities:
        server.starttls(context)
    elif place.host not in _LOOPBACK:
        server.shutdown()
        raise AccessError("mail.mailbox_not_encrypted", host=place.host)
    return server


def _validity(server: imaplib.IMAP4, place: Place) -> str:
    quoted = '"' + place.mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _ = server.select(quoted, readonly=True)
    if answer != "OK":
        raise AccessError("mail.mailbox_unknown", host=place.host, mailbox=place.mailbox, user=place.user)
    _, told = server.response("UIDVALIDITY")
    found = told[0] if told else None
    return found.decode("ascii", "replace")[:20] if isinstance(found, bytes) else "0"


def _listed(server: imaplib.IMAP4, since: int, on: datetime | None) -> list[int]:
    """The UIDs beyond `since`: `n:*` always names the last mail, even one that is known."""
    words = ("SINCE", f"{on.day:02}-{_MONTHS[on.month - 1]}-{on.year}") if on else ("UID", f"{since + 1}:*")
    answer, told = server.uid("SEARCH", *words)
    if answer != "OK":
        raise imaplib.IMAP4.error("search refused")
    numbers = b" ".join(each for each in told if isinstance(each, bytes)).split()
    return sorted({uid for each in numbers if each.isdigit() and len(each) <= 10 and (uid := int(each)) > since})  # noqa: PLR2004 - digits of 32 bits


def _mail(server: imaplib.IMAP4, uid: int) -> bytes | None:
    """The bytes of one mail, b"" for one that is gone by now, None for one beyond the limit."""
    _, told = server.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(_flat(told)))
    if size and int(size.group(1)) > MAX_MAIL_BYTES:
        return None
    answer, told = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
    if answer != "OK":  # not gone, but not given: it is asked for again by the next run
        raise imaplib.IMAP4.error("fetch refused")
    return next((each[1] for each in told if isinstance(each, tuple) and isinstance(each[1], bytes)), b"")


def _flat(told: list[Any]) -> Iterator[bytes]:
    for each in told:
        yield from (part for part in (each if isinstance(each, tuple) else (each,)) if isinstance(part, bytes))


def _is_plain(text: str) -> bool:
    return text.isprintable() and len(text) <= 500  # noqa: PLR2004 - names of people and hosts are shorter


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or type(error).__name__)
