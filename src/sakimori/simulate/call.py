"""One request to the simulated account, as every part of the layer sees it, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One signed (or unsigned) request.

    `service` and `operation` are boto3's names, "" where they could not be recognised.
    `region` is the signed one, "" for an unsigned request. `environ` is the WSGI
    environment without its input stream, which stands whole in `body`.
    """

    service: str
    operation: str
    region: str
    access_key_id: str
    session_token: str
    environ: Mapping[str, object]
    body: bytes

    @property
    def name(self) -> str:
        """`service:Operation`."""
        return f"{self.service}:{self.operation}"

    @property
    def method(self) -> str:
        """The HTTP verb in capitals."""
        return str(self.environ.get("REQUEST_METHOD", "GET"))

    @property
    def content_type(self) -> str:
        """The Content-Type header, "" where there is none."""
        return str(self.environ.get("CONTENT_TYPE", "") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer; Content-Length, Date and Connection are the listener's business."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class ServiceError(Exception):
    """AWS refuses: `code` and `message` as AWS words them, `status` of HTTP."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class CutConnectionError(ConnectionAbortedError):
    """The listener must drop the connection without an answer."""
