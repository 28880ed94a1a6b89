import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sakimori.app.clock import utc_now
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.outputs.notify.channel import Attempt, DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.http_client import HttpClient
from sakimori.outputs.notify.message import MessageKind
from sakimori.outputs.notify.slack_bot import SlackBot
from sakimori.outputs.notify.slack_webhook import SlackWebhook

from .conftest import message
from .sinks import CHANNEL, TOKEN, Answer, HttpSink

NOW = utc_now()


def key(number: int) -> str:
    return f"{number:032x}"


def attempt(number: int = 1, thread: str = "", *, again: bool = False, **changes: Any) -> Attempt:
    return Attempt(message=message(key=key(number), made_at=NOW, **changes), thread=thread, may_have_arrived=again)


def bot(sink: HttpSink, token: str = TOKEN) -> SlackBot:
    return SlackBot(Secret(token), CHANNEL, http=HttpClient(total_seconds=5), base_url=sink.api_url)


def failure(send: Callable[[Attempt], str], tried: Attempt | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(tried or attempt())
    return caught.value


# -- webhook --------------------------------------------------------------------------------


def test_webhook_posts_one_message(sink: HttpSink) -> None:
    webhook = SlackWebhook(Secret(f"{sink.url}/services/T/B/x"))
    assert webhook.send(attempt()) == ""
    assert not webhook.is_keyed
    [taken] = sink.taken
    assert taken.json["text"].startswith("🟥 CRITICAL | A leaked")
    assert taken.json["unfurl_links"] is taken.json["unfurl_media"] is False


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(status=404, body="no_service"), FailureKind.NEVER, "HTTP 404 no_service"),
        (Answer(status=410, body="channel_is_archived"), FailureKind.NEVER, "HTTP 410 channel_is_archived"),
        (Answer(status=429, headers={"Retry-After": "30"}), FailureKind.LATER, "HTTP 429"),
        (Answer(status=500, body="<html>T/B/x"), FailureKind.LATER, "HTTP 500"),
        (Answer(status=200, body="<html>sign in to the hotel"), FailureKind.LATER, "HTTP 200"),
    ],
)
def test_webhook_tells_slacks_own_word(sink: HttpSink, answer: Answer, kind: FailureKind, words: str) -> None:
    sink.answer_next("/services/", answer)
    error = failure(SlackWebhook(Secret(f"{sink.url}/services/T/B/x")).send)
    assert (error.kind, error.reason) == (kind, f"127.0.0.1: {words}")
    assert error.retry_after_seconds == (30.0 if answer.status == 429 else 0.0)


# -- bot ------------------------------------------------------------------------------------


def test_bot_opens_a_thread_for_a_case_and_keeps_its_first_message_up_to_date(sink: HttpSink) -> None:
    slack = bot(sink)
    root = slack.send(attempt(1, severity=Severity.HIGH))
    reply = slack.send(attempt(2, root, kind=MessageKind.UPDATE, severity=Severity.HIGH, headline="1,610 calls"))
    end = slack.send(attempt(3, root, kind=MessageKind.CLOSED))
    assert sink.slack.keys() == [key(1), key(2), key(3)]
    assert [each["ts"] for each in sink.slack.roots()] == [root]
    assert [each["ts"] for each in sink.slack.replies(root)] == [reply, end]
    assert [each["text"].partition(" | acct")[0] for each in sink.slack.edits] == [
        "🟧 HIGH | Update | 1,610 calls",
        "✅ CLOSED | A leaked access key is being used",
    ]
    assert not any(each["reply_broadcast"] for each in sink.slack.replies(root))


def test_what_became_urgent_is_shown_to_those_who_do_not_follow_the_thread(sink: HttpSink) -> None:
    slack = bot(sink)
    root = slack.send(attempt(1))
    slack.send(attempt(2, root, kind=MessageKind.UPDATE))
    slack.send(attempt(3, root, kind=MessageKind.ESCALATION, severity=Severity.HIGH))
    assert [each["reply_broadcast"] for each in sink.slack.replies(root)] == [True, True]
    assert len(sink.slack.edits) == 1


@pytest.mark.parametrize("in_thread", [False, True])
def test_message_whose_answer_was_lost_is_found_and_not_sent_again(sink: HttpSink, in_thread: bool) -> None:
    slack = bot(sink)
    root = slack.send(attempt(1)) if in_thread else ""
    sink.answer_next("/api/chat.postMessage", Answer(hangs_up=True, takes=True))
    error = failure(slack.send, attempt(2, root))
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, True)
    found = slack.send(attempt(2, root, again=True))
    assert sink.slack.keys().count(key(2)) == 1
    assert found == sink.slack.messages[-1]["ts"]


def test_message_that_did_not_arrive_is_sent(sink: HttpSink) -> None:
    slack = bot(sink)
    sink.answer_next("/api/chat.postMessage", Answer(hangs_up=True))
    failure(slack.send)
    slack.send(attempt(again=True))
    assert sink.slack.keys() == [key(1)]


