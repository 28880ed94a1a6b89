"""Mail by SMTP: encrypted to every host but this one, one envelope for all recipients."""

import smtplib
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.bounded_reading import Allowance, bounded_file
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret, quotable
from sakimori.outputs.notify.http_client import TOTAL_SECONDS, is_loopback, verified_tls
from sakimori.outputs.notify.mail_form import CHARSETS, MailPlace, mail_bytes, message_id
from sakimori.texts.language import clean

_PERMANENT: Final = 500
_REASON_LIMIT: Final = 200
_CONVERSATION: Final = 3
"""So many times as long as one answer may take may all of them take together."""
_ANSWERS_BYTES: Final = 1_000_000


class MailSecurity(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    """Port 587: plain at first, then TLS or nothing."""
    TLS = "tls"
    """Port 465: TLS from the first byte."""
    PLAIN = "plain"
    """Not at all: to a relay on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in. `user` is "" where the server asks for none."""

    host: str
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    user: str = ""
    timeout_seconds: float = TOTAL_SECONDS


class Mail:
    """A Channel by SMTP. A mail that is sent twice has the same Message-ID, which most mail programs show once.

    Where a server takes the mail for some recipients alone it is delivered; `refused` tells those it was not taken
    for in the last envelope.
    """

    is_keyed = False
    seconds_between = 1.0

    def __init__(self, server: MailServer, place: MailPlace, password: Secret | None = None) -> None:
        if not place.recipients:
            raise UsageError("notify_channels.mail_nobody")
        if server.security is MailSecurity.PLAIN and not is_loopback(server.host):
            raise UsageError("notify_channels.mail_not_encrypted", host=quotable(server.host))
        if place.charset not in CHARSETS:
            raise UsageError("notify_channels.mail_charset", charset=quotable(place.charset), known=CHARSETS)
        self._server = server
        self._place = place
        self._password = password
        self.refused: tuple[str, ...] = ()

    def send(self, attempt: Attempt) -> str:
        """The Message-ID."""
        self.refused = ()
        content = mail_bytes(attempt.message, self._place, attempt.thread)
        handed_over = False
        connection: smtplib.SMTP | None = None
        try:
            connection = self._connect()
            self._sign_in(connection)
            handed_over = True
            refused = connection.sendmail(
                self._place.sender.address, [each.address for each in self._place.recipients], content
            )
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._not_taken(error, handed_over=handed_over) from None
        finally:
            _hang_up(connection)
        self.refused = tuple(sorted(refused))
        return message_id(attempt.message.key, self._place)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        allowance = Allowance(
            deadline=time.monotonic() + _CONVERSATION * server.timeout_seconds, bytes_left=_ANSWERS_BYTES
        )
        name = self._place.sender.domain  # what we call ourselves; looking our own name up can take long
        if server.security is MailSecurity.TLS:
            return _Encrypted(
                allowance, server.host, server.port, name, timeout=server.timeout_seconds, context=verified_tls()
            )
        connection = _Plain(allowance, server.host, server.port, name, timeout=server.timeout_seconds)
        if server.security is MailSecurity.STARTTLS:
            try:
                connection.starttls(context=verified_tls())
            except (smtplib.SMTPException, OSError):
                connection.close()
                raise
        return connection

    def _sign_in(self, connection: smtplib.SMTP) -> None:
        if self._server.user and self._password is not None:
            try:
                connection.login(self._server.user, self._password.reveal())
            except smtplib.SMTPAuthenticationError as error:
                # A server's words may repeat what it was sent.
                raise smtplib.SMTPAuthenticationError(error.smtp_code, b"authentication refused") from None

    def _not_taken(self, error: Exception, *, handed_over: bool) -> DeliveryError:
        kind = FailureKind.NEVER if _is_permanent(error) else FailureKind.LATER
        reason = clean(f"{self._server.host}: {_words(error)}", _REASON_LIMIT)
        if self._password is not None:
            reason = reason.replace(self._password.reveal(), "…")
        answered = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        return DeliveryError(kind, reason, may_have_arrived=handed_over and not answered)


class _Bounded:
    """What a server says is read within an allowance: smtplib reads answers of any number of lines."""

    def __init__(self, allowance: Allowance, *words: Any, **more: Any) -> None:
        self._allowance = allowance
        super().__init__(*words, **more)  # connects

    def getreply(self) -> tuple[int, bytes]:
        talk: Any = self
        if talk.file is None and talk.sock is not None:
            talk.file = bounded_file(talk.sock, self._allowance)
        try:
            return super().getreply()  # type: ignore[misc, no-any-return] - of the class beside it
        except smtplib.SMTPResponseException as error:
            # That a line is too long is smtplib's word and no answer of the server's: it may do better later.
            raise smtplib.SMTPServerDisconnected(str(error.smtp_code)) from None


class _Plain(_Bounded, smtplib.SMTP):
    pass


class _Encrypted(_Bounded, smtplib.SMTP_SSL):
    pass


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= _PERMANENT
    # SMTPNotSupportedError: no STARTTLS, or none of the ways to sign in.
    return isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError | ValueError)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        refused: Mapping[str, tuple[int, bytes]] = error.recipients
        return ", ".join(f"{code} {_text(words)}" for code, words in list(refused.values())[:3])
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"SMTPNotSupportedError: {_text(str(error))}"  # smtplib's own words: no STARTTLS, or no AUTH
    return type(error).__name__


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text[:_REASON_LIMIT].split())


def _hang_up(connection: smtplib.SMTP | None) -> None:
    """The mail was taken, or not, before this: what fails here changes nothing."""
    if connection is None:
        return
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()
