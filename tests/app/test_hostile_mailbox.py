"""Servers of mail that answer wrongly, or without end: what they say becomes a sentence, and no mail is lost by it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.app.imap_server import imap_server

from sakimori.app import mailbox
from sakimori.app.clock import utc_now
from sakimori.app.mailbox import Place, fetch
from sakimori.model.errors import AccessError

NOW = utc_now()
USUAL = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"EXAMINE": b"* OK [UIDVALIDITY 7] x\r\n",
    b"SEARCH": b"* SEARCH 1\r\n",
    b"SIZE": b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n",
    b"PEEK": b"* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n",
}


@contextmanager
def server(word: bytes = b"", said: bytes = b"", *, goes_on: bool = False, verdict: bytes = b"OK") -> Iterator[Place]:
    """One that says `said` instead of its usual answer to the command that has `word` in it; `goes_on`: again and again."""

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            while line := self.rfile.readline():
                tag = line.split()[0]
                is_asked = bool(word) and word in line
                usual = next((answer for each, answer in USUAL.items() if each in line), b"")
                self.wfile.write(said if is_asked else usual)
                while is_asked and goes_on:
                    self.wfile.write(said)
                self.wfile.write(tag + b" " + (verdict if is_asked else b"OK") + b" done\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who hangs up is no failure of a test."""

    with Server(("127.0.0.1", 0), Talk) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Place(user="u", host="127.0.0.1", port=running.server_address[1], mailbox="INBOX", is_encrypted=False)
        running.shutdown()


@pytest.mark.slow
def test_a_usual_answer_is_read() -> None:
    with server() as place:
        assert fetch(place, "x", "", NOW).mails == [(1, b"abcde")]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (b"PEEK", b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5_000 + b"}\r\nabc"),
        (b"CAPABILITY", b"* CAPABILITY IMAP4rev1 \xff\xfe\r\n"),
    ],
    ids=["a size of thousands of digits", "letters that are not ASCII"],
)
def test_an_answer_that_is_none_is_a_sentence(word: bytes, said: bytes) -> None:
    with server(word, said) as place, pytest.raises(AccessError, match="mailbox_unreachable"):
        fetch(place, "x", "", NOW)


@pytest.mark.slow
def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_ANSWER_BYTES", 100_000)
    with (
        server(b"SEARCH", b"* OK still here\r\n", goes_on=True) as place,
        pytest.raises(AccessError, match="mailbox_unreachable"),
    ):
        fetch(place, "x", "", NOW)


def test_a_mail_that_the_server_would_not_give_is_not_taken_for_gone() -> None:
    with server(b"PEEK", b"", verdict=b"NO") as place, pytest.raises(AccessError, match="mailbox_unreachable"):
        fetch(place, "x", "", NOW)


@pytest.mark.slow
def test_mails_that_are_too_much_together_are_left_for_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_MOST_BYTES", 150)
    with imap_server(**{f"m{number}": b"x" * 100 for number in range(1, 6)}) as box:
        place = Place(user="u", host="127.0.0.1", port=box.port, mailbox="INBOX", is_encrypted=False)
        first = fetch(place, box.password, "", NOW)
        second = fetch(place, box.password, first.position, NOW)
    assert ([uid for uid, _ in first.mails], first.left_count) == ([1, 2], 3)
    assert ([uid for uid, _ in second.mails], second.left_count) == ([3, 4], 1)
