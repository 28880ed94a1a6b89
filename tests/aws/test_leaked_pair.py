"""A leaked pair is asked who it is, and nothing else; and an address leads to AWS alone."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sakimori.aws.fetching import Fetcher
from sakimori.aws.leaked_pair import LeakedPair, who_is
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.transport import Transport
from sakimori.model.words import GapKind
from sakimori.simulate.server import SimulatedAccount

SETTINGS = DoorSettings()


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as made:
        yield made


def test_a_pair_that_works_says_who_it_is_with_one_call(account: SimulatedAccount) -> None:
    key = account.credentials("owner")
    account.forget_calls()
    arn = who_is(
        LeakedPair(key_id=key.access_key_id, secret=key.secret_access_key),
        settings=DoorSettings(endpoint_url=account.endpoint_url),
    )
    assert arn is not None
    assert arn.startswith("arn:aws:iam::")
    assert [call.operation for call in account.calls] == ["GetCallerIdentity"]


def test_a_pair_that_aws_does_not_know_is_dead(account: SimulatedAccount) -> None:
    pair = LeakedPair(key_id="AKIA" + "Q" * 16, secret="x" * 40)
    assert who_is(pair, settings=DoorSettings(endpoint_url=account.endpoint_url)) is None


def test_where_nobody_answers_nothing_is_known() -> None:
    pair = LeakedPair(key_id="AKIA" + "Q" * 16, secret="x" * 40)
    with pytest.raises(Refusal):
        who_is(pair, settings=DoorSettings(endpoint_url="http://127.0.0.1:9", connect_timeout_seconds=1))


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if not self.path.startswith("/gone") else 403)
        self.send_header("Content-Length", "2000" if self.path.startswith("/half") else "1000")
        self.end_headers()
        self.wfile.write(b"x" * 1000)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its own form
        pass


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


TRANSPORT = Transport(ca_bundle="", settings=SETTINGS)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    TRANSPORT.close()


def fetcher(endpoint: str) -> Fetcher:
    return Fetcher(TRANSPORT, endpoint)


@pytest.mark.slow
def test_what_lies_there_is_fetched(place: str) -> None:
    assert fetcher(place).fetch(f"{place}/layer?signature=1", 1000) == b"x" * 1000


def test_more_than_the_bound_is_refused(place: str) -> None:
    with pytest.raises(Refusal, match="TooLarge"):
        fetcher(place).fetch(f"{place}/layer", 999)


def test_bytes_that_come_too_slowly_are_given_up(place: str) -> None:
    seconds = iter(range(0, 100_000, 90))
    slow = Fetcher(TRANSPORT, place, Clock(monotonic=lambda: float(next(seconds))))
    with pytest.raises(Refusal, match="TooSlow"):
        slow.fetch(f"{place}/layer", 1000)


def test_a_connection_that_is_lost_is_told_without_the_address(place: str) -> None:
    with pytest.raises(Refusal) as refused:
        fetcher(place).fetch(f"{place}/half?signature=hidden", 2000)
    assert (refused.value.kind, refused.value.message) == (GapKind.UNREACHABLE, "")


def test_a_refusal_is_told_without_the_address(place: str) -> None:
    with pytest.raises(Refusal) as refused:
        fetcher(place).fetch(f"{place}/gone?signature=hidden", 1000)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/x", "http://bucket.s3.amazonaws.com/x", "https://amazonaws.com.example.com/x",
        "file:///etc/passwd", "https://evilamazonaws.com/x", "https://[::1", "",
    ],
)  # fmt: skip
def test_no_answer_leads_elsewhere_than_to_aws(url: str) -> None:
    with pytest.raises(Refusal, match="NotAws"):
        fetcher("").fetch(url, 1000)


def test_a_session_that_was_handed_in_has_no_way() -> None:
    with pytest.raises(Refusal, match="NoTransport"):
        Fetcher(None, "").fetch("https://x.amazonaws.com/1", 1)
