"""Slack by bot token: a thread for each case, its first message kept up to date, and nothing shown twice.

The web API is called through our own client and not slack_sdk's, which takes a proxy without regard to NO_PROXY,
follows redirects with the token, and tells both in its log.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret, quotable
from sakimori.outputs.notify.http_client import HttpClient, check_status, checked_url, host_of, retry_after
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.plain_json import as_bytes
from sakimori.outputs.notify.slack_blocks import slack_message

SLACK_API: Final = "https://slack.com/api/"
EVENT_TYPE: Final = "sakimori_message"
"""Of the metadata (docs.slack.dev/messaging/message-metadata) that holds each message's key."""

_CHANNEL: Final = re.compile(r"[CDG][A-Z0-9]{2,30}\Z")
_WORD: Final = re.compile(r"[a-z_]{1,60}\Z")
_STAMP: Final = re.compile(r"\d{1,20}\.\d{1,10}\Z")
_ANSWER_BYTES: Final = 16_000_000
_PAGES: Final = 50
_PAGE_SIZE: Final = 100
_BEFORE: Final = timedelta(hours=1)
"""How far Slack's clock may be behind ours."""

_UPDATES_FIRST: Final = frozenset({MessageKind.UPDATE, MessageKind.CLOSED})
# docs.slack.dev/reference/methods/chat.postMessage: "It's possible some aspect of the operation succeeded".
_UNCERTAIN: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
_LATER: Final = _UNCERTAIN | {"ratelimited", "rate_limited", "team_added_to_org", "message_limit_exceeded"}
_ROOT_IS_GONE: Final = frozenset(
    {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found", "is_inactive"}
)
_MAY_NOT_LOOK: Final = frozenset({"missing_scope", "not_allowed_token_type", "no_permission", "access_denied"})


class SlackBot:
    """A Channel by bot token (scopes `chat:write`, and `channels:history` or `groups:history` to look).

    `channel` is an ID (`C…`): a name is taken by only some of the methods. A message that may have arrived is looked
    for by its key. Without the scope for that it is sent again: told twice is better than not at all.
    """

    is_keyed = True
    seconds_between = 1.0
    """docs.slack.dev/apis/web-api/rate-limits: chat.postMessage takes one message a second for each channel."""

    def __init__(
        self, token: Secret, channel: str, *, http: HttpClient | None = None, base_url: str = SLACK_API
    ) -> None:
        if not _CHANNEL.match(channel):
            raise UsageError("notify_channels.slack_channel", channel=quotable(channel))
        checked_url(Secret(base_url))
        self._token = token
        self._channel = channel
        self._http = http or HttpClient()
        self._base_url = base_url.rstrip("/") + "/"

    def send(self, attempt: Attempt) -> str:
        """The message's `ts`. UPDATE and CLOSED of a thread also change its first message."""
        thread = attempt.thread if _STAMP.match(attempt.thread) else ""
        if thread and attempt.message.kind in _UPDATES_FIRST and not self._update(thread, attempt):
            thread = ""
        if attempt.may_have_arrived and (found := self._find(attempt, thread)):
            return found
        try:
            return self._post(attempt, thread)
        except _SlackError as error:
            if not thread or error.word not in _ROOT_IS_GONE:
                raise
            return self._post(attempt, "")  # somebody deleted the thread, which settles nothing

    def _post(self, attempt: Attempt, thread: str) -> str:
        message = attempt.message
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": message.key}}
        parameters = {"channel": self._channel, **slack_message(message), "metadata": metadata} | _NOTHING_PARSED
        if thread:
            is_urgent = message.kind is MessageKind.ESCALATION or (
                message.kind is MessageKind.UPDATE and message.severity is Severity.CRITICAL
            )
            # Who does not follow the thread must see that it got urgent.
            parameters |= {"thread_ts": thread, "reply_broadcast": is_urgent}
        answer = self._call("chat.postMessage", parameters)
        stamp = str(answer.get("ts", ""))
        if not _STAMP.match(stamp):
            raise self._failed(FailureKind.LATER, "no ts", may_have_arrived=True)
        return stamp

    def _update(self, thread: str, attempt: Attempt) -> bool:
        """Whether the first message is still there to be answered."""
        parameters = {"channel": self._channel, "ts": thread, **slack_message(attempt.message)} | _NOTHING_PARSED
        try:
            self._call("chat.update", parameters)
        except _SlackError as error:
            if error.word not in _ROOT_IS_GONE:
                raise
            return error.word in {"cant_update_message", "edit_window_closed"}
        return True

    def _find(self, attempt: Attempt, thread: str) -> str:
        """The `ts` of the message with this key, "" where it is not there or must not be looked for."""
        wanted = {"event_type": EVENT_TYPE, "event_payload": {"key": attempt.message.key}}
        try:
            for found in self._messages(attempt, thread):
                stamp = str(found.get("ts", ""))
                if found.get("metadata") == wanted and _STAMP.match(stamp):
                    return stamp
        except _SlackError as error:
            if error.word not in _MAY_NOT_LOOK | _ROOT_IS_GONE:
                raise
        return ""

    def _messages(self, attempt: Attempt, thread: str) -> Iterator[Mapping[str, Any]]:
        oldest = (attempt.message.made_at - _BEFORE).timestamp()
        parameters: dict[str, object] = {
            "channel": self._channel, "oldest": f"{oldest:.6f}", "inclusive": "true", "limit": _PAGE_SIZE,
            "include_all_metadata": "true",
        }  # fmt: skip
        if thread:
            parameters["ts"] = thread
        for _ in range(_PAGES):
            answer = self._call("conversations.replies" if thread else "conversations.history", parameters)
            listed = answer.get("messages")
            yield from (each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict))
            about = answer.get("response_metadata")
            cursor = about.get("next_cursor") if isinstance(about, dict) else None
            if not cursor or not isinstance(cursor, str):
                return
            parameters["cursor"] = cursor
        # Not found in what was read is not the same as not there.
        raise self._failed(FailureKind.LATER, "too many messages to look through")

    def _call(self, method: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        # Methods that read take forms, not JSON.
        reads = method.startswith("conversations.")
        body = urlencode(parameters).encode() if reads else as_bytes(parameters)
        kind = "application/x-www-form-urlencoded" if reads else "application/json; charset=utf-8"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self._token.reveal()}"}
        reply = self._http.post(Secret(self._base_url + method), body, headers, limit_bytes=_ANSWER_BYTES)
        check_status(reply, self._host)
        try:
            answer = json.loads(reply.body)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self._failed(FailureKind.LATER, "no JSON", may_have_arrived=not reads)
        if answer.get("ok") is True:
            return answer
        word = str(answer.get("error", ""))
        raise _SlackError(self._host, word if _WORD.match(word) else "error", retry_after(reply.headers))

    @property
    def _host(self) -> str:
        return host_of(self._base_url)

    def _failed(self, kind: FailureKind, reason: str, *, may_have_arrived: bool = False) -> DeliveryError:
        return DeliveryError(kind, f"{self._host}: {reason}", may_have_arrived=may_have_arrived)


_NOTHING_PARSED: Final = {"parse": "none", "link_names": False}


class _SlackError(DeliveryError):
    """`ok: false`, with Slack's word for why."""

    def __init__(self, host: str, word: str, wait_seconds: float) -> None:
        kind = FailureKind.LATER if word in _LATER else FailureKind.NEVER
        super().__init__(kind, f"{host}: {word}", wait_seconds, may_have_arrived=word in _UNCERTAIN)
        self.word = word
