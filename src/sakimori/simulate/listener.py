"""A threaded HTTP/1.1 listener on 127.0.0.1 that keeps connections open and can drop them.

Werkzeug's own handler closes the connection after every answer, which costs an SDK a new
connection for each call; this one reads the whole request, so that the next may follow.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.http import http_date
from werkzeug.serving import ThreadedWSGIServer

from sakimori.simulate.call import Answer, CutConnectionError

HOST: Final = "127.0.0.1"
_MAX_BODY_BYTES: Final = 256 * 1024 * 1024
_TOO_LARGE: Final = Answer(status=413)
_NO_TUNNEL: Final = Answer(status=403)

Respond = Callable[[Mapping[str, Any], bytes], Answer]
"""Takes a WSGI environment and the whole body; CutConnectionError drops the connection."""


class Listener:
    """Serves `respond` from its own threads between `start` and `stop`; every answer tells the time of `clock`."""

    def __init__(self, respond: Respond, port: int = 0, *, clock: Callable[[], datetime]) -> None:
        self._server = _Server(respond, port, clock)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def start(self) -> None:
        """Serve; the port is open since the listener was made."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every open connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.drop_connections(wait_seconds=2.0)


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without this the second small write of an answer waits for the client's delayed ACK: 40 ms a call.
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        server = self.server
        assert isinstance(server, _Server)  # noqa: S101 - narrows the type of the attribute
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = environ = self.make_environ()
        body = self._body(environ)
        if body is None:
            self.close_connection = True
            return self._send(_TOO_LARGE)
        try:
            answer = server.respond(environ, body)
        except CutConnectionError:
            self.close_connection = True
            return None
        return self._send(answer)

    def do_CONNECT(self) -> None:  # noqa: N802 - http.server's name for a verb
        """Whoever uses the listener as a proxy reaches nothing else through it."""
        self.close_connection = True
        self._send(_NO_TUNNEL)

    def _body(self, environ: Mapping[str, Any]) -> bytes | None:
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):
            data = stream.read(_MAX_BODY_BYTES + 1)
            return data if len(data) <= _MAX_BODY_BYTES else None
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            return None
        return stream.read(int(length))

    def _send(self, answer: Answer) -> None:
        server = self.server
        assert isinstance(server, _Server)  # noqa: S101 - narrows the type of the attribute
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        named = {name.lower() for name, _ in answer.headers}
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in ("connection", "transfer-encoding") and (
                name.lower() != "content-length" or self.command == "HEAD"
            ):
                self.send_header(name, value.replace("\r", "").replace("\n", ""))
        if "date" not in named:
            self.send_header("Date", http_date(server.clock()))
        if self.command != "HEAD" or "content-length" not in named:
            self.send_header("Content-Length", str(0 if bodiless else len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not bodiless:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own signature
        """Stay quiet: the recorder knows every call."""


class _Server(ThreadedWSGIServer):
    # A run opens some hundred connections at once; the default backlog of 128 would reset some.
    request_queue_size = 1024

    def __init__(self, respond: Respond, port: int, clock: Callable[[], datetime]) -> None:
        self.respond, self.clock = respond, clock
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(HOST, port, _no_wsgi, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def drop_connections(self, *, wait_seconds: float) -> None:
        """End the threads that wait on idle connections; each then closes its own socket."""
        with self._changed:
            waiting = tuple(self._open)
        for connection in waiting:
            with contextlib.suppress(OSError):  # its client may be faster
                connection.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._changed.wait_for(lambda: not self._open, timeout=wait_seconds)


def _no_wsgi(_environ: Any, _start_response: Any) -> Any:
    raise NotImplementedError
