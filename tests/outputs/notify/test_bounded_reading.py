"""Servers that go on for ever: whoever waited for them would tell nobody anything any more."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sakimori.outputs.notify.channel import DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.http_client import HttpClient
from sakimori.outputs.notify.mail_address import mail_address
from sakimori.outputs.notify.mail_form import MailPlace
from sakimori.outputs.notify.smtp import Mail, MailSecurity, MailServer

from .test_slack_channels import attempt

SECONDS = 0.5


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that says what `talk` says to whoever comes, until the other side goes away."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
                with connection:
                    talk(connection)
            except OSError:
                if listening.fileno() < 0:
                    return

    threading.Thread(target=serve, daemon=True).start()
    with listening:
        yield listening.getsockname()[1]


def again_and_again(said: bytes, before: bytes = b"", pause: float = 0.05) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(said)
            time.sleep(pause)

    return talk


@pytest.mark.slow
@pytest.mark.parametrize(
    "talk",
    [
        again_and_again(b"x", b"HTTP/1.1 200 OK\r\n"),
        again_and_again(b"X-A: b\r\n", b"HTTP/1.1 200 OK\r\n"),
        again_and_again(b"HTTP/1.1 100 Continue\r\n\r\n"),
        again_and_again(b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    ],
    ids=["a byte of a head", "heads", "continue", "a byte of a body"],
)
def test_a_webhook_that_never_ends_is_left(talk: Callable[[socket.socket], None]) -> None:
    begun = time.monotonic()
    with server(talk) as port, pytest.raises(DeliveryError) as caught:
        HttpClient(total_seconds=SECONDS).post(Secret(f"http://127.0.0.1:{port}/"), b"{}", {})
    assert time.monotonic() - begun < SECONDS + 30
    assert (caught.value.kind, caught.value.may_have_arrived) == (FailureKind.LATER, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "talk",
    [
        again_and_again(b"2"),
        again_and_again(b"220-x\r\n"),
        again_and_again(b"220-" + b"x" * 8000 + b"\r\n", pause=0),
        again_and_again(b"250-x\r\n", b"220 x\r\n"),
        again_and_again(b"x" * 10_000, pause=0),
    ],
    ids=[
        "a byte of a greeting",
        "lines of a greeting",
        "lines without pause",
        "lines of an answer",
        "a line without end",
    ],
)
def test_a_mail_server_that_never_ends_is_left_and_tried_later(talk: Callable[[socket.socket], None]) -> None:
    """Slow: what never ends is waited for."""
    place = MailPlace(sender=mail_address("a@example.com"), recipients=(mail_address("b@example.com"),))
    begun = time.monotonic()
    with server(talk) as port:
        there = MailServer(host="127.0.0.1", port=port, security=MailSecurity.PLAIN, timeout_seconds=SECONDS)
        with pytest.raises(DeliveryError) as caught:
            Mail(there, place).send(attempt())
    assert time.monotonic() - begun < 3 * SECONDS + 30
    assert caught.value.kind is FailureKind.LATER
