import socket
import ssl
import threading
from pathlib import Path

import pytest
from tests.certificates import certificate

from sakimori.model.errors import UsageError
from sakimori.outputs.notify import http_client
from sakimori.outputs.notify.channel import DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.http_client import HttpClient, HttpReply, check_status, checked_url, retry_after

from .sinks import Answer, HttpSink

HIDDEN = "hidden" + "-part"


def post(url: str, http: HttpClient | None = None) -> HttpReply:
    return (http or HttpClient(total_seconds=5)).post(Secret(url), b"{}", {"Content-Type": "application/json"})


def failure(url: str, http: HttpClient | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        post(url, http)
    assert HIDDEN not in f"{caught.value!r} {caught.value.reason} {caught.value.__context__!r}"[:200]
    return caught.value


def test_redirect_is_not_followed(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(status=307, headers={"Location": f"{sink.url}/elsewhere"}))
    assert post(f"{sink.url}/hook/{HIDDEN}").status == 307
    assert len(sink.requests) == 1


def test_answer_is_cut(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(body=b"x" * 1_000_000))
    assert len(post(f"{sink.url}/hook").body) == 65_536


def test_closed_port_cannot_have_taken_anything() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}/{HIDDEN}")
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, False)
    assert error.reason == "127.0.0.1: NewConnectionError"


def test_lost_answer_may_have_arrived_and_is_not_sent_again(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(hangs_up=True, takes=True))
    error = failure(f"{sink.url}/hook/{HIDDEN}")
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, True)
    assert len(sink.requests) == 1


def test_server_that_says_nothing_is_left(sink: HttpSink) -> None:
    sink.answer_next("/hook", Answer(waits_seconds=1.0))
    error = failure(f"{sink.url}/hook", HttpClient(total_seconds=0.2))
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, True)


@pytest.mark.slow
def test_server_that_drips_is_left() -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
                try:
                    while not done.wait(0.05):
                        connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        error = failure(f"http://127.0.0.1:{server.getsockname()[1]}/", HttpClient(total_seconds=0.5))
        done.set()
        thread.join()
    assert error.kind is FailureKind.LATER


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, "never"),
        (400, "never"),
        (401, "never"),
        (404, "never"),
        (410, "never"),
        (408, "later"),
        (429, "later"),
        (500, "later"),
        (503, "later"),
    ],
)
def test_status_says_whether_to_try_again(status: int, kind: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        check_status(HttpReply(status=status, headers={"retry-after": "7"}, body=b""), "example.com")
    assert caught.value.kind == kind
    assert caught.value.retry_after_seconds == (7.0 if kind == "later" else 0.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "86400"}, 3600),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "nan"}, 0),
        ({"retry-after": "inf"}, 3600),
        ({"retry-after": "soon"}, 0),
        ({}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 05:02:30 GMT", "date": "Mon, 23 Nov 2026 05:02:00 GMT"}, 30),
        ({"retry-after": "Mon, 23 Nov 2026 05:02:30 GMT"}, 0),
    ],
)
def test_time_to_wait_is_read_and_bounded(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("url", ["http://example.com/" + HIDDEN, "ftp://example.com/" + HIDDEN, "example.com/" + HIDDEN, "https:///" + HIDDEN, "https://example.com:x/" + HIDDEN, "https://[::1/" + HIDDEN, "https://例え.jp/" + HIDDEN])  # fmt: skip
def test_address_that_is_not_encrypted_or_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_url(Secret(url))
    assert HIDDEN not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:9/x"]
)
def test_encrypted_address_or_loopback_is_taken(url: str) -> None:
    assert checked_url(Secret(url)).reveal() == url


@pytest.fixture
def secure(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path)


def test_certificate_that_nobody_vouches_for_is_refused_for_good(secure: tuple[Path, ssl.SSLContext]) -> None:
    with HttpSink(tls=secure[1]) as sink:
        error = failure(f"{sink.url}/{HIDDEN}")
    assert (error.kind, error.reason, error.may_have_arrived) == (
        FailureKind.NEVER,
        "127.0.0.1: SSLCertVerificationError",
        False,
    )


def test_authorities_are_those_of_calls_to_aws(
    secure: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(secure[0]))
    with HttpSink(tls=secure[1]) as sink:
        assert post(f"{sink.url}/hook").status == 204


def test_proxy_of_the_environment_is_used_but_never_for_loopback(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", sink.url.replace("http://", "http://user:pass@"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert post(f"{sink.url}/hook").status == 204
    # The sink speaks no CONNECT; that it was asked is all that counts. The address is of no machine (RFC 5737).
    error = failure(f"https://192.0.2.1/{HIDDEN}")
    assert (error.kind, error.may_have_arrived) == (FailureKind.LATER, False)
    assert error.reason.startswith("192.0.2.1: ")
    monkeypatch.setenv("no_proxy", "192.0.2.1")
    assert http_client._proxy_for("https", "192.0.2.1") == ""
