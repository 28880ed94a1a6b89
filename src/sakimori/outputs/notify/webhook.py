"""A webhook of the user's own: `sakimori.notification/1` as JSON, signed as Standard Webhooks 1.0 says.

https://www.standardwebhooks.com: `webhook-id` is the message's key and the same in every try; `webhook-timestamp` is
the time of the try; `webhook-signature` is `v1,` and the Base64 of HMAC-SHA256 over `id.timestamp.body`.
`Idempotency-Key` repeats the key for receivers that know that header.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sakimori.model.errors import UsageError
from sakimori.outputs.notify import text_form
from sakimori.outputs.notify.channel import Attempt
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.http_client import HttpClient, check_status, checked_url, host_of
from sakimori.outputs.notify.message import Message
from sakimori.outputs.notify.plain_json import as_bytes, bounded
from sakimori.outputs.report.plain_values import utc

SCHEMA: Final = "sakimori.notification/1"
_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
"""As the specification has it for symmetric secrets."""
_MAKE_ONE: Final = "echo whsec_$(openssl rand -base64 32)"


class Webhook:
    """A Channel by signed POST. `now` tells the time of a try: receivers refuse what was signed minutes ago.

    Any 2xx is a receipt. Whether a receiver shows one key once is its own affair, so it does not count as keyed.
    """

    is_keyed = False
    seconds_between = 0.0

    def __init__(
        self, url: Secret, signing: Secret, *, now: Callable[[], datetime], http: HttpClient | None = None
    ) -> None:
        self._url = checked_url(url)
        self._key = Secret(signing_key(signing).hex())
        self._now = now
        self._http = http or HttpClient()

    def send(self, attempt: Attempt) -> str:
        """The message's key, by which the receiver knows it."""
        message = attempt.message
        body = as_bytes(notification(message, attempt.thread))
        stamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            "webhook-id": message.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(bytes.fromhex(self._key.reveal()), message.key, stamp, body),
        }
        reply = self._http.post(self._url, body, headers)
        check_status(reply, host_of(self._url.reveal()))
        return message.key


def signing_key(secret: Secret) -> bytes:
    """The bytes that sign; UsageError where `secret` is not `whsec_` and Base64 of 24 to 64 bytes."""
    value = secret.reveal()
    try:
        key = base64.b64decode(value.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not value.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise UsageError("notify_channels.signing_secret", command=_MAKE_ONE)
    return key


def signature(key: bytes, identifier: str, stamp: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    digest = hmac.new(key, f"{identifier}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def notification(message: Message, thread: str = "") -> Mapping[str, Any]:
    """The document: what the message says, as text (`text`) and in parts, and its `data`, which is for machines.

    `id` is the key; `thread` the `id` of the first message of the case, "" in that one. Times are RFC 3339 in UTC.
    """
    return {
        "schema": SCHEMA,
        "id": message.key,
        "type": f"sakimori.{message.kind}",
        "timestamp": utc(message.made_at),
        "kind": str(message.kind),
        "severity": str(message.severity),
        "language": message.language,
        "case": text_form.one_line(message.case),
        "thread": text_form.one_line(thread),
        "account": {"id": text_form.one_line(message.account), "name": text_form.one_line(message.account_name)},
        "headline": text_form.subject(message),
        "lines": text_form.lines(message),
        "steps": [{"text": step.text, "command": step.command} for step in text_form.steps(message)],
        "entries": [text_form.one_line(entry) for entry in message.entries[:1000]],
        "footer": text_form.footer(message),
        "deadline": utc(message.deadline),
        "text": text_form.text_form(message),
        "data": bounded(message.data),
    }