def test_key_is_looked_for_on_every_page(sink: HttpSink) -> None:
    slack = bot(sink)
    first = slack.send(attempt(1))
    for number in range(2, 12):
        slack.send(attempt(number))
    sink.slack.page_size = 3
    assert slack.send(attempt(1, again=True)) == first
    assert slack.send(attempt(11, again=True)) == sink.slack.messages[-1]["ts"]
    assert len(sink.slack.messages) == 11


def test_key_is_looked_for_only_as_far_back_as_it_can_be(sink: HttpSink) -> None:
    slack = bot(sink)
    slack.send(attempt(1))
    later = Attempt(message=message(key=key(1), made_at=NOW + timedelta(hours=3)), may_have_arrived=True)
    slack.send(later)
    assert sink.slack.keys() == [key(1), key(1)]


def test_bot_that_may_not_look_sends_again_rather_than_not_at_all(sink: HttpSink) -> None:
    sink.slack.scopes = {"chat:write"}
    bot(sink).send(attempt(again=True))
    assert sink.slack.keys() == [key(1)]


def test_bot_that_cannot_look_now_waits(sink: HttpSink) -> None:
    sink.answer_next("/api/conversations.history", Answer(status=429, headers={"Retry-After": "12"}))
    error = failure(bot(sink).send, attempt(again=True))
    assert (error.kind, error.retry_after_seconds) == (FailureKind.LATER, 12.0)
    sink.slack.fail_next("conversations.history", "internal_error")
    assert failure(bot(sink).send, attempt(again=True)).kind is FailureKind.LATER
    assert sink.slack.messages == []


def test_thread_that_was_deleted_does_not_swallow_what_follows(sink: HttpSink) -> None:
    slack = bot(sink)
    slack.send(attempt(1, "1700000000.000100", kind=MessageKind.UPDATE))
    slack.send(attempt(2, "1700000000.000100", kind=MessageKind.ESCALATION))
    slack.send(attempt(3, "1700000000.000100", again=True))
    assert [each["thread_ts"] for each in sink.slack.messages] == ["", "", ""]


def test_reference_of_another_route_is_no_thread(sink: HttpSink) -> None:
    bot(sink).send(attempt(1, "<0123@example.com>"))
    assert sink.slack.messages[0]["thread_ts"] == ""


@pytest.mark.parametrize(
    ("word", "kind", "uncertain"),
    [
        ("invalid_auth", FailureKind.NEVER, False),
        ("channel_not_found", FailureKind.NEVER, False),
        ("is_archived", FailureKind.NEVER, False),
        ("ratelimited", FailureKind.LATER, False),
        ("internal_error", FailureKind.LATER, True),
    ],
)
def test_slacks_word_says_whether_to_try_again(sink: HttpSink, word: str, kind: FailureKind, uncertain: bool) -> None:
    sink.slack.fail_next("chat.postMessage", word)
    error = failure(bot(sink).send)
    assert (error.kind, error.reason, error.may_have_arrived) == (kind, f"127.0.0.1: {word}", uncertain)


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "{", '{"ok": "yes"}', '{"ok": true}', '{"ok": true, "ts": "x"}', "[" * 100_000]
)
def test_answer_that_is_none_of_slacks_is_no_receipt(sink: HttpSink, body: str) -> None:
    sink.answer_next("/api/chat.postMessage", Answer(body=body))
    assert failure(bot(sink).send).reason.startswith("127.0.0.1: ")


@pytest.mark.parametrize("messages", [None, "x", [None, 1, "x", {}, {"ts": 5, "metadata": "x"}, {"metadata": None}]])
def test_history_of_another_form_finds_nothing(sink: HttpSink, messages: Any) -> None:
    sink.answer_next("/api/conversations.history", Answer(body=json.dumps({"ok": True, "messages": messages})))
    bot(sink).send(attempt(again=True))
    assert sink.slack.keys() == [key(1)]


@pytest.mark.parametrize("channel", ["#alerts", "", "c0fake", "C0/../x", "C" + "0" * 100])
def test_channel_is_named_by_its_id(channel: str) -> None:
    with pytest.raises(UsageError):
        SlackBot(Secret(TOKEN), channel)


def test_wrong_token_is_told_by_slacks_word_alone(sink: HttpSink) -> None:
    assert failure(bot(sink, "xoxb" + "-other").send).reason == "127.0.0.1: invalid_auth"


@pytest.mark.parametrize("about", ['"x"', "[1]", '{"next_cursor": [1]}', "null"])
def test_answer_of_another_form_finds_nothing_and_stops_nobody(sink: HttpSink, about: str) -> None:
    sink.answer_next("/api/conversations", Answer(body=f'{{"ok": true, "messages": [], "response_metadata": {about}}}'))
    bot(sink).send(attempt(again=True))
    assert sink.slack.keys() == [key(1)]
