"""Requests to the places that take messages: bounded in time and size, never redirected, never logged."""

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import exceptions as raised

from sakimori.model.errors import UsageError
from sakimori.outputs.notify.bounded_reading import Allowance, bounded_pools
from sakimori.outputs.notify.channel import DeliveryError, FailureKind
from sakimori.outputs.notify.credentials import Secret
from sakimori.outputs.notify.unlogged import unlogged

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 20.0
_LONGEST_WAIT_SECONDS: Final = 3600.0
_CHUNK_BYTES: Final = 16_384
_SMALL_BYTES: Final = 65_536
_HEADS_BYTES: Final = 1_000_000

_SUCCESS: Final = range(200, 300)
_LATER: Final = frozenset({408, 425, 429})
_SERVER_ERRORS: Final = range(500, 600)

# Of a request that failed before a connection stood, nothing can have arrived.
_NOT_SENT: Final = (
    raised.NewConnectionError, raised.ConnectTimeoutError, raised.ProxyError, raised.SSLError,
    raised.LocationParseError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """An answer, whatever its status. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """Posts to addresses that are secrets: no error, log or repr tells more of them than the host.

    Proxies, and the file of certificate authorities, come from the environment as they do for calls to AWS; a
    loopback address is always reached directly. Sends one request at a time, and none twice.
    """

    def __init__(self, *, connect_seconds: float = CONNECT_SECONDS, total_seconds: float = TOTAL_SECONDS) -> None:
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._tls: ssl.SSLContext | None = None

    def post(
        self, url: Secret, body: bytes, headers: Mapping[str, str], *, limit_bytes: int = _SMALL_BYTES
    ) -> HttpReply:
        """The answer, its body cut at `limit_bytes`; DeliveryError where none came.

        A redirect is an answer like any other: a secret must not be carried on to another host.
        """
        address = url.reveal()
        host = host_of(address)
        started = time.monotonic()
        with unlogged():
            try:
                return self._request(address, body, headers, deadline=started + self._total_seconds, limit=limit_bytes)
            except (raised.HTTPError, OSError, ValueError) as error:
                raise _not_answered(error, host) from None

    def _request(
        self, address: str, body: bytes, headers: Mapping[str, str], *, deadline: float, limit: int
    ) -> HttpReply:
        # Heads count too; http.client takes a hundred lines of 64 KiB of them.
        allowance = Allowance(deadline=deadline, bytes_left=limit + _HEADS_BYTES)
        with self._connections(address) as manager:
            manager.pool_classes_by_scheme = bounded_pools(allowance)
            response = manager.request(
                "POST", address, body=body, headers={"User-Agent": "sakimori", **headers},
                retries=False, redirect=False, preload_content=False, decode_content=False,
                timeout=urllib3.Timeout(connect=self._connect_seconds, total=self._total_seconds),
            )  # fmt: skip
            try:
                content = _read(response, deadline, limit)
            finally:
                response.close()
        names = {str(name).lower(): str(value) for name, value in response.headers.items()}
        return HttpReply(status=response.status, headers=names, body=content)

    def _connections(self, address: str) -> urllib3.PoolManager:
        parts = urlsplit(address)
        secure: dict[str, Any] = {}
        if parts.scheme == "https":
            secure = {"ssl_context": self._context(), "cert_reqs": "CERT_REQUIRED"}
        proxy = _proxy_for(parts.scheme, parts.hostname or "")
        return (
            urllib3.ProxyManager(proxy, proxy_headers=_sign_in(proxy), **secure)
            if proxy
            else urllib3.PoolManager(**secure)
        )

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = verified_tls()
        return self._tls


def verified_tls() -> ssl.SSLContext:
    """A context that checks certificate and name, with the authorities that calls to AWS trust."""
    from sakimori.aws.transport import ca_bundle_of, tls_context  # noqa: PLC0415 - botocore is slow to load

    context = tls_context(ca_bundle_of(os.environ.get("AWS_CA_BUNDLE")))
    context.check_hostname = True
    return context


def checked_url(url: Secret) -> Secret:
    """`url` where it is an https address, or http to loopback; UsageError, without the address, otherwise."""
    try:
        parts = urlsplit(url.reveal())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("notify_channels.url_malformed") from None
    if parts.scheme not in {"http", "https"} or not host or not url.reveal().isascii() or " " in url.reveal():
        raise UsageError("notify_channels.url_malformed")
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError("notify_channels.url_not_https", host=host)
    return url


def host_of(url: str) -> str:
    """The host, which is all of an address that may be told."""
    try:
        return (urlsplit(url).hostname or "")[:100]
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("example.com")
    (True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_status(reply: HttpReply, host: str) -> None:
    """DeliveryError for every status that is not 2xx: later for 408, 425, 429 and 5xx, never for the others."""
    if reply.status in _SUCCESS:
        return
    later = reply.status in _LATER or reply.status in _SERVER_ERRORS
    raise DeliveryError(
        FailureKind.LATER if later else FailureKind.NEVER,
        f"{host}: HTTP {reply.status}",
        retry_after(reply.headers) if later else 0.0,
        # A gateway in front may have lost the answer of a server that took it.
        may_have_arrived=reply.status in _SERVER_ERRORS,
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds to wait, at most an hour; 0 where nothing that can be read is said (RFC 9110, 10.2.3).

    >>> retry_after({"retry-after": "30"})
    30.0
    """
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            # Both are the server's clock, so that ours may be wrong.
            seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])).total_seconds()
        except (KeyError, ValueError, TypeError, IndexError, OverflowError):
            return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if seconds == seconds else 0.0  # noqa: PLR0124 - not a NaN


def _read(response: Any, deadline: float, limit: int) -> bytes:
    # read1 gives what has come; read waits for all that was asked for (urllib3 1.26 has no read1).
    take = getattr(response, "read1", response.read)
    content = bytearray()
    while len(content) < limit:
        if time.monotonic() > deadline:
            # Each read has its own limit; a server that sends a byte now and then keeps within it.
            raise TimeoutError
        chunk = take(min(_CHUNK_BYTES, limit - len(content)))
        if not chunk:
            break
        content += chunk
    return bytes(content)


def _not_answered(error: Exception, host: str) -> DeliveryError:
    cause = error.original_error if isinstance(error, raised.ProxyError) else error
    refused = isinstance(cause, raised.SSLError) and isinstance(
        next(iter(cause.args), None), ssl.SSLCertVerificationError
    )
    malformed = isinstance(error, ValueError)  # of urllib3, LocationParseError is one
    return DeliveryError(
        FailureKind.NEVER if refused or malformed else FailureKind.LATER,
        f"{host}: {'SSLCertVerificationError' if refused else type(error).__name__}",
        may_have_arrived=not (malformed or isinstance(error, _NOT_SENT)),
    )


def _proxy_for(scheme: str, host: str) -> str:
    if is_loopback(host) or proxy_bypass(host):
        return ""
    return getproxies().get(scheme, "")


def _sign_in(proxy: str) -> Mapping[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    return urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
