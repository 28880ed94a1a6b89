"""A small AWS on loopback whose every answer a test decides, and a machine without any credentials."""

import base64
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sakimori.aws.open_session import OpenSession
from sakimori.aws.session import open_session

ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `operation` is the Action of a query, the end of X-Amz-Target, or else `GET /path`."""

    operation: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str


@dataclass(frozen=True, slots=True)
class Answered:
    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


Answerer = Callable[[Asked], Answered]


class FakeAws:
    """Serves `answer`; what was asked stands in `asked`, in order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Answerer] = {
            "GetCallerIdentity": lambda _: Answered(caller_identity()),
            "DescribeRegions": lambda _: Answered(regions()),
        }
        self.lock = threading.Lock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                fake.handle(self)

            do_GET = do_POST = do_PUT = do_HEAD = handle_any  # noqa: N815 - the server's names

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def count(self, operation: str) -> int:
        with self.lock:
            return sum(one.operation == operation for one in self.asked)

    def answer(self, operation: str, answerer: Answerer | Answered) -> None:
        self.answers[operation] = answerer if callable(answerer) else lambda _: answerer

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        operation = form.get("Action") or handler.headers.get("X-Amz-Target", "").rpartition(".")[2]
        asked = Asked(
            operation=operation or f"{handler.command} {handler.path.partition('?')[0]}",
            parameters=form, headers=dict(handler.headers.items()) | {"Peer-Port": str(handler.client_address[1])}, body=body, target=handler.path,
        )  # fmt: skip
        with self.lock:
            self.asked.append(asked)
        missing = Answered(error_xml("InvalidAction", "not in this test"), 400)
        answered = self.answers.get(asked.operation, lambda _: missing)(asked)
        if answered.hang_up:
            handler.close_connection = True
            handler.connection.close()
            return
        data = answered.body.encode() if isinstance(answered.body, str) else answered.body
        handler.send_response(answered.status)
        for name, value in ({"Content-Length": str(len(data))} | answered.headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)


def caller_identity(partition: str = "aws", account: str = ACCOUNT) -> str:
    return (
        "<GetCallerIdentityResponse><GetCallerIdentityResult>"
        f"<Arn>arn:{partition}:iam::{account}:user/auditor</Arn><UserId>U</UserId><Account>{account}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def regions(**status_by_name: str) -> str:
    wanted = status_by_name or {"us-east-1": "opt-in-not-required", "ap-northeast-1": "opt-in-not-required"}
    items = "".join(
        f"<item><regionName>{name.replace('_', '-')}</regionName><optInStatus>{status}</optInStatus></item>"
        for name, status in wanted.items()
    )
    return f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"


def error_xml(code: str, message: str = "no") -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


def error_json(code: str, message: str = "no") -> str:
    return f'{{"__type": "{code}", "message": "{message}"}}'


def key_id_of(account: str, prefix: str = "AKIA") -> str:
    """An access key id of the form that AWS gives to `account`; it opens nothing."""
    number = (int(account) << 7) | 1 << 47
    return prefix + base64.b32encode(number.to_bytes(6, "big") + b"\x11" * 4).decode()


@pytest.fixture
def fake_aws() -> Iterator[FakeAws]:
    fake = FakeAws()
    fake.thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    fake.thread.join()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home without AWS configuration; ~/.aws/config is the given path's `config`."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy") or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


@pytest.fixture
def keys(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long-term keys in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key_id_of(ACCOUNT))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s" * 40)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def session(keys: None) -> OpenSession:
    return open_session()
