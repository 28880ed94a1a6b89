"""A reverse proxy that counts API calls and can hold each back, in a process of its own.

    python counting_proxy.py http://127.0.0.1:5000 --latency-ms 50

It prints its own URL on stdout and serves until it is ended. `GET /__calls__` answers
`{"calls": 12, "most_at_once": 4, "operations": {"s3 GET": 12}, "statuses": {"200": 12},
"lacking": {}}`; `?reset` answers the same and begins anew. Only loopback addresses are accepted.

It serves both as an endpoint (`AWS_ENDPOINT_URL`) and as a forward proxy (`HTTP_PROXY`). With
both set, boto3 leaves the resolution of names to it: for S3 Control it puts the account id
before the endpoint's host (`123456789012.127.0.0.1`), a name that no system resolves.

A 500 is what moto says of an operation that it does not have. Passed on as it is, it would
make boto3 wait and try again up to its limit, which AWS would not; so it is passed on as 501,
which is not retried, and counted under `lacking`.
"""

import argparse
import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

COUNTS_PATH: Final = "/__calls__"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
HEAD_LIMIT_BYTES: Final = 1 << 17
_SIGNED_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")


class Message(NamedTuple):
    """One HTTP/1.1 message; the body is kept as it came, chunk marks included."""

    start_line: str
    headers: dict[str, str]
    head: bytes
    body: bytes


@dataclass(slots=True)
class Tally:
    """What has passed since the last reset."""

    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    open_calls: int = 0
    most_at_once: int = 0

    def begin(self, request: Message) -> None:
        """Count a call on its arrival, before it is answered."""
        self.operations[operation_of(request)] += 1
        self.open_calls += 1
        self.most_at_once = max(self.most_at_once, self.open_calls)

    def as_json(self) -> bytes:
        """Return the counts so far."""
        counts = {"calls": self.operations.total(), "most_at_once": self.most_at_once,
                  "operations": dict(self.operations.most_common()), "statuses": dict(self.statuses),
                  "lacking": dict(self.lacking)}  # fmt: skip
        return json.dumps(counts).encode()


@dataclass(slots=True)
class Proxy:
    """Forwards every call to one upstream server, each client connection over one of its own."""

    upstream_host: str
    upstream_port: int
    latency_seconds: float
    tally: Tally = field(default_factory=Tally)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client connection until either side closes it."""
        upstream: asyncio.StreamWriter | None = None
        try:
            from_upstream, upstream = await asyncio.open_connection(
                self.upstream_host, self.upstream_port, limit=HEAD_LIMIT_BYTES
            )
            while (request := await read_message(reader)) is not None:
                if _target(request).startswith(COUNTS_PATH):
                    writer.write(self._counts(reset="reset" in _target(request)))
                else:
                    answer = await self._forward(request, from_upstream, upstream)
                    writer.write(answer.head + answer.body)
                    if answer.headers.get("connection", "").lower() == "close":
                        break
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # a client that leaves early, or a server that ends, ends this connection only
        finally:
            writer.close()
            if upstream is not None:
                upstream.close()

    async def _forward(
        self, request: Message, from_upstream: asyncio.StreamReader, upstream: asyncio.StreamWriter
    ) -> Message:
        self.tally.begin(request)
        try:
            await asyncio.sleep(self.latency_seconds)
            upstream.write(_in_origin_form(request) + request.body)
            await upstream.drain()
            answer = await read_message(from_upstream, no_body=request.start_line.startswith("HEAD "))
            if answer is None:
                raise ConnectionResetError(self.upstream_port)
            status = answer.start_line.split(" ")[1]
            self.tally.statuses[status] += 1
            if status == "500":
                self.tally.lacking[operation_of(request)] += 1
                return _not_implemented(answer)
            return answer
        finally:
            self.tally.open_calls -= 1

    def _counts(self, *, reset: bool) -> bytes:
        body = self.tally.as_json()
        if reset:
            self.tally = Tally()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def read_message(reader: asyncio.StreamReader, *, no_body: bool = False) -> Message | None:
    """Return the next message, or None where the connection ended between two."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise
        return None
    start_line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Message(start_line, headers, head, b"" if no_body else await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    ends_with_connection = headers.get("connection", "").lower() == "close" and "host" not in headers
    return await reader.read(-1) if ends_with_connection else b""


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    taken = bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        size_bytes = int(line.split(b";")[0], 16)
        taken += line + await reader.readexactly(size_bytes + 2)
        if size_bytes == 0:
            return bytes(taken)


def operation_of(request: Message) -> str:
    """`service Operation` where the protocol names it (Query, JSON), else `service METHOD`."""
    scope = _SIGNED_SCOPE.search(request.headers.get("authorization", ""))
    service = scope.group(1) if scope else "unsigned"
    if target := request.headers.get("x-amz-target"):
        return f"{service} {target.rpartition('.')[2]}"
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        actions = parse_qs(request.body.decode("latin-1")).get("Action", [])
        if actions:
            return f"{service} {actions[0]}"
    return f"{service} {request.start_line.partition(' ')[0]}"


def _in_origin_form(request: Message) -> bytes:
    """Give the head with a bare path in its first line, as an origin server expects it."""
    method, target, version = request.start_line.split(" ")
    if not target.startswith("http://"):
        return request.head
    path = "/" + target.removeprefix("http://").partition("/")[2]
    return f"{method} {path} {version}\r\n".encode("latin-1") + request.head.partition(b"\r\n")[2]


def _not_implemented(answer: Message) -> Message:
    _, _, rest = answer.head.partition(b"\r\n")
    return answer._replace(head=b"HTTP/1.1 501 Not Implemented\r\n" + rest)


def _target(request: Message) -> str:
    return request.start_line.split(" ")[1]


async def run(upstream_url: str, latency_ms: float) -> None:
    """Serve on a free loopback port until ended, and say on stdout where."""
    upstream = urlsplit(upstream_url)
    if upstream.hostname not in LOOPBACK:
        raise SystemExit(f"{upstream_url}: only a server on loopback may be measured")
    proxy = Proxy(upstream.hostname, upstream.port or 80, latency_ms / 1000)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=HEAD_LIMIT_BYTES, backlog=512)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}", flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("upstream_url")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    chosen = parser.parse_args()
    try:
        asyncio.run(run(chosen.upstream_url, chosen.latency_ms))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
