import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.certificates import certificate

from sakimori.aws.account import BotoDoor, open_account
from sakimori.aws.session import open_session
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.transport import Transport
from sakimori.model.errors import AccessError

from .conftest import Answered, FakeAws

QUICK = Clock(sleep=lambda _: None)


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    return certificate(tmp_path)


@pytest.fixture
def authority(certified: tuple[Path, ssl.SSLContext]) -> Path:
    """The file that a client must trust."""
    return certified[0]


@pytest.fixture
def secure_aws(certified: tuple[Path, ssl.SSLContext]) -> Iterator[FakeAws]:
    fake = FakeAws()
    _, context = certified
    fake.server.socket = context.wrap_socket(fake.server.socket, server_side=True)
    fake.server.handle_error = lambda *_: None  # a client that refuses the certificate hangs up
    fake.thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    fake.thread.join()


def open_secure(fake: FakeAws) -> BotoDoor:
    settings = DoorSettings(endpoint_url=fake.url.replace("http:", "https:"))
    return open_account(open_session(), settings=settings, clock=QUICK)


def test_authorities_of_the_environment_are_trusted(
    secure_aws: FakeAws, authority: Path, keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    assert open_secure(secure_aws).account.regions == ("ap-northeast-1", "us-east-1")


def test_unknown_authority_is_not_trusted_and_not_tried_again(secure_aws: FakeAws, keys: None) -> None:
    with pytest.raises(AccessError) as raised:
        open_secure(secure_aws)
    assert raised.value.values["code"] == "SSLError"
    assert secure_aws.asked == []


@pytest.mark.slow
def test_file_of_authorities_is_read_once_for_all_clients(
    secure_aws: FakeAws, authority: Path, keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    read: list[object] = []
    original = ssl.SSLContext.load_verify_locations

    def count(self: ssl.SSLContext, *places: object, **named: object) -> None:
        read.append(places or named)
        original(self, *places, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", count)
    secure_aws.answer("ListTables", Answered('{"TableNames": []}'))
    door = open_secure(secure_aws)
    for region in ("us-east-1", "us-east-2", "eu-west-1"):
        for operation in ("sts:GetCallerIdentity", "ec2:DescribeRegions", "dynamodb:ListTables"):
            door.call(operation, region, {})
    assert door.statistics().clients >= 2
    assert len(read) == 1


@pytest.mark.slow
def test_connections_are_shared_by_all_clients(fake_aws: FakeAws, keys: None) -> None:
    door = open_account(open_session(), settings=DoorSettings(endpoint_url=fake_aws.url), clock=QUICK)
    for region in ("us-east-1", "us-east-2", "eu-west-1"):
        door.call("sts:GetCallerIdentity", region, {})
    ports = {one.headers["Peer-Port"] for one in fake_aws.asked}
    assert len(ports) == 1


def test_proxy_of_the_environment_is_used(fake_aws: FakeAws, keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", fake_aws.url.replace("//", "//me:mine@"))
    monkeypatch.setenv("http_proxy", fake_aws.url.replace("//", "//me:mine@"))
    settings = DoorSettings(endpoint_url="http://aws.invalid")
    assert open_account(open_session(), settings=settings, clock=QUICK).account.partition == "aws"
    assert {one.target for one in fake_aws.asked} == {"http://aws.invalid/"}
    assert fake_aws.asked[0].headers["Proxy-Authorization"].startswith("Basic ")


@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:1"])
def test_a_body_does_not_wait_for_its_head_to_be_acknowledged(proxy: str) -> None:
    transport = Transport(ca_bundle="", settings=DoorSettings())
    manager = transport._through(proxy) if proxy else transport._direct
    options = manager.connection_from_url("http://aws.invalid/").conn_kw["socket_options"]
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options


def test_proxy_that_is_away_is_named_without_its_password(keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://me:mine@127.0.0.1:1")
    with pytest.raises(AccessError) as raised:
        open_account(open_session(), settings=DoorSettings(endpoint_url="https://aws.invalid"), clock=QUICK)
    assert raised.value.text == "aws.unreachable"
    assert raised.value.values["code"] == "ProxyConnectionError"
    assert "mine" not in str(raised.value)


def test_silence_is_a_read_timeout(fake_aws: FakeAws, keys: None) -> None:
    release = threading.Event()

    def wait(_: object) -> object:
        release.wait(60)
        raise ConnectionAbortedError

    fake_aws.server.handle_error = lambda *_: None
    fake_aws.answers["GetCallerIdentity"] = wait  # type: ignore[assignment]
    settings = DoorSettings(endpoint_url=fake_aws.url, read_timeout_seconds=0.05, transient_tries=2)
    with pytest.raises(AccessError) as raised:
        open_account(open_session(settings=settings), settings=settings, clock=QUICK)
    release.set()
    assert raised.value.values["code"] == "ReadTimeoutError"
    assert fake_aws.count("GetCallerIdentity") == 2
