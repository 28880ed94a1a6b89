"""One set of connections and one TLS context for all clients of a session."""

import os
import socket
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from botocore import exceptions as known
from botocore.awsrequest import AWSHTTPConnectionPool, AWSHTTPSConnectionPool, AWSPreparedRequest, AWSResponse
from botocore.httpsession import ProxyConfiguration, create_urllib3_context, get_cert_path, mask_proxy_url
from botocore.utils import get_environ_proxies
from urllib3 import exceptions as raised

from sakimori.aws.settings import DoorSettings
from sakimori.model.errors import AccessError

_HOSTS: Final = 500
"""Hosts whose connections are kept: services times Regions of a whole run."""


# The first that fits; in urllib3 1.26 a NewConnectionError is a ConnectTimeoutError too.
_ERRORS: Final = (
    (raised.SSLError, known.SSLError),
    (raised.NewConnectionError, known.EndpointConnectionError),
    (raised.ProxyError, known.ProxyConnectionError),
    (raised.ConnectTimeoutError, known.ConnectTimeoutError),
    (raised.ReadTimeoutError, known.ReadTimeoutError),
    (raised.ProtocolError, known.ConnectionClosedError),
)


class Transport:
    """Sends the requests of every client of one botocore session.

    botocore gives each client its own connections, and reads the file of certificate
    authorities again for each connection (tens of milliseconds of CPU). Here it is read
    once. Proxies follow the environment as botocore's do. Unlike botocore's, a body
    shorter than its Content-Length is an error and not an answer. Thread-safe.
    """

    def __init__(self, *, ca_bundle: str, settings: DoorSettings) -> None:
        self._options: dict[str, Any] = {
            "num_pools": _HOSTS,
            "maxsize": settings.connections,
            "ssl_context": tls_context(ca_bundle),
            "cert_reqs": "CERT_REQUIRED",
            # As botocore has it. Behind a proxy urllib3 leaves Nagle's algorithm on: a request's body, sent after its
            # head, then waits for the proxy's acknowledgement, 40 ms for each call that has one.
            "socket_options": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            "timeout": urllib3.Timeout(
                connect=settings.connect_timeout_seconds, read=settings.read_timeout_seconds
            ),
        }  # fmt: skip
        self._direct = _with_botocore_pools(urllib3.PoolManager(**self._options))
        self._proxied: dict[str, urllib3.PoolManager] = {}
        self._proxy_of_host: dict[str, str] = {}

    def send(self, request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        """The answer; a handler of botocore's event `before-send`. Raises botocore's own errors of transport."""
        url = str(request.url)
        proxy = self._proxy_for(url)
        try:
            return self._send(request, url, proxy)
        except raised.HTTPError as error:
            for theirs, ours in _ERRORS:
                if isinstance(error, theirs):
                    raise ours(
                        endpoint_url=url, error=error, request=request, proxy_url=mask_proxy_url(proxy)
                    ) from error
            raise known.HTTPClientError(error=error) from error

    def close(self) -> None:
        """Closes the connections that are kept."""
        for manager in (self._direct, *self._proxied.values()):
            manager.clear()

    def _send(self, request: AWSPreparedRequest, url: str, proxy: str) -> AWSResponse:
        pool = (self._through(proxy) if proxy else self._direct).connection_from_url(url)
        raw = pool.urlopen(
            str(request.method), _target(url, proxy), body=request.body, headers=request.headers,
            retries=False, redirect=False, assert_same_host=False,
            preload_content=False, decode_content=False, enforce_content_length=True,
        )  # fmt: skip
        response = AWSResponse(url, raw.status, raw.headers, raw)
        if not request.stream_output:
            _ = response.content  # reads the body, so that the connection goes back to its pool
        return response

    def _proxy_for(self, url: str) -> str:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._proxy_of_host:
            proxies = ProxyConfiguration(proxies=get_environ_proxies(url))
            self._proxy_of_host[host] = proxies.proxy_url_for(url) or ""
        return self._proxy_of_host[host]

    def _through(self, proxy: str) -> urllib3.PoolManager:
        if proxy not in self._proxied:
            headers = ProxyConfiguration(proxies={"https": proxy}).proxy_headers_for(proxy)
            manager = urllib3.ProxyManager(proxy, proxy_headers=headers, **self._options)
            # setdefault: of two threads that come first together, both must use the same connections.
            self._proxied.setdefault(proxy, _with_botocore_pools(manager))
        return self._proxied[proxy]


def tls_context(ca_bundle: str) -> ssl.SSLContext:
    """botocore's TLS settings with the authorities of `ca_bundle` (a file or directory; "" for the built-in ones)."""
    context = create_urllib3_context()
    path = Path(ca_bundle or str(get_cert_path(verify=True)))
    try:
        if path.is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        raise AccessError("aws.ca_bundle_unreadable", file=path, reason=error.strerror or "") from error
    return context


def ca_bundle_of(configured: object) -> str:
    """The path that botocore would use: AWS_CA_BUNDLE or the profile's `ca_bundle`, else REQUESTS_CA_BUNDLE."""
    return str(configured or os.environ.get("REQUESTS_CA_BUNDLE", ""))


def _with_botocore_pools(manager: urllib3.PoolManager) -> urllib3.PoolManager:
    # botocore's connections know how to wait for "100 Continue".
    manager.pool_classes_by_scheme = {"http": AWSHTTPConnectionPool, "https": AWSHTTPSConnectionPool}
    return manager


def _target(url: str, proxy: str) -> str:
    """What stands in the request line: a proxy of plain HTTP wants the whole URL."""
    parts = urlsplit(url)
    if proxy and parts.scheme == "http":
        return url
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
