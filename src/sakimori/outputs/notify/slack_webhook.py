"""Slack by incoming webhook: one address, one channel, no threads, and no way to see what arrived."""

import re
from typing import Final

from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.http_client import HttpClient, check_status, checked_url, host_of
from sakimori.outputs.notify.plain_json import as_bytes
from sakimori.outputs.notify.slack_blocks import slack_message

_ERROR: Final = re.compile(rb"[a-z_]{1,60}\Z")


class SlackWebhook:
    """A Channel by incoming webhook. `url` is the webhook's address, which is its password too."""

    is_keyed = False
    seconds_between = 1.0
    """docs.slack.dev/apis/web-api/rate-limits: one message a second for each webhook."""

    def __init__(self, url: Secret, *, http: HttpClient | None = None) -> None:
        self._url = checked_url(url)
        self._http = http or HttpClient()

    def send(self, attempt: Attempt) -> str:
        """Nothing to refer to: a webhook tells none. DeliveryError with Slack's own word where it has one."""
        body = as_bytes(slack_message(attempt.message))
        reply = self._http.post(self._url, body, {"Content-Type": "application/json; charset=utf-8"})
        host = host_of(self._url.reveal())
        # Slack's words for what is wrong (`no_service`, `channel_is_archived`) are the whole body.
        word = reply.body.decode("ascii") if _ERROR.match(reply.body) else ""
        try:
            check_status(reply, host)
        except DeliveryError as error:
            if not word:
                raise
            raise DeliveryError(
                error.kind, f"{error.reason} {word}", error.retry_after_seconds, may_have_arrived=error.may_have_arrived
            ) from None
        if reply.body.strip() != b"ok":
            # A page of a proxy or a portal, which is no receipt.
            raise DeliveryError(
                FailureKind.LATER, f"{host}: HTTP {reply.status} {word}".rstrip(), may_have_arrived=True
            )
        return ""
